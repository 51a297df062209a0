"""`fundguard serve` and `fundguard worker`: the web server and the job worker, owned by one launcher."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from fundguard.errors import Refusal

GRACE = 10.0  # seconds a child may take to end


def serve(data: Path, host: str = "127.0.0.1", port: int = 8000, *, demo: bool = False, say: Callable[[str], None] = print) -> int:
    """Bring the database up to date, then run web server and worker until interrupted; 0 after an orderly end."""
    if demo and host not in ("127.0.0.1", "localhost", "::1"):
        raise Refusal("演示模式只能绑定本机地址", seen=host, remedy="去掉 --host，或改用生产配置", exit_code=2)
    environment = _environment(data, demo)
    data.mkdir(parents=True, exist_ok=True)
    for command in (["migrate", "--verbosity", "0"], *([["seed_demo"]] if demo else [])):
        subprocess.run(_manage(*command), env=environment, check=True)
    server = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--blocking-threads", "4", "--no-access-log", "--log-level", "warning", "fundguard.web.wsgi:application"]  # fmt: skip
    children = [subprocess.Popen(server, env=environment), subprocess.Popen(_manage("run_huey", "--quiet"), env=environment)]
    return _own(children, f"http://{host}:{port}/", say)


def worker(data: Path) -> int:
    """The job worker alone, for deployments that run the web server elsewhere."""
    return _own([subprocess.Popen(_manage("run_huey"), env=_environment(data, demo=False))], None, print)


def _own(children: list[subprocess.Popen[bytes]], url: str | None, say: Callable[[str], None]) -> int:
    """Wait until a signal comes or a child ends; then end all children and no other process."""
    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        if url and _answers(url + "login/", children, lambda: stopping):
            say(f"平台已启动：{url}（按 Ctrl+C 停止）")
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
    while not stopping() and all(child.poll() is None for child in children):
        try:
            with urllib.request.urlopen(url, timeout=2):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    return False


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
