"""The launcher: one command that prepares the data folder and runs the site with its worker."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fundguard.errors import Refusal

_GRACE = 10  # seconds a child has to end before it is killed
_WORKER = "import pathlib, sys; from fundguard.web.serve import worker; sys.exit(worker(pathlib.Path(sys.argv[1])))"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(data: Path, host: str = "127.0.0.1", port: int = 8000, demo: bool = False) -> int:
    """Migrate, seed in demonstration mode, then run web server and worker until a signal or until one of them ends.

    Returns the exit code. Refused: a demonstration on an address others can reach, a port in use, a second worker.
    """
    if demo and host not in _LOOPBACK:
        raise Refusal(
            "演示模式只能在本机使用", where="--host", seen=host, remedy="去掉 --host，或以正式配置启动。", exit_code=2
        )
    _refuse_taken(host, port)
    _prepare(data, demo)
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    options = ["--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning"]
    commands = [
        [*granian, *options, "fundguard.web.wsgi:application"],
        [sys.executable, "-c", _WORKER, str(data)],
    ]
    return _run(commands, f"医保基金监管平台已启动：http://{host}:{port}/ （按 Ctrl+C 停止）")


def worker(data: Path) -> int:
    """Work through the queue of a data folder until a signal; a second worker there is refused. Returns the exit code.

    The profile is that of `serve` where it started this worker, otherwise production.
    """
    os.environ["FUNDGUARD_DATA"] = str(data.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fundguard.web.settings.production")
    import django

    django.setup()
    from django.conf import settings

    from fundguard.web.jobs import queue, services

    with _only_worker(settings.DATA / "worker.lock"):
        services.recover()
        queue.consume()
    return 0


def _prepare(data: Path, demo: bool) -> None:
    os.environ["FUNDGUARD_DATA"] = str(data.resolve())
    os.environ["DJANGO_SETTINGS_MODULE"] = f"fundguard.web.settings.{'demo' if demo else 'production'}"
    for folder in ("runs", "uploads"):
        (data / folder).mkdir(parents=True, exist_ok=True)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    if demo:
        call_command("seed_demo")
    else:
        call_command("collectstatic", verbosity=0, interactive=False)
    from django.db import connections

    connections.close_all()


def _run(commands: list[list[str]], greeting: str) -> int:
    """Own the children: when one ends or a signal arrives, all end."""
    asked: list[int] = []
    previous = {s: signal.signal(s, lambda number, _: asked.append(number)) for s in (signal.SIGINT, signal.SIGTERM)}
    children = [subprocess.Popen(command) for command in commands]  # noqa: S603 our own commands
    print(greeting, flush=True)
    try:
        while not asked and all(child.poll() is None for child in children):
            time.sleep(0.1)
        return 0 if asked else 1
    finally:
        for child in children:
            child.terminate()
        until = time.monotonic() + _GRACE
        for child in children:
            try:
                child.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for number, handler in previous.items():
            signal.signal(number, handler)


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise Refusal(
                "端口不可用",
                where=f"{host}:{port}",
                seen=fault.strerror or "",
                remedy="换一个端口（--port），或先停止占用它的程序。",
            ) from fault


@contextmanager
def _only_worker(lock: Path) -> Iterator[None]:
    """Hold the worker's lock; the system frees it even when the process is killed."""
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise Refusal(
                "后台任务进程已在运行", where=str(lock.parent), remedy="同一数据目录只能启动一个；请先停止正在运行的。"
            ) from fault
        yield
