"""The page frame: how values look, pages of a list, menu, error pages, charts, vendored files."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.template import Context, Template
from django.test import RequestFactory

from fundguard.errors import Refusal
from fundguard.web import core
from fundguard.web.core import charts, errors, menu
from fundguard.web.core.paging import Page
from fundguard.web.core.templatetags import show

FOLDER = Path(core.__file__).parent


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (show.yuan(123456), "1,234.56"),
        (show.yuan(-5), "-0.05"),
        (show.yuan(90071992547409931), "900,719,925,474,099.31"),
        (show.yuan(None), ""),
        (show.wan(123456789), "123.5"),
        (show.wan(50_000), "0.1"),
        (show.wan(49_999), "0.0"),
        (show.percent(1, 8), "12.5%"),
        (show.percent(1, 0), ""),
        (show.percent(None, 5), ""),
        (show.day(date(2026, 11, 21)), "2026-11-21"),
        (show.day(datetime(2026, 11, 21, 16, 30, tzinfo=UTC)), "2026-11-22"),
        (show.moment(datetime(2026, 11, 21, 16, 30, tzinfo=UTC)), "2026-11-22 00:30"),
        (show.moment(datetime(2026, 11, 21, 9, 5)), "2026-11-21 09:05"),
        (show.short_key("a1b2c3d4e5f6"), "…d4e5f6"),
        (show.short_key(""), ""),
    ],
)
def test_values_as_shown(shown: str, expected: str) -> None:
    assert shown == expected


@pytest.mark.parametrize(
    ("query", "total", "expected"),
    [
        ({}, 0, (1, 20, 0, 0, 1)),
        ({"page": "3"}, 45, (3, 20, 41, 45, 3)),
        ({"page": "99"}, 45, (3, 20, 41, 45, 3)),
        ({"page": "-1", "size": "7"}, 45, (1, 20, 1, 20, 3)),
        ({"page": "²", "size": "50"}, 100, (1, 50, 1, 50, 2)),
        ({"page": "9" * 5000}, 100, (1, 20, 1, 20, 5)),
    ],
)
def test_any_query_gives_a_page_that_exists(query: dict[str, str], total: int, expected: tuple[int, ...]) -> None:
    page = Page.asked(query, total)
    assert (page.number, page.size, page.first, page.last, page.pages) == expected


def test_page_numbers_name_first_last_and_neighbours() -> None:
    assert Page(10, 20, 400).numbers == [1, None, 8, 9, 10, 11, 12, None, 20]
    assert Page(1, 20, 10).numbers == [1]


def test_sort_link_keeps_the_filter_and_returns_to_the_first_page() -> None:
    request = RequestFactory().get("/", {"q": "云雾&1", "page": "4", "sort": "-amount"})
    html = Template("{% load show %}{% sort_state 'amount' %} {% sort_link '金额' 'amount' %}").render(
        Context({"request": request})
    )
    assert html.startswith("descending")
    assert 'href="?q=%E4%BA%91%E9%9B%BE%261&amp;sort=amount"' in html


def test_menu_shows_only_what_exists_and_is_permitted(monkeypatch: pytest.MonkeyPatch) -> None:
    here = menu.Entry("密码", "password_change", "see.overview")
    entries = (
        here,
        menu.Entry("无此地址", "nowhere:page", "see.overview"),
        menu.Entry("无权限", "login", "see.ledger"),
    )
    monkeypatch.setattr(menu, "MENU", (("甲", entries), ("乙", entries[1:])))
    request = RequestFactory().get("/")
    request.resolver_match = SimpleNamespace(view_name="password_change", namespaces=[])
    request.viewer = SimpleNamespace(may=lambda permission: permission == "see.overview")
    assert [(group, [(one.label, one.current) for one in links]) for group, links in menu.links(request)] == [
        ("甲", [("密码", True)])
    ]
    request.viewer = None
    assert menu.links(request) == []


@pytest.mark.parametrize(
    ("view", "arguments", "status"),
    [
        (errors.bad_request, (ValueError("x"),), 400),
        (errors.forbidden, (PermissionDenied("查看台账"),), 403),
        (errors.csrf_failure, ("no cookie",), 403),
        (errors.not_found, (ValueError("/secret"),), 404),
        (errors.server_error, (), 500),
        (errors.refused, (Refusal("<文件>", remedy="重试。"),), 422),
    ],
)
def test_error_pages_tell_fault_and_remedy(view, arguments, status: int) -> None:
    """The whole page for a browser, only the box for htmx; no exception text, no raw markup."""
    for headers, whole in (({}, True), ({"HX-Request": "true"}, False)):
        answer = view(RequestFactory().get("/", headers=headers), *arguments)
        text = answer.content.decode()
        assert answer.status_code == status
        assert "<dt>问题</dt>" in text
        assert "<dt>处理</dt>" in text
        assert ("<html" in text) is whole
        assert "secret" not in text
        assert "<文件>" not in text


def test_charts_are_json_with_tooltips_that_need_no_inline_style() -> None:
    options = [
        charts.ranking(["甲"], [1.5], name="万元"),
        charts.trend(["1月"], {"金额": [1]}, unit="万元", bars=("数", [2])),
    ]
    for option in options:
        assert json.loads(json.dumps(option))["tooltip"]["renderMode"] == "richText"


def test_bars_are_labelled_with_grouped_thousands_and_the_same_decimals() -> None:
    def labels(*values: float) -> list[str]:
        data = charts.ranking(["甲"] * len(values), values, name="元")["series"][0]["data"]
        return [one["label"]["formatter"] for one in data]

    assert labels(12001.8, 57) == ["12,001.80", "57.00"]
    assert labels(12001, 57.0) == ["12,001", "57"]


def test_templates_keep_the_content_security_policy() -> None:
    """No inline style, no handler attributes, no script without an address."""
    for path in FOLDER.glob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|<style|\son\w+=|hx-on|<script(?![^>]*\ssrc=)", text), path.name


def test_vendored_files_have_licence_version_and_no_missing_map() -> None:
    folders = [path for path in (FOLDER / "static/vendor").iterdir() if path.is_dir()]
    listed = (FOLDER / "static/vendor/VENDOR.md").read_text(encoding="utf-8")
    assert folders
    for folder in folders:
        assert f"`{folder.name}`" in listed
        assert (folder / "LICENSE.txt").is_file()
        for path in folder.glob("*.min.*"):
            assert "sourceMappingURL" not in path.read_text(encoding="utf-8"), path.name
            assert f"{path.stat().st_size:,}" in listed, path.name
