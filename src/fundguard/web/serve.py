"""`fundguard serve` and `fundguard worker`: the web server and the job worker, owned by one launcher."""

from __future__ import annotations

import ctypes
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from fundguard import __version__
from fundguard.errors import Refusal

GRACE = 10.0  # seconds a child may take to end
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
#: One process for both commands: loading Django is most of their time.
_PREPARE = """
import sys, django
django.setup()
from django.core.management import call_command
for command in sys.argv[1:]:
    name, *options = command.split()
    call_command(name, *options, verbosity=0)
"""


def serve(
    data: Path, host: str = "127.0.0.1", port: int = 8000, *, demo: bool = False, say: Callable[[str], None] = print
) -> int:
    """Bring the database up to date, then run web server and worker until interrupted; 0 after an orderly end."""
    if demo and host not in ("127.0.0.1", "localhost", "::1"):
        raise Refusal("演示模式只能绑定本机地址", seen=host, remedy="去掉 --host，或改用生产配置", exit_code=2)
    _refuse_taken(host, port)
    environment = _environment(data, demo)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = _only_worker(data)
    _prepare(data, demo, environment)
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    options = ["--blocking-threads", "4", "--no-access-log", "--log-level", "warning"]
    server = [*granian, *options, "fundguard.web.wsgi:application"]
    return _own(
        [_child(server, environment, held)],
        say,
        url=f"http://{host}:{port}/",
        then=lambda: _child(_manage("run_huey", "--quiet"), environment, held),
    )


def manage(data: Path, *arguments: str) -> int:
    """A management command over the site of this data folder; its exit code. What it says goes to the terminal."""
    return subprocess.run(_manage(*arguments), env=_environment(data, prepared_as_demo(data)), check=False).returncode


def prepared_as_demo(data: Path) -> bool:
    """Whether the folder holds a demonstration: no other database is named, and its own is there."""
    named = os.environ.get("FUNDGUARD_DATABASE") or os.environ.get("FUNDGUARD_DATABASE_FILE")
    return not named and (data / "app.sqlite3").exists()


def upgrade(data: Path, target: Path, say: Callable[[str], None] = print) -> int:
    """Bring an older site to this version: a backup into `target`, the database's changes, the ledger checked.

    Nothing may run on the data folder meanwhile. Where a change fails, those before it stay and the backup is the way
    back. Exit code 0, or that of the step which failed.
    """
    from fundguard.web.backup.services import backup

    held = _only_worker(data)
    try:
        told = backup(data, target)
        say(f"已备份到 {target.name}：台账 {told['ledger']['entries']} 行。")
        for command in (["prepare_database", "--upgrade"], ["verify_ledger"]):
            if code := manage(data, *command):
                say("没有升级成功。要退回，用升级前的版本运行 fundguard restore，把这份备份恢复到空文件夹。")
                return code
    finally:
        os.close(held)
    say(f"已升级到版本 {__version__}。")
    return 0


def worker(data: Path) -> int:
    """The job worker alone, for deployments that run the web server elsewhere."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = _only_worker(data)
    return _own([_child(_manage("run_huey"), _environment(data, demo=False), held)], print)


def _prepare(data: Path, demo: bool, environment: dict[str, str]) -> None:
    """Database and static files up to date; a demonstration that this version has prepared starts without it."""
    stamp = data / "prepared"
    migrations = sorted(path.name for path in Path(__file__).parent.glob("*/migrations/0*.py"))
    current = " ".join([__version__, *migrations])
    if demo and (data / "app.sqlite3").exists() and stamp.exists() and stamp.read_text() == current:
        return
    commands = ["prepare_database --upgrade", "seed_demo"] if demo else ["prepare_database", "collectstatic --noinput"]
    done = subprocess.run([sys.executable, "-c", _PREPARE, *commands], env=environment, check=False)
    if done.returncode:  # it has said why
        raise SystemExit(done.returncode)
    stamp.write_text(current)


def _only_worker(data: Path) -> int:
    """A lock on the data folder, held by this launcher and its children; a second worker would do jobs twice."""
    held = os.open(data / "worker.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(held)
        remedy = "一个数据文件夹只能有一个后台任务程序；请先停止另一个 fundguard serve 或 worker。"
        raise Refusal("另一个后台任务程序正在使用这个数据文件夹", where=data.name, remedy=remedy) from error
    return held


def _child(command: list[str], environment: dict[str, str], held: int) -> subprocess.Popen[bytes]:
    """A child that keeps the lock while it lives and, on Linux, is ended by the kernel when this launcher dies."""
    launcher, die_with_parent = os.getpid(), _die_with_parent()

    def before_it_begins() -> None:
        die_with_parent()
        if os.getppid() != launcher:  # it died before we asked
            os._exit(1)

    return subprocess.Popen(command, env=environment, pass_fds=[held], preexec_fn=before_it_begins)  # noqa: PLW1509


def _die_with_parent() -> Callable[[], object]:
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None, use_errno=True)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _refuse_taken(host: str, port: int) -> None:
    """A second launcher on the same port ends here, before it touches the data of the first."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            remedy = "用 --port 换一个端口，或先停止占用它的程序"
            raise Refusal("端口不可用", where=f"{host}:{port}", seen=error.strerror or "", remedy=remedy) from error


def _own(
    children: list[subprocess.Popen[bytes]],
    say: Callable[[str], None],
    *,
    url: str = "",
    then: Callable[[], subprocess.Popen[bytes]] | None = None,
) -> int:
    """Wait until a signal comes or a child ends; then end all children and no other process.

    `then` starts one child more once `url` answers: the first page does not wait for it.
    """
    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        if url and _answers(url + "login/", children, lambda: stopping):
            say(f"平台已启动：{url}（按 Ctrl+C 停止）")
            children = [*children, *([then()] if then else [])]
        while not stopping and all(child.poll() is None for child in children):
            time.sleep(0.2)
    finally:
        for child in children:
            if child.poll() is None:
                child.terminate()
        for child in children:
            _wait(child)
        for number, handler in previous.items():
            signal.signal(number, handler)
    return 0 if stopping else 1


def _answers(url: str, children: list[subprocess.Popen[bytes]], stopping: Callable[[], bool]) -> bool:
    """Any answer counts: in production this address is not one of the site's names, and plain HTTP is sent away."""
    parts = urlsplit(url)
    while not stopping() and all(child.poll() is None for child in children):
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
        try:
            connection.request("GET", parts.path, headers=_named())
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        else:
            return True
        finally:
            connection.close()
    return False


def _named() -> dict[str, str]:
    """By the site's first name where it is known here: another one would be written down as an attack."""
    name = os.environ.get("FUNDGUARD_HOSTS", "").partition(",")[0]
    return {"Host": name} if name and not name.startswith((".", "*")) else {}


def _wait(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(timeout=GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "fundguard.web.manage", *arguments]


def _environment(data: Path, demo: bool) -> dict[str, str]:
    settings = f"fundguard.web.settings.{'demo' if demo else 'production'}"
    return {**os.environ, "FUNDGUARD_DATA": str(data.resolve()), "DJANGO_SETTINGS_MODULE": settings}
