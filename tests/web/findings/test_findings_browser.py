"""The way of an auditor through a real browser: queue, finding, clear identity with a reason, ledger, rulebook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fundguard.audit.batch import audit
from fundguard.claims.city import build_city
from fundguard.claims.intake import import_path
from fundguard.claims.store import Store
from fundguard.web.accounts.demo import PASSWORD
from tests.web.test_shell_browser import CHROMIUM, FLAGS, launched

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("FUNDGUARD_SHOTS")  # a folder that keeps pictures of the pages
REASON = "初审核对参保身份"
LEVELS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
TAKE = """
import pathlib, sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from fundguard.web.findings.services import take_run
take_run(pathlib.Path(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The launcher over a data folder with a small synthetic city and one run, taken before the first page."""
    data = tmp_path_factory.mktemp("city")
    build_city(20_000, 7, data / "files")
    import_path(data / "files", data / "store")
    (data / "runs").mkdir()
    audit(Store.open(data / "store"), data / "runs" / "first")
    told = {"FUNDGUARD_DATA": str(data), "DJANGO_SETTINGS_MODULE": "fundguard.web.settings.demo"}
    subprocess.run([sys.executable, "-c", TAKE, str(data / "runs" / "first")], env=os.environ | told, check=True)
    with launched(data) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("no chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, site, request):
    """A page signed in as the division's chief; the console must stay empty."""
    looser = {"bypass_csp": True} if request.node.name.startswith("test_no_violation") else {}  # axe is injected
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", base_url=site, **looser)
    context.set_default_timeout(15_000)
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    page.goto("/login/?next=/findings/")
    page.locator("input[name=username]").fill("chief")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/findings/")
    yield page
    context.close()
    assert told == []


def shot(page, name: str, *, whole: bool = False) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=whole)


def test_from_the_queue_to_the_ledger_and_the_rulebook(page) -> None:
    rows = page.locator("table[data-rows] tbody tr")
    assert rows.count() == 20
    assert rows.last.bounding_box()["y"] + rows.last.bounding_box()["height"] <= 900
    shot(page, "findings-queue")
    page.get_by_label("规则").select_option("N03")
    page.get_by_role("button", name="查询").click()
    page.wait_for_url("**rule=N03**")
    rows.first.get_by_role("link").click()
    assert page.locator("tr.hit").count() >= 2  # the finding and its accused line
    shot(page, "finding", whole=True)
    number = page.locator(".gov-crumb span").inner_text()
    page.get_by_role("button", name="查看明文").click()
    page.get_by_label("理由").fill(REASON)
    page.get_by_role("button", name="查看", exact=True).click()
    page.get_by_role("heading", name="明文身份").wait_for()
    assert page.locator(".gov-dl dd").count() >= 1
    page.get_by_role("link", name="返回疑点").click()
    assert REASON in page.locator(".gov-time").inner_text()
    page.goto("/ledger/")
    assert page.locator("tbody tr", has_text="查看明文身份").first.inner_text().count(REASON) == 1
    page.goto("/rulebook/")
    shot(page, "rulebook")
    page.get_by_label("查找").fill("afngw")
    page.get_by_role("button", name="查找").click()
    shot(page, "rulebook-search")
    page.get_by_role("link", name="N67 药品区分性别使用").first.click()
    assert page.locator(".sql-word").count() > 10
    shot(page, "rule", whole=True)
    assert number.startswith("YD-")


def test_no_violation_of_wcag_aa(page) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.goto("/findings/?rule=L001")
    one = page.locator("table[data-rows] tbody a").first.get_attribute("href")
    for address in ("/findings/", one, "/rulebook/", "/rulebook/N49/", "/rulebook/search/?q=xj"):
        page.goto(address)
        found = Axe().run(page, options=LEVELS)
        assert found.violations_count == 0, found.generate_report()
