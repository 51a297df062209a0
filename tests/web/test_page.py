"""Pieces every page is made of."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.test import Client

from fundguard.errors import Refusal
from fundguard.web.core.masking import MASKS
from fundguard.web.overview import selectors as overview


@pytest.mark.parametrize(
    ("kind", "clear", "shown"),
    [
        ("name", "测试员甲", "测**"),
        ("name", "测乙", "测**"),
        ("name", "", ""),
        ("number", "990101199902300017", "99****"),
        ("phone", "19900001234", "199****34"),
        ("phone", "12345", "****"),
        ("address", "示例省示例市云岭区一号", "示例省****"),
    ],
)
def test_a_mask_hides_all_but_the_beginning_and_the_length(kind, clear, shown):
    assert MASKS[kind](clear) == shown


@pytest.mark.parametrize(
    ("source", "value", "shown"),
    [
        ("{{ v|yuan }}", 123456, "1,234.56"),
        ("{{ v|yuan }}", 5, "0.05"),
        ("{{ v|yuan }}", -123456, "-1,234.56"),
        ("{{ v|yuan }}", None, "—"),
        ("{{ v|wan }}", 153_970_000, "153.97"),
        ("{{ v|wan }}", 5_000, "0.01"),
        ("{{ v|day }}", date(2026, 11, 2), "2026-11-02"),
        ("{{ v|moment }}", datetime(2026, 11, 1, 16, 30, tzinfo=UTC), "2026-11-02 00:30"),
        ("{{ v|day }}", datetime(2026, 11, 1, 16, 30, tzinfo=UTC), "2026-11-02"),
        ("{{ v|masked:'name' }}", "测试员甲", "测**"),
        ("{{ v|masked:'phone' }}", None, ""),
    ],
)
def test_filters(source, value, shown):
    assert Template(source).render(Context({"v": value})) == shown


def test_a_chart_cannot_end_its_data_block():
    shown = Template("{% chart 'x' option '图' %}").render(Context({"option": {"name": "</script><b>&"}}))
    assert shown.count("</script>") == 1
    assert "<b>" not in shown


def test_a_strict_policy_is_on_every_page_and_no_page_has_inline_code(signed_in):
    for client, address in ((Client(), "/account/sign-in"), (signed_in("chief"), "/"), (signed_in("chief"), "/no")):
        answer = client.get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not any(piece in answer.text for piece in (" style=", "<style", " onclick=", "javascript:"))


@pytest.mark.parametrize(
    ("address", "status", "told"), [("/no/such/page", 404, "左侧菜单"), ("/ledger/", 403, "系统管理员")]
)
def test_what_cannot_be_shown_says_what_to_do(signed_in, address, status, told):
    answer = signed_in("review1").get(address)
    assert answer.status_code == status
    assert told in answer.text


def test_a_refusal_is_a_page_with_its_four_parts(signed_in, monkeypatch):
    def refuse(viewer):
        raise Refusal("数据仓库正忙", where="var/store", seen="另一个导入", remedy="请稍后重试。")

    monkeypatch.setattr(overview, "overview", refuse)
    answer = signed_in("review1").get("/")
    assert answer.status_code == 400
    assert all(part in answer.text for part in ("数据仓库正忙", "var/store", "另一个导入", "请稍后重试。"))


def test_an_unforeseen_fault_shows_no_values(signed_in, monkeypatch):
    def fail(viewer):
        raise RuntimeError("990101199902300017")

    monkeypatch.setattr(overview, "overview", fail)
    client = signed_in("review1")
    client.raise_request_exception = False
    answer = client.get("/")
    assert (answer.status_code, "990101199902300017" in answer.text) == (500, False)
    assert "请稍后重试" in answer.text


def test_an_old_form_is_told_to_reload(people):
    answer = Client(enforce_csrf_checks=True).post("/account/sign-in", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "表单已失效" in answer.text


@pytest.mark.parametrize(
    ("username", "labels"),
    [
        ("review1", ["运行总览", "后台任务"]),
        ("chief", ["运行总览", "后台任务", "审计日志"]),
        ("hospital", ["运行总览"]),
    ],
)
def test_the_menu_shows_what_the_role_may_see(signed_in, username, labels):
    menu = signed_in(username).get("/").context["menu"]
    links = [link for _, group in menu for link in group]
    assert [link.label for link in links] == labels
    assert [link.label for link in links if link.current] == ["运行总览"]


def test_an_empty_overview_tells_how_to_begin(signed_in):
    assert "fundguard import" in signed_in("review1").get("/").text
    assert "fundguard import" not in signed_in("hospital").get("/").text
