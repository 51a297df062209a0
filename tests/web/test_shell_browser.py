"""The real launcher, looked at with a real browser: nothing violates the policy, nothing is logged as an error."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from fundguard.web.accounts.demo import PASSWORD

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LAUNCH = """
import pathlib, sys
from fundguard.web.serve import serve
sys.exit(serve(pathlib.Path(sys.argv[1]), port=int(sys.argv[2]), demo=True))
"""
SHOTS = os.environ.get("FUNDGUARD_SHOTS")  # a folder that keeps pictures of the pages


@contextmanager
def launched(data: Path):
    """The site in demonstration mode on a free port; ended as a user would end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("FUNDGUARD", "DJANGO"))}
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCH, str(data), str(port)], env=environment)
    try:
        wait_for(f"http://127.0.0.1:{port}/login/", launcher)
        yield f"http://127.0.0.1:{port}"
    finally:
        launcher.send_signal(signal.SIGTERM)
        assert launcher.wait(20) == 0


def wait_for(address: str, launcher: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and launcher.poll() is None:
        try:
            urlopen(address, timeout=5).close()
            return
        except (URLError, TimeoutError):  # a first request may wait for the machine
            time.sleep(0.2)
    raise AssertionError("the site did not start")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with launched(tmp_path_factory.mktemp("site")) as address:
        yield address


@pytest.fixture(scope="module")
def chromium():
    if not CHROMIUM:
        pytest.skip("no chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, site, request):
    """A page of its own session; the console must stay empty."""
    width, height = getattr(request, "param", (1440, 900))
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN", base_url=site)
    context.set_default_timeout(15_000)
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda fault: told.append(str(fault)))
    yield page
    context.close()
    assert told == []


def sign_in(page, username: str, to: str = "/ledger/") -> None:
    page.goto(f"/login/?next={to}")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(f"**{to}")


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def test_signing_in_by_a_demonstration_account(page):
    page.goto("/login/?next=/ledger/")
    shot(page, "login")
    page.get_by_role("button", name="填入账号 chief").click()
    page.keyboard.press("Enter")
    page.wait_for_url("**/ledger/")
    assert page.locator("table[data-rows] tbody tr").first.inner_text().count("登录") == 1
    shot(page, "ledger")


@pytest.mark.parametrize("page", [(390, 844)], indirect=True)
def test_the_phone_menu_opens_and_nothing_overflows(page):
    sign_in(page, "chief")
    link = page.locator("#side").get_by_role("link", name="操作台账")
    assert not link.is_visible()
    page.locator("[data-menu]").click()
    link.wait_for(state="visible")
    shot(page, "phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("address", ["/login/", "/ledger/", "/password/"])
def test_no_violation_of_wcag_aa(chromium, site, address):
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(bypass_csp=True, base_url=site)
    page = context.new_page()
    if address == "/login/":
        page.goto(address)
    else:
        sign_in(page, "chief", to=address)
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    context.close()
    assert found.violations_count == 0, found.generate_report()


def test_the_keyboard_reaches_the_content_past_the_menu(page):
    sign_in(page, "chief")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hash") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id || location.hash") in ("main", "#main")
