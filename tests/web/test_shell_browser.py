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
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

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


@pytest.mark.parametrize(
    "address",
    [
        "/login/",
        "/login/?next=/&ended=1",
        "/ledger/",
        "/password/",
        "/security/",
        "/accounts/",
        "/accounts/new/",
        "/accounts/1/",
    ],
)
def test_no_violation_of_wcag_aa(chromium, site, address):
    context = chromium.new_context(bypass_csp=True, base_url=site)
    page = context.new_page()
    if address.startswith("/login/"):
        page.goto(address)
    else:
        sign_in(page, "admin", to=address)
    no_violation(page)
    context.close()


def no_violation(page) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert found.violations_count == 0, found.generate_report()


def test_a_second_factor_is_set_up_and_asked_for(chromium, site):
    """Every page of it; the policy is off only because axe is brought in."""
    context = chromium.new_context(bypass_csp=True, base_url=site)
    page = context.new_page()
    sign_in(page, "expert", to="/security/")
    page.get_by_role("link", name="启用二次验证").click()
    no_violation(page)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="确认", exact=True).click()
    page.wait_for_url("**/security/code/")
    no_violation(page)
    shot(page, "second-factor")
    secret = page.locator("code").first.inner_text()
    page.locator("#code").fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    page.get_by_role("button", name="启用", exact=True).click()
    page.wait_for_url("**/security/recovery/")
    no_violation(page)
    spare = page.locator("li code").first.inner_text()
    context.clear_cookies()
    page.goto("/login/")
    page.locator("input[name=username]").fill("expert")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/login/code/")
    no_violation(page)
    page.locator("#code").fill(spare)
    page.get_by_role("button", name="确认", exact=True).click()
    page.wait_for_url("**/desk/mine/")
    context.close()


def test_an_account_is_made_looked_at_and_disabled(page):
    sign_in(page, "admin", to="/accounts/new/")
    for field, text in (("username", "visitor"), ("display_name", "测新"), ("staff_no", "YB-77")):
        page.locator(f"#id_{field}").fill(text)
    page.locator("#id_role").select_option("expert")
    page.locator("#id_region").select_option("990100")
    shot(page, "account-new")
    page.get_by_role("button", name="建立账号").click()
    page.get_by_role("link", name="查看账号").click()
    page.get_by_role("button", name="停用账号").click()
    shot(page, "account")
    page.get_by_role("dialog").get_by_role("button", name="确认").click()
    page.get_by_text("账号已停用，已有登录全部结束。").wait_for()
    page.goto("/accounts/")
    shot(page, "accounts")


def test_typed_text_outlives_a_session_that_ended(page):
    sign_in(page, "admin", to="/accounts/new/")
    for field, text in (("username", "kept"), ("display_name", "测留存"), ("staff_no", "YB-78")):
        page.locator(f"#id_{field}").fill(text)
    page.locator("#id_region").select_option("990100")
    page.locator("#id_role").select_option("expert")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="建立账号").click()
    page.get_by_text("登录已过期").first.wait_for()
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/accounts/new/")
    assert page.locator("#id_display_name").input_value() == "测留存"
    assert page.locator("#id_role").input_value() == "expert"
    page.reload()
    assert page.locator("#id_display_name").input_value() == ""
    assert page.evaluate("Object.keys(sessionStorage).length") == 0


def test_the_worker_seals_the_ledger(page):
    sign_in(page, "chief")
    until = time.monotonic() + 60
    while page.get_by_text("待存证", exact=True).count() > 1 and time.monotonic() < until:
        time.sleep(1)
        page.reload()
    assert page.locator("tbody .gov-dot.green").count() >= 1
    shot(page, "ledger-sealed")


def test_the_keyboard_reaches_the_content_past_the_menu(page):
    sign_in(page, "chief")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hash") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id || location.hash") in ("main", "#main")
