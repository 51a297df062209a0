"""The ledger is only ever added to, says nothing about identities, and every opening of masked data is in it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from fundguard.errors import Refusal
from fundguard.web import wiring
from fundguard.web.accounts.models import User
from fundguard.web.ledger import identity, selectors
from fundguard.web.ledger.models import Entry, Immutable
from fundguard.web.ledger.services import record

REASON = "核对处方笔迹是否一致"


@pytest.fixture
def entry(people):
    return record(User.objects.get(username="review1"), "account.sign_in", ("person", "9901-secret"), region="990101")


@pytest.fixture
def person(monkeypatch):
    """A source of identities that knows one impossible person and remembers who asked."""
    asked = []

    def source(viewer, key):
        asked.append((viewer.user.username, key, Entry.objects.filter(act="identity.open").count()))
        return {"psn_name": "测试员甲"} if key == "k1" else {}

    monkeypatch.setitem(wiring.IDENTITY_SOURCES, "person", source)
    return asked


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
    with pytest.raises(Immutable):
        change(entry)


@pytest.mark.parametrize("sql", ["UPDATE ledger_entry SET act = 'x'", "DELETE FROM ledger_entry"])
def test_the_database_refuses_change(entry, sql):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert Entry.objects.get().act == "account.sign_in"


def test_a_step_and_its_row_exist_together_or_not_at_all(people):
    def step() -> None:
        with transaction.atomic():
            record(None, "account.sign_in", ("account", "a"), region="")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        step()
    assert not Entry.objects.exists()


def test_the_digest_covers_the_stored_row_and_identifiers_are_keyed(entry):
    stored = Entry.objects.get()
    assert stored.digest == stored.computed_digest()
    stored.region = "990102"
    assert stored.digest != stored.computed_digest()
    assert "9901-secret" not in str(Entry.objects.values().get())
    assert len(stored.object_key) == 64


def test_history_finds_an_object_again_only_inside_the_region(entry, viewer):
    assert list(selectors.history(viewer("chief"), "person", "9901-secret")) == [entry]
    assert not selectors.history(viewer("chief"), "person", "other").exists()
    record(None, "account.sign_in", ("person", "9901-secret"), region="990201")
    assert selectors.history(viewer("chief"), "person", "9901-secret").count() == 1
    assert selectors.history(viewer("admin"), "person", "9901-secret").count() == 2


def test_an_act_that_nobody_declared_is_refused(people):
    with pytest.raises(ValueError, match="unknown act"):
        record(None, "made.up", ("account", "a"), region="")


def test_opening_writes_the_row_before_it_reads_the_value(viewer, person):
    reviewer = viewer("review1")
    ticket = identity.ticket(reviewer, "person", "k1", "psn_name", "990101")
    assert identity.open_field(reviewer, ticket, REASON).value == "测试员甲"
    assert person == [("review1", "k1", 1)]
    row = Entry.objects.get()
    assert row.detail == {"field": "psn_name", "reason": REASON}
    assert "测试员甲" not in str(Entry.objects.values().get())


@pytest.mark.parametrize(
    ("whose", "tamper", "reason", "what"),
    [
        ("review2", "", REASON, "页面已过期"),
        ("review1", "x", REASON, "页面已过期"),
        ("review1", "", " 看 看 ", "查看理由过短"),
    ],
)
def test_opening_is_refused_without_own_ticket_and_reason(  # noqa: PLR0917
    viewer, person, whose, tamper, reason, what
):
    ticket = identity.ticket(viewer(whose), "person", "k1", "psn_name", "990101") + tamper
    with pytest.raises(Refusal, match=what):
        identity.open_field(viewer("review1"), ticket, reason)
    assert not person
    assert not Entry.objects.exists()


def test_the_dialog_answers_with_the_value_once_and_never_from_a_cache(signed_in, viewer, person):
    ticket = identity.ticket(viewer("review1"), "person", "k1", "psn_name", "990101")
    client = signed_in("review1")
    answer = client.post("/ledger/open-identity", {"ticket": ticket, "reason": REASON})
    assert "测试员甲" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    refused = client.post("/ledger/open-identity", {"ticket": ticket, "reason": "短"})
    assert (refused.status_code, "测试员甲" in refused.text) == (422, False)
    assert signed_in("hospital").post("/ledger/open-identity", {"ticket": ticket, "reason": REASON}).status_code == 403


def test_the_ledger_page_filters_sorts_and_pages(signed_in, people):
    user = User.objects.get(username="review1")
    for number in range(45):
        record(user, "job.start", ("job", str(number)), region="990101", detail={"number": number})
    record(user, "account.sign_out", ("account", "review1"), region="990101")
    record(None, "job.cancel", ("job", "1"), region="990201")
    client = signed_in("chief")
    first = client.get("/ledger/", {"act": "job.start"}).context["listing"]
    last = client.get("/ledger/", {"act": "job.start", "page": 3}).context["listing"]
    assert (first.total, len(first.rows), len(last.rows)) == (45, 20, 5)
    assert first.rows[0].detail["number"] == 44
    turned = client.get("/ledger/", {"sort": "at", "act": "job.start"}).context["listing"]
    assert turned.rows[0].detail["number"] == 0
    assert client.get("/ledger/").context["listing"].total == 46
    assert client.get("/ledger/", {"since": "2199-01-01"}).context["listing"].total == 0
    assert client.get("/ledger/", {"since": "gestern"}).status_code == 200
