"""Who is told what, once each, and nobody else; what is read stays read."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fundguard.web import wiring
from fundguard.web.accounts.models import User
from fundguard.web.desk import assigning, bulk, clock
from fundguard.web.desk.models import BulkStep, StateRow, Substitution
from fundguard.web.desk.services import take
from fundguard.web.jobs.services import WORK, Cancelled
from fundguard.web.reminders import daily, telling
from fundguard.web.reminders.kinds import KINDS
from fundguard.web.reminders.models import Reminder
from tests.web.desk.conftest import CONFIRM, NOTIFY, UPHOLD, key_of, row, steps, viewer

WANTED = ("reviewer1", "ask_papers", {"papers_wanted": "请提供病历首页"})
SUPPLY = ("hospital", "supply_papers", {"supporting_papers": "病历首页 2026-5"})
BACK = ("confirmer", "send_back", {"opinion": "再看"})
TODAY = dt.date(2026, 11, 23)


def told_to(username: str) -> list[tuple[str, int, str]]:
    """Kind, number and object of the unread reminders, oldest first."""
    own = Reminder.objects.filter(person__username=username, read_at=None).order_by("pk")
    return list(own.values_list("kind", "count", "object_id"))


def everybody() -> set[str]:
    return set(Reminder.objects.values_list("person__username", flat=True))


def test_the_author_is_told_when_an_opinion_is_sent_back(found) -> None:
    steps("home", UPHOLD, BACK)
    assert told_to("reviewer1") == [("sent_back", 1, key_of("home"))]
    assert everybody() == {"reviewer1"}


def test_the_institution_is_told_and_its_answer_goes_to_who_asked(found) -> None:
    steps("home", UPHOLD, CONFIRM, NOTIFY)
    assert told_to("hospital") == [("told", 1, key_of("home"))]
    steps("home", ("hospital", "accept", {}))
    assert told_to("confirmer") == [("answered", 1, key_of("home"))]
    assert everybody() == {"hospital", "confirmer"}


def test_an_answer_goes_to_the_assignee_where_there_is_one(found) -> None:
    steps("home", WANTED)
    StateRow.objects.filter(object_id=key_of("home")).update(assignee=viewer("reviewer2").user)
    steps("home", SUPPLY)
    assert told_to("reviewer2") == [("answered", 1, key_of("home"))]
    assert told_to("reviewer1") == []


def test_an_institution_learns_nothing_of_what_it_was_never_told(found) -> None:
    steps("home", UPHOLD, ("recall", "withdraw", {"reason": "规则有误", "recall_order": "撤〔2026〕1号"}))
    assert told_to("hospital") == []


def test_changed_evidence_is_told_to_the_assignee(told) -> None:
    told("r1", home={})
    StateRow.objects.update(assignee=viewer("reviewer1").user)
    told("r2", home={"lines": {"L1": 1000}})
    assert [kind for kind, *_ in told_to("reviewer1")] == ["evidence"]


def test_a_bulk_step_tells_each_person_once(told) -> None:
    told("r1", **{f"n{n}": {} for n in range(5)})
    for n in range(5):
        steps(f"n{n}", UPHOLD if n else ("reviewer2", *UPHOLD[1:]))
    made = bulk.start(viewer("confirmer"), "send_back", {"opinion": "再看"}, {"state": "upheld"})
    WORK[bulk.KIND](made.job, lambda *_: None)
    assert told_to("reviewer1") == [("sent_back", 4, "")]
    assert told_to("reviewer2") == [("sent_back", 1, key_of("n0"))]
    assert told_to("confirmer") == [("bulk_ended", 1, str(made.pk))]
    assert "已办 5 条" in str(Reminder.objects.get(kind="bulk_ended"))


def test_a_sheet_of_answers_tells_each_person_once(told) -> None:
    told("r1", a={}, b={})
    for place, name in enumerate("ab"):
        steps(name, UPHOLD, CONFIRM, NOTIFY)
        take(viewer("hospital"), key_of(name), "accept", {}, row(name).version, request=f"sheet-7-{place}")
    assert told_to("confirmer") == [("answered", 2, "")]


def test_a_bulk_step_that_breaks_off_says_so(found) -> None:
    made = bulk.start(viewer("reviewer1"), "dismiss", {"reason": "同一原因"}, {"state": "found"})

    def cancel(*_: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        telling.ending(bulk.perform)(made.job, cancel)
    assert told_to("reviewer1") == [("bulk_broken", 1, str(BulkStep.objects.get().pk))]


def test_work_given_by_a_colleague_is_told_and_what_one_takes_oneself_is_not(told) -> None:
    told("r1", a={}, b={})
    assigning.claim_day(viewer("reviewer2"))
    assert everybody() == set()
    assigning.assign(viewer("confirmer"), [key_of("a"), key_of("b")], viewer("reviewer1").user)
    assert told_to("reviewer1") == [("assigned", 2, "")]


def test_a_step_that_fails_tells_nobody(found, monkeypatch) -> None:
    def fail(done: object) -> None:
        raise RuntimeError

    monkeypatch.setitem(wiring.EFFECTS, "send_notice", fail)
    with pytest.raises(RuntimeError):
        steps("home", UPHOLD, CONFIRM, NOTIFY)
    assert everybody() == set()


def test_silence_is_told_to_who_asked_and_to_the_institution(found) -> None:
    steps("home", UPHOLD, CONFIRM, NOTIFY)
    Reminder.objects.all().delete()
    clock.tick(row("home").due_at)
    assert told_to("confirmer") == [("lapsed", 1, key_of("home"))]
    assert told_to("hospital") == [("told", 1, key_of("home"))]


def begin(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


@pytest.mark.parametrize(
    ("until", "kinds"),
    [(0, ["overdue"]), (1, ["due_soon"]), (daily.AHEAD + 1, ["due_soon"]), (daily.AHEAD + 2, [])],
)
def test_terms_that_are_near_or_over_are_told_once_a_day(found, until, kinds) -> None:
    """`due_at` is the first late instant: a term that ends today has tomorrow's midnight."""
    due = begin(TODAY) + dt.timedelta(days=until)
    StateRow.objects.filter(object_id=key_of("home")).update(due_at=due, assignee=viewer("reviewer1").user)
    StateRow.objects.exclude(object_id=key_of("home")).update(due_at=None)
    daily.remind(TODAY)
    daily.remind(TODAY)
    assert [kind for kind, *_ in told_to("reviewer1")] == kinds
    daily.remind(TODAY + dt.timedelta(days=1))
    assert len(told_to("reviewer1")) == len(kinds) * 2 or until == daily.AHEAD + 2


def test_an_institution_is_told_of_its_own_terms_alone(found) -> None:
    soon = begin(TODAY) + dt.timedelta(days=2)
    StateRow.objects.update(due_at=soon)
    daily.remind(TODAY)
    assert told_to("hospital") == []
    StateRow.objects.filter(object_id=key_of("home")).update(due_term="答复期限")
    daily.remind(TODAY)
    assert told_to("hospital") == [("answer_due", 1, "")]


def test_a_substitute_is_told_when_registered_and_when_it_begins(found) -> None:
    one, two = viewer("reviewer1").user, viewer("reviewer2").user
    assigning.lend(viewer("confirmer"), one, two, TODAY, TODAY)
    assert told_to("reviewer2") == [("lent", 1, "")]
    daily.remind(TODAY)
    assert [kind for kind, *_ in told_to("reviewer2")] == ["lent", "lent"]
    assert "测一初" in str(Reminder.objects.filter(person=two).first())
    assert Substitution.objects.count() == 1


def test_read_reminders_go_after_a_while_and_unread_ones_stay(found) -> None:
    person, long_ago = viewer("reviewer1").user, begin(TODAY) - dt.timedelta(days=daily.KEPT + 1)
    for source, read in (("a", long_ago), ("b", None), ("c", begin(TODAY))):
        Reminder.objects.create(person=person, kind="assigned", source=source, made_at=long_ago, read_at=read)
    daily.remind(TODAY)
    assert set(Reminder.objects.values_list("source", flat=True)) == {"b", "c"}


def test_the_bar_counts_and_a_reminder_leads_to_its_object(found, bare, signed_in) -> None:
    steps("home", UPHOLD, BACK)
    client = signed_in("reviewer1")
    assert '<span class="gov-count">1<span' in client.get("/desk/").text
    html = client.get("/reminders/?unread=1").text
    assert "您作出的意见被退回重审" in html
    one = Reminder.objects.get()
    answer = client.post(f"/reminders/{one.pk}/open/")
    assert answer.url == f"/findings/{key_of('home')}/"
    assert "gov-count" not in client.get("/desk/").text
    assert "没有未读提醒" in client.get("/reminders/?unread=1").text
    assert "您作出的意见被退回重审" in client.get("/reminders/").text


def test_every_kind_leads_somewhere(found, bare, signed_in) -> None:
    steps("home", UPHOLD)
    for kind in KINDS.values():
        username = "hospital" if kind.list_url == "portal:list" else "reviewer1"
        person = User.objects.get(username=username)
        one = Reminder.objects.create(person=person, kind=kind.code, source=kind.code, made_at=timezone.now(), count=2)
        answer = signed_in(username).post(f"/reminders/{one.pk}/open/")
        assert signed_in(username).get(answer.url).status_code == 200, kind.code
        assert str(one)


def test_reminders_are_ones_own(found, signed_in) -> None:
    steps("home", UPHOLD, BACK)
    one, client = Reminder.objects.get(), signed_in("reviewer2")
    assert client.post(f"/reminders/{one.pk}/open/").status_code == 404
    client.post("/reminders/read/")
    assert "退回重审" not in client.get("/reminders/").text
    assert Reminder.objects.get().read_at is None
    signed_in("reviewer1").post("/reminders/read/")
    assert Reminder.objects.get().read_at is not None


def test_a_page_asks_once_and_not_at_all_for_who_has_none(found, signed_in) -> None:
    for username, number in (("reviewer1", 1), ("doctor", 0)):
        client = signed_in(username)
        with CaptureQueriesContext(connection) as asked:
            client.get("/findings/")
        assert sum("reminders_reminder" in one["sql"] for one in asked) == number


def test_the_same_source_adds_up_and_is_unread_again(found) -> None:
    person = viewer("reviewer1").user.pk
    telling.tell([person], "told", "x", at=timezone.now(), object_id="a")
    Reminder.objects.update(read_at=timezone.now())
    telling.tell([person], "told", "x", at=timezone.now(), object_id="b")
    one = Reminder.objects.get()
    assert (one.count, one.object_id, one.read_at) == (2, "", None)
