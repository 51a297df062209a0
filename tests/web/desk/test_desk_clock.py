"""A term's end takes its step: not a second early, once, and silence is not acceptance."""

from __future__ import annotations

import datetime as dt

from fundguard.web.desk import clock
from fundguard.web.ledger.models import Entry
from tests.web.desk.conftest import CONFIRM, NOTIFY, UPHOLD, row, steps


def test_an_unanswered_notice_lapses_at_the_end_of_its_last_day_and_only_then(found) -> None:
    due = steps("home", UPHOLD, CONFIRM, NOTIFY).due_at
    assert clock.tick(due - dt.timedelta(seconds=1)) == {}
    assert row("home").state == "notified"
    assert clock.tick(due) == {"lapse": 1}
    assert row("home").state == "unanswered"
    assert Entry.objects.get(act="逾期未答复").actor is None
    assert clock.tick(due) == {}


def test_papers_that_do_not_come_let_the_review_go_on_with_a_new_start(found) -> None:
    asked = steps("home", ("reviewer1", "ask_papers", {"papers_wanted": "病历首页"}))
    assert (asked.state, asked.due_term) == ("awaiting_papers", "补充材料期限")
    assert clock.tick(asked.due_at) == {"go_on_without": 1}
    assert row("home").state == "found"
    assert row("east").state == "found"  # its term has ended too, and no step is taken for it


def test_every_state_has_its_own_step() -> None:
    assert clock.STEPS == {"awaiting_papers": "go_on_without", "notified": "lapse"}
