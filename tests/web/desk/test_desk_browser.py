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
    told = page.locator(".gov-time", has_text="生成疑点").inner_text()
    for act in ("告知机构", "复核成立", "初审成立", "生成疑点"):
        assert act in told
    assert page.locator("#desk summary", has_text="疑点告知书").count() == 1
    shot(page, "desk-notified", whole=True)


def test_a_reviewers_day_with_the_keyboard_alone(visit) -> None:
    """Claim, decide, next; taken back; the reminder, the own figures. The mouse is never used."""
    page = visit("reviewer2", "/desk/mine/")
    page.goto("/desk/?state=found&whose=nobody")
    page.locator("body").press("?")  # waits for the body: a key pressed at the moment of loading belongs to no page
    page.get_by_role("heading", name="快捷键").wait_for()
    shot(page, "desk-keys")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/findings/**")
    first = page.url
    page.keyboard.press("l")
    page.locator("#desk dd", has_text="测二初").wait_for()
    page.keyboard.press("d")
    page.wait_for_url("**/dismiss/")
    page.keyboard.type("病历中有说明")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "/findings/" in url and url != first)
    page.locator(".gov-note.success", has_text="转入“初审不成立”").wait_for()
    page.keyboard.press("u")
    page.wait_for_url("**/uphold/")
    page.keyboard.press("Escape")
    page.wait_for_url("**/findings/**")
    page.goto(first)
    page.keyboard.press("z")
    page.wait_for_url("**/take_back_review/")
    page.keyboard.press("Control+Enter")
    page.locator(".gov-note.success", has_text="转入“待初审”").wait_for()


def test_the_pages_around_the_work(visit) -> None:
    """Reminders, saved filters, figures, forecast and balance."""
    page = visit("confirmer", "/desk/")
    page.goto("/desk/?state=found&late=on")
    page.get_by_label("将当前条件存为").fill("逾期")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已保存常用筛选").wait_for()
    page.goto("/desk/?state=found")
    shot(page, "desk-filters")
    for person in ("测一初", "测二初"):  # an hour each: the other tests find free work too
        page.goto("/workload/load/")
        row = page.locator("tbody tr", has_text=person)
        row.get_by_label("每日办理时间").fill("60")
        row.get_by_role("button", name="设定").click()
        page.get_by_text(f"已设定{person}的每日办理时间").wait_for()
    page.goto("/workload/load/")
    shot(page, "desk-load")
    page.get_by_role("button", name="均衡分派").click()
    page.get_by_text("已均衡分派").wait_for()
    for address, name in {
        "/filters/": "filters",
        "/workload/load/": "",
        "/workload/team/": "workload-team",
        "/workload/forecast/": "workload-forecast",
    }.items():
        page.goto(address)
        if name:
            shot(page, name)
    page = visit("reviewer2", "/desk/mine/")
    assert page.locator(".gov-count").count() == 1
    for address, name in {"/reminders/": "reminders", "/workload/mine/": "workload-mine"}.items():
        page.goto(address)
        shot(page, name)


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
    shot(page, "desk-bulk-done")
    page.get_by_role("button", name="撤销本次批量办理").click()
    page.get_by_role("link", name="查看所撤销的批量办理").wait_for()
    page.get_by_text("完成", exact=True).wait_for()
    assert "0 条，0.00 元" not in page.locator(".gov-dl").inner_text()
