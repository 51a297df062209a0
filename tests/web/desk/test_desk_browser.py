"""One finding from the machine to the institution's notice, by two accounts, with the keyboard, in a real browser."""

from __future__ import annotations

import pytest

from tests.web.browsing import shot

pytestmark = pytest.mark.browser


def send(page, words: str) -> None:
    page.locator("textarea").fill(words)
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url("**/findings/**")


def test_a_finding_from_found_to_notified_by_two_people(visit) -> None:
    page = visit("reviewer1", "/desk/mine/")
    page.get_by_role("button", name="全部领取").click()
    page.get_by_text("已领取").wait_for()
    shot(page, "desk-mine")
    page.goto("/desk/")
    rows = page.locator("table[data-rows] tbody tr")
    assert rows.count() == 20
    shot(page, "desk-queue")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/findings/**")
    first = page.url
    page.keyboard.press("j")
    page.wait_for_url(lambda url: "/findings/" in url and url != first)
    page.keyboard.press("k")
    page.wait_for_url(first)
    page.keyboard.press("?")
    page.get_by_role("heading", name="快捷键").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("heading", name="快捷键").wait_for(state="hidden")
    page.keyboard.press("u")
    page.wait_for_url("**/uphold/")
    shot(page, "desk-step")
    send(page, "与病历记载不符")
    page.locator(".gov-note.success", has_text="转入“初审成立，待复核”").wait_for()
    grey = page.locator("#desk button[aria-disabled=true]", has_text="复核成立")
    reason = page.locator(f"#{grey.get_attribute('aria-describedby')}").inner_text()
    assert "WF-102" in reason
    assert "WF-103" in reason
    shot(page, "desk-finding", whole=True)
    address = page.url
    page = visit("confirmer", address)
    page.keyboard.press("c")
    page.wait_for_url("**/confirm/")
    send(page, "同意初审意见")
    page.locator(".gov-note.success", has_text="转入“复核成立，待告知”").wait_for()
    page.keyboard.press("n")
    page.wait_for_url("**/notify/")
    assert "答复" in page.locator(".desk-letter").inner_text() or "申诉" in page.locator(".desk-letter").inner_text()
    page.get_by_role("button", name="提交", exact=True).click()
    page.locator(".gov-note.success", has_text="转入“已告知，待答复”").wait_for()
    told = page.locator(".gov-time").inner_text()
    for act in ("告知机构", "复核成立", "初审成立", "生成疑点"):
        assert act in told
    assert page.locator("#desk summary", has_text="疑点告知书").count() == 1
    shot(page, "desk-notified", whole=True)


def test_a_bulk_step_is_previewed_and_done(visit) -> None:
    page = visit("reviewer2", "/desk/")
    rule = page.locator("table[data-rows] tbody tr td:nth-child(3) small").last.inner_text()
    page.goto(f"/desk/?rule={rule}&state=found")
    page.get_by_role("link", name="批量初审不成立").click()
    page.wait_for_url("**/desk/bulk/**")
    shot(page, "desk-bulk")
    page.locator("textarea").fill("规则口径尚待明确")
    page.get_by_role("button", name="办理").click()
    page.wait_for_url("**/desk/bulk/*/")
    page.get_by_text("完成", exact=True).wait_for()
    assert "0 条，0.00 元" not in page.locator(".gov-dl").inner_text()
