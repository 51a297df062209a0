"""Money back through a real browser: a repayment, instalments approved by the second person, statement, papers."""

from __future__ import annotations

import pytest

from tests.web.browsing import shot

pytestmark = pytest.mark.browser


def test_money_comes_back(visit) -> None:
    first = visit("settlement1", "/fund/")
    rows = first.locator("table[data-rows] tbody tr")
    assert rows.count() == 20
    shot(first, "fund")
    first.goto("/fund/1/")
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
