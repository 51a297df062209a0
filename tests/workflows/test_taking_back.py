"""An opinion is taken back by its author alone, until the next step, and nothing of it is left but the history."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from fundguard.workflows.deadlines import running
from fundguard.workflows.history import Actor, Item, Lent
from fundguard.workflows.kernel import may, take
from fundguard.workflows.parts import Workflow
from fundguard.workflows.regions import VARIANTS
from tests.workflows.cast import LINES, REGIONS, START, actor, item, papers, play

FLOWS = pytest.mark.parametrize("flow", VARIANTS.values(), ids=lambda flow: flow.place or "nation")
LATER = START + timedelta(days=3)
DAY = START.date()


def codes(here: Item, verb: str, who: Actor) -> list[str]:
    at = here.history[-1].at + timedelta(minutes=5)
    return [bar.code for bar in may(here, verb, who, at, papers={}).bars]


def terms(here: Item) -> list[tuple[str, date, date]]:
    return [(due.term, due.opened, due.day) for due in running(here, here.history[-1].at)]


@FLOWS
@pytest.mark.parametrize("opinion", ["uphold", "uphold_part", "dismiss"])
def test_everything_is_as_before_the_opinion(flow: Workflow, opinion: str) -> None:
    before = play(item(flow), "publish")
    after = play(play(before, opinion, at=LATER), "take_back_review", at=LATER + timedelta(hours=1))
    assert (after.state, after.amount_now, after.lines_now) == ("found", before.amount_fen, LINES)
    assert terms(after) == terms(before), "the term of the first review runs on from the day it was opened"
    assert [row.verb for row in after.history] == ["publish", opinion, "take_back_review"]


@FLOWS
def test_a_confirmation_taken_back_leaves_the_review_as_it_stood(flow: Workflow) -> None:
    before = play(item(flow), "publish", "uphold_part")
    after = play(before, "confirm", "take_back_confirmation", at=LATER)
    assert (after.state, after.amount_now, terms(after)) == ("upheld", 4_000, terms(before))
    back = play(after, "take_back_review")
    assert (back.state, back.amount_now, terms(back)) == ("found", 9_000, terms(play(item(flow), "publish")))


def test_days_that_did_not_count_stay_out_of_the_term() -> None:
    before = play(item(), "publish", "ask_papers", "supply_papers", apart=timedelta(days=2))
    after = play(before, "uphold", "take_back_review")
    assert terms(after) == terms(before)


def test_a_late_opinion_taken_back_is_late_again() -> None:
    here = play(item(), "publish")
    due = running(here, here.history[-1].at)[0]
    back = play(here, "dismiss", "take_back_review", at=due.until + timedelta(days=1))
    assert running(back, back.history[-1].at)[0].late(back.history[-1].at)


def test_only_who_gave_the_opinion_takes_it_back() -> None:
    upheld = play(item(), "publish", "uphold")
    assert codes(upheld, "take_back_review", actor("first_reviewer")) == []
    assert codes(upheld, "take_back_review", actor("first_reviewer", "another")) == ["WF-119"]
    assert codes(upheld, "take_back_review", actor("confirmer")) == ["WF-102", "WF-119"]
    stands_in = Actor(
        "bo", frozenset(), REGIONS, lent=(Lent("first_reviewer", frozenset({"first_reviewer"}), DAY, DAY),)
    )
    assert codes(upheld, "take_back_review", stands_in) == ["WF-119"], "nor who stands in for the author"


def test_what_a_substitute_did_is_taken_back_by_either_of_the_two() -> None:
    loan = (Lent("anna", frozenset({"first_reviewer"}), DAY, DAY),)
    bo = Actor("bo", frozenset(), REGIONS, lent=loan)
    here = take(play(item(), "publish"), "uphold", bo, START + timedelta(hours=1), {"opinion": "有"})
    assert isinstance(here, Item)
    assert codes(here, "take_back_review", bo) == []
    assert codes(here, "take_back_review", actor("first_reviewer", "anna")) == []


def test_once_somebody_took_the_next_step_it_stands() -> None:
    confirmed = play(item(), "publish", "uphold", "confirm")
    assert "WF-101" in codes(confirmed, "take_back_review", actor("first_reviewer"))
    notified = play(confirmed, "notify")
    assert "WF-101" in codes(notified, "take_back_confirmation", actor("confirmer"))
    sent_back = play(item(), "publish", "uphold", "send_back")
    assert "WF-101" in codes(sent_back, "take_back_review", actor("first_reviewer"))


def test_what_is_drawn_for_the_sample_review_stands() -> None:
    drawn = replace(play(item(), "publish", "dismiss"), facts=frozenset())
    assert codes(drawn, "take_back_review", actor("first_reviewer")) == ["WF-114"]


def test_who_took_an_opinion_back_still_does_not_confirm_the_next_one() -> None:
    here = play(item(), "publish", "uphold", "take_back_review")
    other = actor("first_reviewer", "another")
    here = take(here, "uphold", other, here.history[-1].at, papers(here.workflow.step_by_verb["uphold"]))
    assert isinstance(here, Item)
    brought = {"opinion": "同意"}
    at = here.history[-1].at
    told = may(here, "confirm", actor("confirmer", "first_reviewer"), at, papers=brought).bars
    assert [bar.code for bar in told] == ["WF-103"]
    assert may(here, "confirm", actor("confirmer"), at, papers=brought).allowed


def test_an_institution_may_take_its_acceptance_back_through_any_of_its_people() -> None:
    accepted = play(item(), "publish", "uphold", "confirm", "notify", "accept")
    assert codes(accepted, "withdraw_acceptance", actor("hospital_office", "a colleague")) == []
