"""The launcher: one worker a data folder, and no child outlives it."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from fundguard.errors import Refusal
from fundguard.web import serve

#: A launcher whose two children sleep; it prints their numbers and waits.
LAUNCHER = """
import os, sys, time
from pathlib import Path
from fundguard.web import serve
held = serve._only_worker(Path(sys.argv[1]))
sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
print(*(serve._child(sleep, dict(os.environ), held).pid for _ in range(2)), flush=True)
time.sleep(60)
"""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture
def launcher(tmp_path: Path):
    process = subprocess.Popen([sys.executable, "-c", LAUNCHER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    children = [int(pid) for pid in process.stdout.readline().split()]
    yield process, children
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends the children of a killed parent")
def test_children_end_when_the_launcher_is_killed(launcher, tmp_path: Path) -> None:
    process, children = launcher
    assert all(alive(pid) for pid in children)
    os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in children)
    os.close(serve._only_worker(tmp_path))  # the lock went with them


def test_a_second_worker_on_the_same_data_is_refused(launcher, tmp_path: Path) -> None:
    for start in (lambda: serve.worker(tmp_path), lambda: serve.serve(tmp_path, port=0, demo=True)):
        with pytest.raises(Refusal, match="另一个后台任务程序") as refused:
            start()
        assert tmp_path.name in str(refused.value)
    assert {path.name for path in tmp_path.iterdir()} == {"worker.lock"}  # nothing was prepared


def test_the_lock_is_held_as_long_as_a_child_lives(tmp_path: Path) -> None:
    held = serve._only_worker(tmp_path)
    child = serve._child([sys.executable, "-c", "input()"], dict(os.environ), held)
    os.close(held)
    try:
        with (tmp_path / "worker.lock").open() as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        child.kill()
        child.wait()


class Refusing(BaseHTTPRequestHandler):
    """Answers as production does where it is asked in plain HTTP or by another name."""

    def do_GET(self) -> None:
        self.send_response(400 if self.headers["Host"] != "site.example" else 301)
        self.send_header("Location", "https://site.example/login/")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("hosts", ["", "site.example,other.example"])
def test_a_site_that_sends_its_own_machine_away_has_answered(monkeypatch, hosts: str) -> None:
    """Or the worker would never be started."""
    monkeypatch.setenv("FUNDGUARD_HOSTS", hosts)
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert serve._answers(f"http://127.0.0.1:{server.server_port}/login/", [], lambda: False)
        thread.join()
