"""The ledger is only ever added to, and shows each viewer the own regions."""

from __future__ import annotations

import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from python_calamine import CalamineWorkbook

from fundguard.web.accounts.models import User
from fundguard.web.ledger import selectors, views
from fundguard.web.ledger.models import Entry
from fundguard.web.ledger.sealing import seal
from fundguard.web.ledger.services import record


@pytest.fixture
def entry(people):
    return record(User.objects.get(username="chief"), "登录", "账号", "chief", region="990101", detail={"n": 1})


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e.save(),
        lambda e: e.delete(),
        lambda e: Entry.objects.update(act="x"),
        lambda e: Entry.objects.all().delete(),
    ],
)
def test_the_model_refuses_change(entry, change):
    with pytest.raises(TypeError, match="只能追加"):
        change(entry)


@pytest.mark.parametrize("sql", ["UPDATE ledger_entry SET act = 'x'", "DELETE FROM ledger_entry"])
def test_the_database_refuses_change(entry, sql):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert Entry.objects.get().act == "登录"


def test_a_step_and_its_row_exist_together_or_not_at_all(people):
    def step() -> None:
        with transaction.atomic():
            record(None, "登录", "账号", "a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        step()
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "change", [{"act": "x"}, {"object_id": "x"}, {"region": "990102"}, {"detail": {"n": 2}}, {"actor": None}]
)
def test_the_hash_covers_the_row_as_it_is_stored(entry, change):
    stored = Entry.objects.get()
    assert stored.own_hash == stored.digest()
    for field, value in change.items():
        setattr(stored, field, value)
    assert stored.own_hash != stored.digest()


def test_rows_of_other_regions_are_not_shown(entry, viewer, signed_in):
    record(None, "别处的事项", "账号", "a", region="990201")
    assert [selectors.entries(viewer(name)).count() for name in ("officer", "chief", "admin")] == [1, 1, 2]
    assert listed(signed_in("chief")) == {"登录"}
    assert listed(signed_in("admin")) == {"登录", "别处的事项"}


def test_the_page_pages(signed_in):
    for number in range(45):
        record(None, f"事项{number:02}", "账号", "a", region="990101")
    first, last = (listed(signed_in("chief"), page=n) for n in (1, 3))
    assert (first, last) == ({f"事项{n:02}" for n in range(25, 45)}, {f"事项{n:02}" for n in range(5)})


def listed(client, **query) -> set[str]:
    """Acts on the page with this filter, as the table shows them."""
    rows = client.get("/ledger/", query).context["rows"]
    return {row.act for row in rows}


@pytest.fixture
def several(people):
    people = {user.username: user for user in User.objects.all()}
    record(people["chief"], "导出疑点", "疑点清单", "f-1234", region="990101")
    record(people["officer"], "查看明文身份", "疑点", "k-5678", region="990101")
    record(None, "核查完成", "核查运行", "r-1", region="990101")


@pytest.mark.parametrize(
    ("query", "acts"),
    [
        ({"actor": "chief"}, {"导出疑点"}),
        ({"actor": "测四执"}, {"查看明文身份"}),
        ({"act": "核查完成"}, {"核查完成"}),
        ({"kind": "疑点"}, {"查看明文身份"}),
        ({"number": "5678"}, {"查看明文身份"}),
        ({"first": "2020-01-01", "last": "2020-12-31"}, set()),
        ({"first": "2020-01-01"}, {"导出疑点", "查看明文身份", "核查完成"}),
        ({"first": "no day"}, {"导出疑点", "查看明文身份", "核查完成"}),
        ({"actor": "chief", "act": "核查完成"}, set()),
    ],
)
def test_the_page_filters_by_actor_act_object_and_day(several, signed_in, query, acts):
    assert listed(signed_in("chief"), **query) == acts


def test_the_day_of_the_filter_is_a_day_in_local_time(people, signed_in, monkeypatch):
    late_evening = datetime(2026, 3, 1, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    monkeypatch.setattr("fundguard.web.ledger.services.timezone.now", lambda: late_evening)
    record(None, "登录", "账号", "a", region="990101")
    monkeypatch.undo()
    days = [listed(signed_in("chief"), first=day, last=day) for day in ("2026-03-01", "2026-03-02")]
    assert days == [{"登录"}, set()]


def test_the_page_shows_what_is_sealed(several, signed_in, settings, tmp_path):
    settings.LEDGER_HEADS = tmp_path
    client = signed_in("chief")
    assert client.get("/ledger/").text.count("gov-dot amber") == 3
    seal()
    record(None, "登录", "账号", "a", region="990101")
    text = client.get("/ledger/").text
    assert (text.count("gov-dot amber"), text.count("gov-dot green")) == (1, 3)


def test_the_export_holds_what_the_filter_matches_and_enters_the_ledger(several, signed_in):
    answer = signed_in("chief").get("/ledger/export/", {"kind": "疑点"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert [row[4] for row in sheet] == ["事项", "查看明文身份"]
    told = Entry.objects.latest("pk")
    assert (told.act, told.detail, told.actor.username) == ("导出台账", {"行数": 1}, "chief")


def test_an_export_of_too_much_is_refused(several, signed_in, monkeypatch):
    monkeypatch.setattr(views, "EXPORT_AT_MOST", 2)
    answer = signed_in("chief").get("/ledger/export/")
    assert (answer.status_code, "缩小范围" in answer.text) == (422, True)


def test_the_page_leads_to_the_newest_rows_and_says_so(signed_in, entry, monkeypatch):
    monkeypatch.setattr(views, "LISTED", 20)
    for number in range(25):
        record(None, "新", "账号", f"n{number}", region="990101")
    chief = signed_in("chief")
    html = chief.get("/ledger/").text
    assert "只列最近 <strong>20</strong> 条" in html
    assert "n24" in html
    assert "n4" not in html.split("<tbody>")[1]
    older = chief.get("/ledger/?number=chief").text
    assert "共 <strong>" in older
    assert "登录" in older
