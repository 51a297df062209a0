"""The way of an auditor through a real browser: queue, finding, clear identity with a reason, ledger, rulebook."""

from __future__ import annotations

import pytest

from tests.web.browsing import no_violation, shot

pytestmark = pytest.mark.browser
REASON = "初审核对参保身份"


def test_from_the_queue_to_the_ledger_and_the_rulebook(visit) -> None:
    page = visit("chief", "/findings/")
    rows = page.locator("table[data-rows] tbody tr")
    assert rows.count() == 20
    shot(page, "findings-queue")
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
    no_violation(page)
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
