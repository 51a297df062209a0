"""The ledger is only ever added to, and shows each viewer the own regions."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from fundguard.web.accounts.models import User
from fundguard.web.ledger import selectors
from fundguard.web.ledger.models import Entry
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
    assert "别处的事项" not in signed_in("chief").get("/ledger/").text
    assert "别处的事项" in signed_in("admin").get("/ledger/").text


def test_the_page_pages(signed_in):
    for number in range(45):
        record(None, f"事项{number:02}", "账号", "a", region="990101")
    first, last = (signed_in("chief").get("/ledger/", {"page": n}).text for n in (1, 3))
    assert ("事项44" in first, "事项24" in first, "事项04" in last) == (True, False, True)
