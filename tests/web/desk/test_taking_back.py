"""Opinions taken back before the institution is told: one by one, and a whole bulk step."""

from __future__ import annotations

import pytest

from fundguard.errors import Refusal
from fundguard.web.desk import bulk, items, undoing
from fundguard.web.desk.models import BulkStep, Drawn, StateRow
from fundguard.web.desk.services import Barred
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Cancelled
from fundguard.web.ledger.models import Entry
from fundguard.workflows.history import replay
from tests.web.desk.conftest import CONFIRM, EAST, HOME, NOTIFY, UPHOLD, key_of, row, steps, viewer
from tests.web.desk.test_desk_pages import form, page_of

BACK = ("reviewer1", "take_back_review", {})
NOTHING = {"taken": 0, "fen": 0, "refused": {}}


@pytest.fixture
def many(told) -> None:
    told("r1", **{f"n{n}": {} for n in range(7)}, east={"at": EAST})


def done(verb: str = "dismiss", who: str = "reviewer1", **papers: str) -> BulkStep:
    state = {"dismiss": "found", "uphold": "found", "confirm": "upheld"}[verb]
    made = bulk.start(viewer(who), verb, papers or {"reason": "同一原因"}, {"state": state})
    return performed(made)


def performed(made: BulkStep) -> BulkStep:
    bulk.perform(made.job, lambda *_: None)
    Job.objects.filter(pk=made.job_id).update(state=Job.State.DONE)
    return BulkStep.objects.select_related("job").get(pk=made.pk)


def states() -> list[str]:
    return [row(f"n{n}").state for n in range(7)]


def test_an_opinion_taken_back_leaves_amount_term_and_history_as_they_were(found) -> None:
    before = row("home")
    part = {"opinion": "一行有误", "lines": ["home-L1"], "part_amount": 5000}
    after = steps("home", ("reviewer1", "uphold_part", part), BACK)
    same = ("state", "amount_now_fen", "due_at", "due_term", "due_flag")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    item = items.item(after)
    assert (replay(item.workflow, item.history), len(item.history)) == ("found", after.version)
    assert Entry.objects.filter(act="撤销初审意见", object_id=key_of("home")).count() == 1


def test_only_the_author_and_only_until_the_next_step(found) -> None:
    steps("home", UPHOLD)
    with pytest.raises(Barred, match="不是本人所作"):
        steps("home", ("reviewer2", *BACK[1:]))
    steps("home", CONFIRM)
    with pytest.raises(Barred, match="不能办理"):
        steps("home", BACK)
    steps("home", ("confirmer", "take_back_confirmation", {}), BACK)
    steps("home", UPHOLD, CONFIRM, NOTIFY)
    with pytest.raises(Barred, match="不能办理"):
        steps("home", ("confirmer", "take_back_confirmation", {}))


def test_who_may_take_it_back_has_a_button_and_nobody_else(found, bare, signed_in) -> None:
    steps("home", UPHOLD)
    address = f"/findings/{key_of('home')}/"
    assert page_of("home", "take_back_review") in signed_in("reviewer1").get(address).text
    for other in ("reviewer2", "confirmer"):
        assert "撤销初审意见" not in signed_in(other).get(address).text
    client = signed_in("reviewer1")
    client.post(page_of("home", "take_back_review"), form(client, "home", "take_back_review"))
    assert row("home").state == "found"


def test_it_is_nobodys_to_do(found, signed_in) -> None:
    """What could be taken back waits for somebody else."""
    steps("home", UPHOLD)
    StateRow.objects.filter(object_id=key_of("home")).update(assignee=viewer("reviewer1").user)
    assert "没有待办" in signed_in("reviewer1").get("/desk/mine/").text
    assert "批量撤销" not in signed_in("reviewer1").get("/desk/?state=upheld").text


def test_what_is_drawn_for_the_sample_review_stays_as_it_was_said(found) -> None:
    steps("home", ("reviewer1", "dismiss", {"reason": "不成立"}))
    made = {
        "region": "990101",
        "source": "开奖号码",
        "share_e4": 500,
        "keys": [],
        "size": 1,
        "frozen_at": row("home").entered_at,
    }
    from fundguard.web.desk.models import Draw

    Drawn.objects.create(
        draw=Draw.objects.create(**made), place=1, row=row("home"), first="dismissed", reviewer=viewer("sampler").user
    )
    with pytest.raises(Barred, match="没有被抽中随机复审"):
        steps("home", BACK)


def test_a_bulk_step_is_taken_back_whole(many, signed_in, django_capture_on_commit_callbacks) -> None:
    before = {one.pk: (one.due_at, one.amount_now_fen) for one in StateRow.objects.all()}
    made = done("uphold", opinion="均成立")
    client = signed_in("reviewer1")
    assert "目前可以撤销 7 条" in client.get(f"/desk/bulk/{made.pk}/").text
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(f"/desk/bulk/{made.pk}/undo/")
    back = BulkStep.objects.get(takes_back=made)
    assert (back.taken, back.refused, back.job.state) == (7, {}, Job.State.DONE)
    assert answer.url == f"/desk/bulk/{back.pk}/"
    assert set(states()) == {"found"}
    assert {one.pk: (one.due_at, one.amount_now_fen) for one in StateRow.objects.all()} == before
    assert "没有可以撤销的" in client.get(f"/desk/bulk/{made.pk}/").text
    assert Entry.objects.filter(act="撤销初审意见").count() == 7


def test_only_what_still_stands_where_it_was_left(many) -> None:
    made = done("uphold", opinion="均成立")
    steps("n0", CONFIRM)
    steps("n1", ("confirmer", "send_back", {"opinion": "再看"}))
    steps("n2", BACK, UPHOLD)
    told = undoing.offer(viewer("reviewer1"), made)
    assert told is not None
    assert (told.count, told.moved) == (4, 3)
    assert performed(undoing.start(viewer("reviewer1"), made)).taken == 4
    assert states() == ["confirmed", "found", "upheld", "found", "found", "found", "found"]


def test_what_is_barred_is_counted_by_its_reason(many, signed_in) -> None:
    from fundguard.web.desk.models import Recusal

    made = done()
    Recusal.objects.create(person=viewer("reviewer1").user, fixmedins_code=HOME, reason="近亲属任职")
    back = performed(undoing.start(viewer("reviewer1"), made))
    assert (back.taken, back.refused) == (0, {"WF-110": 7})
    assert "7 条：本人与此项有利害关系" in signed_in("reviewer1").get(f"/desk/bulk/{back.pk}/").text


def cut_short(made: BulkStep) -> None:
    """The worker's work ends after its first batch."""

    def cut(done: int, total: int, message: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        bulk.perform(made.job, cut)
    made.refresh_from_db()


def test_one_that_was_continued_is_taken_back_with_what_came_before(many, monkeypatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 3)
    made = bulk.start(viewer("reviewer1"), "dismiss", {"reason": "同一原因"}, {"state": "found"})
    cut_short(made)
    assert made.taken == 3
    Job.objects.filter(pk=made.job_id).update(state=Job.State.CANCELLED)
    again = performed(bulk.go_on(viewer("reviewer1"), made))
    assert performed(undoing.start(viewer("reviewer1"), again)).taken == 7
    assert set(states()) == {"found"}


def test_a_taking_back_that_died_goes_on(many, monkeypatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 3)
    back = undoing.start(viewer("reviewer1"), done())
    cut_short(back)
    assert states().count("found") == 3
    Job.objects.filter(pk=back.job_id).update(state=Job.State.FAILED)
    assert performed(bulk.go_on(viewer("reviewer1"), back)).taken == 7
    assert set(states()) == {"found"}


def test_what_cannot_be_taken_back_is_refused(many) -> None:
    made = bulk.start(viewer("reviewer1"), "dismiss", {"reason": "同一原因"}, {"state": "found"})
    with pytest.raises(Refusal, match="尚未结束"):
        undoing.start(viewer("reviewer1"), made)
    performed(made)
    back = performed(undoing.start(viewer("reviewer1"), BulkStep.objects.select_related("job").get(pk=made.pk)))
    with pytest.raises(Refusal, match="不能撤销"):
        undoing.start(viewer("reviewer1"), back)
    with pytest.raises(Refusal, match="没有可以撤销"):
        undoing.start(viewer("reviewer1"), BulkStep.objects.select_related("job").get(pk=made.pk))


def test_a_bulk_step_is_taken_back_by_its_owner_alone(many, signed_in) -> None:
    made = done()
    assert signed_in("reviewer2").post(f"/desk/bulk/{made.pk}/undo/").status_code == 404
    assert signed_in("reviewer1").get(f"/desk/bulk/{made.pk}/undo/").status_code == 405
    assert set(states()) == {"dismissed"}
