"""The main job in a real browser: a demonstration fills itself, an upload comes in, is read and audited."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from fundguard.web.accounts.demo import PASSWORD
from tests.web import small_claims

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
LAUNCH = """
import pathlib, sys
from fundguard.web.serve import serve
sys.exit(serve(pathlib.Path(sys.argv[1]), port=int(sys.argv[2]), demo=True))
"""
SHOTS = os.environ.get("FUNDGUARD_SHOTS")  # a folder that keeps pictures of the pages
PATIENCE = 180_000  # milliseconds: the machine may be busy


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The demonstration on a free port, ended as a user would end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("FUNDGUARD", "DJANGO"))}
    folder = tmp_path_factory.mktemp("site")
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCH, str(folder), str(port)], env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 90
        while time.monotonic() < until and launcher.poll() is None:
            try:
                urlopen(f"{address}/login/", timeout=5).close()
                break
            except (URLError, TimeoutError):
                time.sleep(0.2)
        yield address
    finally:
        launcher.send_signal(signal.SIGTERM)
        assert launcher.wait(30) == 0


@pytest.fixture(scope="module")
def context(site):
    if not CHROMIUM:
        pytest.skip("no chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", base_url=site)
        context.set_default_timeout(20_000)
        yield context
        browser.close()


def shot(page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def no_violation(page) -> None:
    """No failure of WCAG AA on the page as it stands."""
    script = Path(__import__("axe_playwright_python").__file__).parent / "axe.min.js"
    page.evaluate(script.read_text("utf-8"))
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []


def test_from_an_upload_to_a_result(context, tmp_path):
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda fault: told.append(str(fault)))
    sign_in(page)
    the_demonstration_fills_itself(page)
    an_upload_becomes_an_arrival(page, tmp_path)
    the_quality_report_is_filtered(page)
    a_run_tells_what_changed(page)
    a_phone_shows_every_page_without_overflow(page)
    assert told == []


def sign_in(page) -> None:
    page.goto("/login/")
    page.locator("input[name=username]").fill("chief")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/")


def the_demonstration_fills_itself(page) -> None:
    if page.locator(".gov-job").count():
        page.wait_for_selector("progress[value]", timeout=PATIENCE)
        shot(page, "demo-progress")
    page.wait_for_selector("[data-chart] svg", timeout=PATIENCE)  # the card reloads the page when the data are there
    assert page.locator("[data-chart] svg").count() == 4
    shot(page, "overview")
    no_violation(page)


def an_upload_becomes_an_arrival(page, folder: Path) -> None:
    page.get_by_role("link", name="数据导入").click()
    shot(page, "arrivals")
    page.get_by_role("link", name="上传数据").click()
    paths = []
    for name, content in small_claims.files().items():
        (folder / name).write_bytes(content)
        paths.append(folder / name)
    page.get_by_label("数据文件").set_input_files(paths)
    shot(page, "upload")
    no_violation(page)
    page.get_by_role("button", name="开始导入").click()
    page.wait_for_url("**/intake/jobs/*/")
    shot(page, "import-progress")
    page.wait_for_url("**/intake/2/", timeout=PATIENCE)
    assert "院内备注" in page.locator("main").inner_text()
    assert small_claims.SECRET not in page.content()
    shot(page, "arrival")
    no_violation(page)
    page.get_by_role("button", name="下载原始行").click()
    page.get_by_label("理由").fill("核对报送错误原因")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载", exact=True).click()
    assert download.value.suggested_filename == "隔离行-批次2-原始行.xlsx"
    page.keyboard.press("Escape")


def the_quality_report_is_filtered(page) -> None:
    page.goto("/intake/quality/?section=completeness")
    shot(page, "quality")
    no_violation(page)
    page.get_by_label("机构编号或名称").fill("东湖")
    page.get_by_role("button", name="查询").click()
    assert "云岭" not in page.locator("table").inner_text()


def a_run_tells_what_changed(page) -> None:
    page.goto("/runs/")
    page.get_by_role("link", name="发起核查").click()
    shot(page, "start-run")
    no_violation(page)
    page.get_by_role("button", name="开始核查").click()
    page.wait_for_url("**/runs/*/")
    shot(page, "run-progress")
    page.wait_for_selector("text=各规则结果", timeout=PATIENCE)
    changes = page.get_by_text("与上一次核查").locator("xpath=ancestor::section").inner_text()
    assert "新增 3" in changes, changes  # the men of the upload; the neighbour's is not the chief's to see
    shot(page, "run")
    no_violation(page)
    page.goto("/runs/")
    shot(page, "runs")


def a_phone_shows_every_page_without_overflow(page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for address in ("/", "/intake/", "/intake/2/", "/intake/quality/", "/runs/2/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
