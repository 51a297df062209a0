"""A step over everything that matches: previewed, short transactions, resumed behind its cursor, each item asked."""

from __future__ import annotations

import pytest

from fundguard.errors import Refusal
from fundguard.web.accounts.models import User
from fundguard.web.desk import bulk, services
from fundguard.web.desk.models import BulkStep, Recusal, StateRow
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Cancelled
from fundguard.web.ledger.models import Entry
from tests.web.desk.conftest import EAST, HOME, key_of, row, viewer
from tests.web.desk.test_desk_pages import form, page_of

WANTED = {"state": "found"}


@pytest.fixture
def many(told) -> None:
    told("r1", **{f"n{n}": {} for n in range(7)}, other={"rule": "N03"}, east={"at": EAST})


def started(verb: str = "dismiss", **papers: str) -> BulkStep:
    return bulk.start(viewer("reviewer1"), verb, papers or {"reason": "同一原因"}, WANTED)


def test_the_preview_tells_number_and_money_and_changes_nothing(many, signed_in) -> None:
    html = signed_in("reviewer1").get("/desk/bulk/?state=found&verb=dismiss&rule=N67").text
    assert "<strong>7</strong> 条" in html
    assert "<strong>700.00</strong> 元" in html
    assert set(StateRow.objects.values_list("state", flat=True)) == {"found"}


def test_everything_that_matches_is_done_and_nothing_else(many, signed_in, django_capture_on_commit_callbacks) -> None:
    client = signed_in("reviewer1")
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/desk/bulk/?state=found&verb=dismiss&rule=N67", bulk_form(client))
    made = BulkStep.objects.get()
    assert (made.taken, made.taken_fen, made.refused, made.job.state) == (7, 70000, {}, Job.State.DONE)
    assert {row(f"n{n}").state for n in range(7)} == {"dismissed"}
    assert (row("other").state, row("east").state) == ("found", "found")
    assert "7 条，700.00 元" in client.get(answer.url).text
    assert Entry.objects.filter(act="初审不成立").count() == 7
    assert Entry.objects.get(act="发起批量办理").detail["条数"] == 7


def bulk_form(client) -> dict[str, str]:
    html = client.get("/desk/bulk/?state=found&verb=dismiss&rule=N67").text
    number = html.partition('name="request" value="')[2].partition('"')[0]
    return {"version": "0", "request": number, "reason": "同一原因"}


def test_what_is_barred_stays_and_is_counted_by_its_code(many) -> None:
    Recusal.objects.create(person=User.objects.get(username="reviewer1"), fixmedins_code=HOME, reason="近亲属任职")
    made = started()
    told = bulk.perform(made.job, lambda *_: None)
    assert told == {"taken": 0, "fen": 0, "refused": {"WF-110": 8}}
    assert row("n1").state == "found"


def test_a_job_that_dies_keeps_what_it_did_and_goes_on_behind_it(many, monkeypatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 3)
    made = started()

    def cancel(done: int, total: int, message: str) -> None:
        if done >= 6:
            raise Cancelled

    with pytest.raises(Cancelled):
        bulk.perform(made.job, cancel)
    made.refresh_from_db()
    assert made.taken == StateRow.objects.filter(state="dismissed").count() == 6
    Job.objects.filter(pk=made.job_id).update(state=Job.State.CANCELLED)
    again = bulk.go_on(viewer("reviewer1"), made)
    assert bulk.perform(again.job, lambda *_: None)["taken"] == 8
    assert Entry.objects.filter(act="初审不成立").count() == 8


def test_an_error_takes_back_its_batch_only(many, monkeypatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 3)
    made, append = started(), services.append

    def fail(entries) -> None:
        append(entries)
        if Entry.objects.filter(act="初审不成立").count() > 3:
            raise RuntimeError

    monkeypatch.setattr(services, "append", fail)
    with pytest.raises(RuntimeError):
        bulk.perform(made.job, lambda *_: None)
    assert StateRow.objects.filter(state="dismissed").count() == 3
    made.refresh_from_db()
    assert made.taken == 3


def test_one_at_a_time_and_only_what_the_post_may_do_for_many(many) -> None:
    started()
    with pytest.raises(Refusal, match="已有一项批量办理"):
        started()
    for verb in ("confirm", "uphold_part", "withdraw"):
        with pytest.raises(Refusal, match="不能批量办理"):
            started(verb)
    with pytest.raises(Refusal, match="没有符合条件"):
        bulk.start(viewer("reviewer1"), "dismiss", {"reason": "无"}, WANTED | {"rule": "N99"})


def test_one_opinion_for_the_same_point_at_the_same_institution(
    told, signed_in, django_capture_on_commit_callbacks
) -> None:
    told("r1", a={}, b={}, far={"at": EAST}, other={"rule": "N03"})
    client = signed_in("reviewer1")
    assert "同一问题还有 1 条" in client.get(page_of("a", "dismiss")).text
    asked = client.post(page_of("a", "dismiss"), form(client, "a", "dismiss", reason="已有说明", same="yes"))
    assert [row(name).state for name in ("a", "b")] == ["dismissed", "found"], "the others are shown first"
    html = client.get(asked.url).text
    assert "已有说明" in html
    assert key_of("b") in html
    assert key_of("far") not in html
    number = html.partition('name="request" value="')[2].partition('"')[0]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(asked.url, {"version": "0", "request": number, "reason": "已有说明"})
    assert [row(name).state for name in ("a", "b", "far", "other")] == ["dismissed", "dismissed", "found", "found"]
    assert key_of("a") != key_of("b")


def test_a_bulk_step_is_its_owners_alone(many, signed_in) -> None:
    made = started()
    assert signed_in("reviewer1").get(f"/desk/bulk/{made.pk}/").status_code == 200
    assert signed_in("reviewer2").get(f"/desk/bulk/{made.pk}/").status_code == 404
    assert signed_in("reviewer1").post(f"/desk/bulk/{made.pk}/go-on/").status_code == 404  # it has not ended
