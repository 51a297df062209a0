"""One site and one Chromium for all browser tests: the demonstration as a user starts it, filled by itself."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import axe_playwright_python
import pytest

from fundguard.web.accounts.demo import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SHOTS = os.environ.get("FUNDGUARD_SHOTS")  # a folder that keeps pictures of the pages
PATIENCE = 240_000  # milliseconds: the machine may be busy
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 375, "height": 812}
#: WCAG 2.0, 2.1 and 2.2, levels A and AA.
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LAUNCH = """
import pathlib, sys
from fundguard.web.serve import serve
sys.exit(serve(pathlib.Path(sys.argv[1]), port=int(sys.argv[2]), demo=True))
"""


@dataclass
class Site:
    """The running site; `given` is what `browsed.py` told of what it put there."""

    address: str
    data: Path
    given: dict[str, Any]
    browser: Any
    signed: dict[str, Any] = field(default_factory=dict)

    def context(self, username: str | None, told: list[str], **options: Any) -> Any:
        """A browser session of this account (signed in once for all tests); what the console says goes to `told`."""
        if username and username not in self.signed:
            self.signed[username] = self._sign_in(username)
        session = {"storage_state": self.signed[username]} if username else {}
        standard = {"viewport": DESKTOP, "locale": "zh-CN", "base_url": self.address}
        context = self.browser.new_context(**standard | session | options)
        context.set_default_timeout(90_000)  # milliseconds: the machine may be busy
        context.on("console", lambda one: told.append(one.text) if one.type in ("error", "warning") else None)
        context.on("weberror", lambda one: told.append(str(one.error)))
        return context

    def _sign_in(self, username: str) -> Any:
        context = self.browser.new_context(base_url=self.address)
        page = context.new_page()
        page.goto("/login/?next=/password/")
        sign_in(page, username)
        page.wait_for_url("**/password/")
        state = context.storage_state()
        context.close()
        return state


def sign_in(page: Any, username: str) -> None:
    """Fill in the sign-in page that is open and send it."""
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("no chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The launcher over a new folder, when the demonstration is filled and `browsed.py` has put its things there."""
    data = tmp_path_factory.mktemp("site")
    given = _browsed(data, "first")
    with launched(data) as address:
        site = Site(address, data, given, chromium)
        _filled(site)
        given |= _browsed(data, "then")
        yield site


def _browsed(data: Path, when: str) -> dict[str, Any]:
    told = {"FUNDGUARD_DATA": str(data), "DJANGO_SETTINGS_MODULE": "fundguard.web.settings.demo"}
    told["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    command = [sys.executable, "-m", "tests.web.browsed", when]
    done = subprocess.run(command, env=os.environ | told, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


@pytest.fixture
def visit(site: Site) -> Iterator[Callable[..., Any]]:
    """`visit("chief", "/runs/")` is a page of that account (None: of nobody); its console must stay empty."""
    contexts, told = [], []

    def open_page(username: str | None, address: str, **options: Any) -> Any:
        contexts.append(site.context(username, told, **options))
        page = contexts[-1].new_page()
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert told == []


@contextmanager
def filled_by(chromium: Any, data: Path, code: str, *arguments: str) -> Iterator[Site]:
    """A site of a test's own: `code` fills the data folder, with Django set up, before the launcher starts."""
    given = {"FUNDGUARD_DATA": str(data), "DJANGO_SETTINGS_MODULE": "fundguard.web.settings.demo"}
    given["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    subprocess.run([sys.executable, "-c", code, *arguments], env=os.environ | given, check=True)
    with launched(data) as address:
        yield Site(address, data, {}, chromium)


@contextmanager
def launched(data: Path) -> Iterator[str]:
    """The site in demonstration mode on a free port; ended as a user would end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("FUNDGUARD", "DJANGO"))}
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCH, str(data), str(port)], env=environment)
    try:
        _wait_for(f"http://127.0.0.1:{port}/login/", launcher)
        yield f"http://127.0.0.1:{port}"
    finally:
        launcher.send_signal(signal.SIGTERM)
        assert launcher.wait(30) == 0


def _wait_for(address: str, launcher: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and launcher.poll() is None:
        try:
            urlopen(address, timeout=5).close()
            return
        except (URLError, TimeoutError):  # a first request may wait for the machine
            time.sleep(0.2)
    raise AssertionError("the site did not start")


def _filled(site: Site) -> None:
    """The first page tells how far the data are, and shows them when they are there."""
    told: list[str] = []
    context = site.context("chief", told)
    page = context.new_page()
    page.goto("/")
    if page.locator(".gov-job").count():
        page.wait_for_selector("progress[value]", timeout=PATIENCE)
        shot(page, "demo-progress")
    page.wait_for_selector("[data-chart] svg", timeout=PATIENCE)  # the card reloads the page when the data are there
    context.close()
    assert told == []


def shot(page: Any, name: str, *, whole: bool = False) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=whole)


@cache
def _axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def violations(page: Any) -> list[tuple[str, list[str]]]:
    """What axe finds on the page as it stands: the rule, and the elements that break it."""
    page.evaluate(_axe())
    options = {"runOnly": LEVELS, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found]


def no_violation(page: Any) -> None:
    found = violations(page)
    assert found == [], found
