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
FILL = """
import django; django.setup()
from fundguard.web.accounts.models import User
from fundguard.web.jobs.models import Job
user = User.objects.get(username="review1")
for n in range(60):
    state = ("done", "done", "failed", "cancelled", "running")[n % 5]
    Job.objects.create(kind="test", title=f"导入示例市结算数据（第 {n + 1} 批）", region="990101", created_by=user,
        state=state, done=n * 1000, total=60000, message="核对结算合计",
        error_what="文件编码无法识别" if state == "failed" else "")
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
        wait_for(f"http://127.0.0.1:{port}/account/sign-in", launcher)
        settings = {"FUNDGUARD_DATA": str(data), "DJANGO_SETTINGS_MODULE": "fundguard.web.settings.demo"}
        subprocess.run([sys.executable, "-c", FILL], env=environment | settings, check=True)
        yield f"http://127.0.0.1:{port}"
    finally:
        launcher.send_signal(signal.SIGTERM)
        assert launcher.wait(20) == 0


def wait_for(address: str, launcher: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and launcher.poll() is None:
        try:
            urlopen(address, timeout=5).close()
            return
        except URLError:
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


def sign_in(page, username: str) -> None:
    page.goto("/account/sign-in")
    page.get_by_label("账号", exact=True).fill(username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).first.click()
    page.wait_for_url("**/")


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def test_sign_in_and_overview_with_charts(page):
    page.goto("/account/sign-in")
    shot(page, "sign-in")
    sign_in(page, "chief")
    page.wait_for_selector("[data-chart] svg")
    assert page.locator("[data-chart] svg").count() == 2
    page.locator("[data-chart]").first.hover()
    page.wait_for_timeout(300)
    shot(page, "overview")


def test_twenty_rows_are_in_view(page):
    sign_in(page, "chief")
    page.goto("/jobs/")
    rows = page.locator(".gov-table tbody tr")
    assert rows.count() == 20
    bottom = rows.nth(19).bounding_box()
    shot(page, "jobs")
    assert bottom["y"] + bottom["height"] <= 900
    page.get_by_role("link", name="提交时间").click()
    page.wait_for_url("**sort=created")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent").isdigit()


def test_a_running_job_is_polled(page):
    sign_in(page, "chief")
    page.goto("/jobs/5")
    with page.expect_response("**/jobs/5") as polled:
        pass
    assert polled.value.status == 200
    shot(page, "job")


def test_a_missing_page_and_the_ledger(page):
    sign_in(page, "chief")
    page.goto("/ledger/")
    shot(page, "ledger")
    page.goto("/account/password")
    shot(page, "password")


@pytest.mark.parametrize("page", [(390, 844)], indirect=True)
def test_the_phone_menu_opens_and_nothing_overflows(page):
    sign_in(page, "chief")
    menu = page.get_by_role("navigation", name="主菜单")
    assert not menu.is_visible()
    page.get_by_role("button", name="菜单").click()
    assert menu.is_visible()
    shot(page, "phone")
    menu.get_by_role("link", name="后台任务").click()
    shot(page, "phone-jobs")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("address", ["/account/sign-in", "/", "/jobs/", "/jobs/5", "/ledger/", "/account/password"])
def test_no_violation_of_wcag_aa(chromium, site, address):
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(bypass_csp=True, base_url=site)
    page = context.new_page()
    if address != "/account/sign-in":
        sign_in(page, "chief")
    page.goto(address)
    if address == "/":
        page.wait_for_selector("[data-chart] svg")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    context.close()
    assert found.violations_count == 0, found.generate_report()


def test_keyboard_alone_reaches_the_content(page):
    sign_in(page, "chief")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
