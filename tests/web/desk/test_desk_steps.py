"""One service takes every step: who may, once only, all or nothing, and the ledger is the history."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import OperationalError, connection, connections
from django.http import Http404
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web import wiring
from fundguard.web.accounts.models import User
from fundguard.web.desk import following, items, selectors, services
from fundguard.web.desk.models import Notice, Recusal, StateRow, StepPaper, Substitution
from fundguard.web.desk.services import Barred, take
from fundguard.web.ledger.models import Entry
from fundguard.workflows.history import replay
from tests.web.desk.conftest import CONFIRM, EAST, HOME, NOTIFY, UPHOLD, key_of, row, steps, viewer

HISTORY = "疑点办理"


def codes(refused: pytest.ExceptionInfo[Barred]) -> set[str]:
    return {one.code for one in refused.value.bars}


def history(name: str) -> list[str]:
    return list(
        Entry.objects.filter(object_kind=HISTORY, object_id=key_of(name)).order_by("pk").values_list("act", flat=True)
    )


def test_a_finding_goes_from_found_to_notified_and_every_step_is_a_row_of_the_ledger(found) -> None:
    done = steps("home", UPHOLD, CONFIRM, NOTIFY)
    assert (done.state, done.version) == ("notified", 4)
    assert history("home") == ["生成疑点", "初审成立", "复核成立", "告知机构"]
    entry = Entry.objects.filter(object_kind=HISTORY, act="初审成立").get()
    assert (entry.actor.username, entry.region) == ("reviewer1", "990101")
    assert entry.detail["papers"]["opinion"].startswith("hmac:")
    assert "性别不符" not in str(entry.detail)
    assert StepPaper.objects.get(row=done, version=2, code="opinion").text == "性别不符"
    notice = Notice.objects.get(row=done)
    assert (notice.fixmedins_code, notice.revoked_at) == (HOME, None)
    assert "100.00 元" in notice.text
    assert "答复期限" in notice.text


def test_everything_on_the_state_row_follows_from_the_history(found) -> None:
    done = steps("home", UPHOLD, CONFIRM)
    item = items.item(done)
    assert replay(item.workflow, item.history) == done.state == "confirmed"
    assert done.version == len(item.history)
    assert done.due_at is None  # nothing runs between confirmation and notice
    first = row("east")
    assert first.due_at > timezone.now()
    assert (first.due_term, "演示值" in first.due_flag) == ("初审期限", True)


def test_upholding_in_part_leaves_lines_and_amount(found) -> None:
    part = {"opinion": "一行有误", "lines": ["home-L1"], "part_amount": 5000}
    done = steps("home", ("reviewer1", "uphold_part", part))
    assert (done.state, done.amount_now_fen, done.amount_fen) == ("upheld", 5000, 10000)
    assert items.item(done).lines_now == {"home-L1"}


@pytest.mark.parametrize(
    ("papers", "words"),
    [
        ({"opinion": "", "lines": ["home-L1"], "part_amount": 5000}, "缺少审查意见"),
        ({"opinion": "好", "lines": ["east-L1"], "part_amount": 5000}, "不在本疑点的明细之内"),
        ({"opinion": "好", "lines": ["home-L1"], "part_amount": 10000}, "须小于此前的金额"),
    ],
)
def test_papers_that_are_missing_or_wrong_are_named(found, papers, words) -> None:
    with pytest.raises(Barred) as refused:
        steps("home", ("reviewer1", "uphold_part", papers))
    assert codes(refused) == {"WF-105"}
    assert words in refused.value.what


def test_a_stale_page_is_refused_and_changes_nothing(found) -> None:
    seen = row("home").version
    steps("home", UPHOLD)
    with pytest.raises(Barred) as refused:
        take(viewer("reviewer2"), key_of("home"), "dismiss", {"reason": "不成立"}, seen)
    assert codes(refused) == {"WF-201"}
    assert row("home").state == "upheld"


def test_a_double_click_takes_the_step_once(found) -> None:
    sent = (viewer("reviewer1"), key_of("home"), "uphold", {"opinion": "成立"}, row("home").version)
    take(*sent, request="form-1")
    with pytest.raises(Barred) as refused:
        take(*sent, request="form-1")
    assert codes(refused) == {"WF-202"}
    assert history("home") == ["生成疑点", "初审成立"]


def test_nobody_confirms_what_he_first_reviewed_even_in_another_post_or_as_a_substitute(found) -> None:
    steps("home", UPHOLD)
    with pytest.raises(Barred) as refused:
        steps("home", ("reviewer1", *CONFIRM[1:]))
    assert codes(refused) == {"WF-102", "WF-103"}
    User.objects.filter(username="reviewer1").update(role="confirmer")
    with pytest.raises(Barred) as refused:
        steps("home", ("reviewer1", *CONFIRM[1:]))
    assert codes(refused) == {"WF-103"}
    assert "条例" in refused.value.seen
    assert row("home").state == "upheld"


def test_a_substitute_acts_for_both_and_only_while_the_leave_lasts(found) -> None:
    today = timezone.localdate()
    confirmer, chief = User.objects.get(username="confirmer"), User.objects.get(username="expert")
    User.objects.filter(pk=chief.pk).update(region=confirmer.region)
    loan = Substitution.objects.create(principal=confirmer, substitute=chief, since=today, until=today)
    steps("home", UPHOLD)
    StateRow.objects.filter(object_id=key_of("home")).update(assignee=confirmer)
    assert [one.object_id for one in selectors.todo(viewer("expert"))] == [key_of("home")]
    steps("home", ("expert", *CONFIRM[1:]))
    entry = Entry.objects.get(object_kind=HISTORY, act="复核成立")
    assert (entry.actor, entry.detail["on_behalf_of"]) == (chief, str(confirmer.pk))
    loan.since = loan.until = today - dt.timedelta(days=1)
    loan.save()
    assert items.actor(viewer("expert"), timezone.now()).lent == ()


def test_whoever_has_an_interest_in_the_institution_is_recused(found) -> None:
    Recusal.objects.create(person=User.objects.get(username="reviewer1"), fixmedins_code=HOME, reason="近亲属任职")
    with pytest.raises(Barred) as refused:
        steps("home", UPHOLD)
    assert codes(refused) == {"WF-110"}
    assert steps("home", ("reviewer2", *UPHOLD[1:])).state == "upheld"


def test_another_region_does_not_exist_and_the_place_of_insurance_only_reads(told) -> None:
    told("r1", east={"at": EAST}, guest={"at": EAST, "insured": "990101"})
    with pytest.raises(Http404):
        steps("east", UPHOLD)
    with pytest.raises(Barred) as refused:
        steps("guest", UPHOLD)
    assert codes(refused) == {"WF-112"}


def test_another_institution_does_not_exist(told) -> None:
    told("r1", home={}, east={"at": EAST, "insured": "990101"})
    steps("home", UPHOLD, CONFIRM, NOTIFY)
    with pytest.raises(Http404):
        steps("east", ("hospital", "accept", {}))
    assert steps("home", ("hospital", "accept", {})).state == "accepted"


def test_an_error_of_the_database_in_the_middle_of_a_step_takes_all_of_it_back(found, monkeypatch) -> None:
    steps("home", UPHOLD, CONFIRM)
    before = (row("home").version, Entry.objects.count(), StepPaper.objects.count(), Notice.objects.count())

    def gone(done: services.Done) -> None:
        wiring.notices.send(done)
        raise OperationalError("server closed the connection")

    monkeypatch.setitem(wiring.EFFECTS, "send_notice", gone)
    with pytest.raises(OperationalError):
        steps("home", NOTIFY)
    assert before == (row("home").version, Entry.objects.count(), StepPaper.objects.count(), Notice.objects.count())
    assert row("home").state == "confirmed"


def test_a_step_whose_effect_nothing_does_is_refused(found, monkeypatch) -> None:
    monkeypatch.delitem(wiring.EFFECTS, "record_debt")
    steps("home", UPHOLD, CONFIRM, NOTIFY, ("hospital", "accept", {}))
    papers = {"grounds": "事实清楚", "articles": ["条例:13"], "amount": 10000}
    with pytest.raises(Refusal, match="尚未接通") as refused:
        steps("home", ("agreement", "determine", papers))
    assert refused.value.where == "record_debt"
    assert row("home").state == "accepted"


def test_a_run_again_changes_nothing(found, settings) -> None:
    rows, entries = list(StateRow.objects.values()), Entry.objects.count()
    assert following.follow_run(settings.RUNS / "r1") == {"新增": 0, "变更": 0, "撤回": 0}
    assert (list(StateRow.objects.values()), Entry.objects.count()) == (rows, entries)


OTHER = {"lines": {"L1": 6000, "L3": 9000}, "told": "证据更新：数据已更正"}


@pytest.mark.parametrize(
    ("taken", "state", "act"),
    [
        ((), "found", "采用新证据，重新初审"),
        ((UPHOLD,), "found", "采用新证据，重新初审"),
        ((UPHOLD, CONFIRM, NOTIFY), "found", "证据变更，退回初审"),
    ],
)
def test_other_evidence_moves_the_item_and_says_so(told, taken, state, act) -> None:
    told("r1", home={})
    steps("home", *taken)
    told("r2", home=OTHER)
    moved = row("home")
    assert (moved.state, moved.amount_fen, moved.amount_now_fen) == (state, 15000, 15000)
    assert moved.told == "证据更新：数据已更正"
    assert set(moved.lines) == {"home-L1", "home-L3"}
    assert history("home")[-1] == act
    assert Notice.objects.filter(revoked_at=None).count() == 0


def test_other_evidence_of_a_determined_finding_opens_a_correction(told) -> None:
    told("r1", home={})
    force(row("home"), "determined")
    told("r2", home=OTHER)
    assert row("home").state == "correcting"


def test_a_finding_that_is_gone_is_withdrawn_and_its_notice_revoked(told) -> None:
    told("r1", home={}, east={"at": EAST})
    steps("home", UPHOLD, CONFIRM, NOTIFY)
    told("r2", home=None)
    assert (row("home").state, row("east").state) == ("withdrawn", "found")
    assert Notice.objects.get().revoked_at is not None
    assert row("home").due_at is None
    told("r3", home={})  # back again: a withdrawn item stays so and says what happened
    assert (row("home").state, row("home").told) == ("withdrawn", following.LATE)


def force(one: StateRow, state: str) -> None:
    """Put an item where no wired step leads yet."""
    one.state = state
    one.save()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at once need a server")
def test_two_reviewers_at_once_take_the_finding_once(committed, transactional_db, found) -> None:
    assert at_once(UPHOLD, ("reviewer2", *UPHOLD[1:])) == ["WF-201", "taken"]
    assert history("home") == ["生成疑点", "初审成立"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at once need a server")
def test_an_opinion_is_confirmed_or_taken_back_never_both(committed, transactional_db, found) -> None:
    steps("home", UPHOLD)
    assert at_once(CONFIRM, ("reviewer1", "take_back_review", {})) == ["WF-201", "taken"]
    assert len(history("home")) == 3


def at_once(*acts: tuple[str, str, dict[str, object]]) -> list[str]:
    """What became of steps on the same page of the same finding, taken at the same moment."""
    version, met, told = row("home").version, threading.Barrier(len(acts)), []

    def act(username: str, verb: str, papers: dict[str, object]) -> None:
        try:
            who = viewer(username)
            met.wait(10)
            take(who, key_of("home"), verb, papers, version)
            told.append("taken")
        except Barred as refused:
            told.append(refused.where)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=one) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(told)
