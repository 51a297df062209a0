"""The real launcher, looked at with a real browser: nothing violates the policy, nothing is logged as an error."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from fundguard.web.accounts.demo import PASSWORD
from tests.web.browsing import PHONE, no_violation, shot, sign_in

pytestmark = pytest.mark.browser


def test_signing_in_by_a_demonstration_account(visit):
    page = visit(None, "/login/?next=/ledger/")
    shot(page, "login")
    page.get_by_role("button", name="填入账号 chief").click()
    page.keyboard.press("Enter")
    page.wait_for_url("**/ledger/")
    assert page.locator("table[data-rows] tbody tr").first.inner_text().count("登录") == 1
    shot(page, "ledger")


def test_the_phone_menu_opens_and_nothing_overflows(visit):
    page = visit("chief", "/ledger/", viewport=PHONE)
    link = page.locator("#side").get_by_role("link", name="操作台账")
    assert not link.is_visible()
    page.locator("[data-menu]").click()
    link.wait_for(state="visible")
    shot(page, "phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_second_factor_is_set_up_and_asked_for(visit):
    """By the account that no other test of the browser uses: from then on its password alone is not enough."""
    page = visit("knowledge2", "/security/")
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
    page.context.clear_cookies()
    page.goto("/login/")
    sign_in(page, "knowledge2")
    page.wait_for_url("**/login/code/")
    no_violation(page)
    page.locator("#code").fill(spare)
    page.get_by_role("button", name="确认", exact=True).click()
    page.locator("#main").get_by_text("运行总览").first.wait_for()


def test_an_account_is_made_looked_at_and_disabled(visit):
    page = visit("admin", "/accounts/new/")
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


def test_typed_text_outlives_a_session_that_ended(visit):
    page = visit("admin", "/accounts/new/")
    for field, text in (("username", "kept"), ("display_name", "测留存"), ("staff_no", "YB-78")):
        page.locator(f"#id_{field}").fill(text)
    page.locator("#id_region").select_option("990100")
    page.locator("#id_role").select_option("expert")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="建立账号").click()
    page.get_by_text("登录已过期").first.wait_for()
    sign_in(page, "admin")
    page.wait_for_url("**/accounts/new/")
    assert page.locator("#id_display_name").input_value() == "测留存"
    assert page.locator("#id_role").input_value() == "expert"
    page.reload()
    assert page.locator("#id_display_name").input_value() == ""
    assert page.evaluate("Object.keys(sessionStorage).length") == 0


def test_the_worker_seals_the_ledger(visit):
    page = visit("chief", "/ledger/")
    until = time.monotonic() + 60
    while page.get_by_text("待存证", exact=True).count() > 1 and time.monotonic() < until:
        time.sleep(1)
        page.reload()
    assert page.locator("tbody .gov-dot.green").count() >= 1
    shot(page, "ledger-sealed")


def test_the_keyboard_reaches_the_content_past_the_menu(visit):
    page = visit("chief", "/ledger/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hash") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id || location.hash") in ("main", "#main")
