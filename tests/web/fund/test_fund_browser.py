"""Money back through a real browser: a repayment, instalments approved by the second person, statement, papers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fundguard.web.accounts.demo import PASSWORD
from tests.web.test_shell_browser import CHROMIUM, FLAGS, launched

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("FUNDGUARD_SHOTS")  # a folder that keeps pictures of the pages
ROOT = Path(__file__).resolve().parents[3]
LEVELS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
FILL = """
import datetime as dt
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from fundguard.web.accounts.models import User
from fundguard.web.accounts.services import seed_demo
from fundguard.web.fund import services
from fundguard.web.papers import services as papers
from tests.papers.examples import RECOVERY
seed_demo()
user = User.objects.get(username="settlement1")
for number in range(24):
    amounts = {"employee_pool": 123400 + number, "medical_aid": 5600, "patient": 300}
    name = "云岭示例医院" if number % 2 else "云岭示例药店"
    services.determine(services.Determined(
        f"{number:032X}", f"云岭区医保认〔2026〕{number + 1}号", "990101", f"H9901011000{number % 2}", name,
        dt.date(2026, 10, 9), amounts), user)
given = papers.Issue("recovery", "990101", "云岭区医疗保障事务中心", papers.Party("H99010110001", "云岭示例医院"),
                     dt.date(2026, 10, 10))
print(papers.issue(given, RECOVERY, user).token)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The launcher over demands and a paper; its address and the code of the paper's public page."""
    data = tmp_path_factory.mktemp("fund")
    told = {"FUNDGUARD_DATA": str(data), "DJANGO_SETTINGS_MODULE": "fundguard.web.settings.demo"}
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", FILL], env=os.environ | told | {"PYTHONPATH": paths}, check=True, capture_output=True
    )
    with launched(data) as address:
        yield address, done.stdout.decode().strip()


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
def visit(browser, site):
    """`visit("settlement1", "/fund/")` is a page of that account; the console must stay empty."""
    contexts, told = [], []

    def open_page(username: str, address: str, **looser: bool):
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="zh-CN", base_url=site[0], **looser
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", lambda m: told.append(m.text) if m.type in ("error", "warning") else None)
        page.goto(f"/login/?next={address}")
        page.locator("input[name=username]").fill(username)
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        page.wait_for_url(f"**{address}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert told == []


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def test_money_comes_back(visit) -> None:
    first = visit("settlement1", "/fund/")
    rows = first.locator("table[data-rows] tbody tr")
    assert rows.count() == 20
    shot(first, "fund")
    rows.first.get_by_role("link").first.click()
    first.wait_for_url("**/fund/1/")
    first.get_by_role("button", name="登记拒付、退回、返还").click()
    entry = first.locator("#book")
    entry.get_by_label("事项").select_option("repaid")
    entry.get_by_label("金额（元）").fill("290.00")
    entry.get_by_label("发生日期").fill("2026-10-20")
    entry.get_by_label("凭证号").fill("回单0001")
    entry.get_by_role("button", name="登记").click()
    first.get_by_role("status").get_by_text("已登记机构退回").wait_for()
    assert "1,000.00" in first.locator("tr", has_text="基金合计").inner_text()
    first.get_by_role("button", name="提出核销").click()
    entry = first.locator("#write-off")
    entry.get_by_label("金额（元）").fill("100")
    entry.get_by_label("核销理由").fill("机构已注销，无财产可供追回")
    entry.get_by_role("button", name="提交审批").click()
    first.get_by_text("须由他人审批").wait_for()
    second = visit("settlement2", "/fund/1/")
    second.get_by_role("button", name="审批", exact=True).click()
    second.get_by_role("button", name="同意", exact=True).click()
    second.get_by_text("已同意并入账").wait_for()
    assert "900.00" in second.locator("tr", has_text="基金合计").inner_text()
    shot(second, "fund-demand")
    second.get_by_role("link", name="机构对账单").click()
    assert second.locator("tr", has_text="期末余额").count() >= 1
    shot(second, "fund-statement")


def test_no_violation_of_wcag_aa(visit, site) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = visit("settlement1", "/fund/", bypass_csp=True)  # axe is injected
    pages = ("/fund/", "/fund/2/", "/fund/clearing/?month=2026-10", "/fund/institutions/H99010110001/?first=2026-01-01")
    for address in (*pages, "/papers/", "/papers/1/", f"/papers/verify/{site[1]}/"):
        page.goto(address)
        found = Axe().run(page, options=LEVELS)
        assert found.violations_count == 0, found.generate_report()
        if address.startswith("/papers/"):
            shot(page, f"papers-{address.count('/')}{address[8:11].strip('/')}")
