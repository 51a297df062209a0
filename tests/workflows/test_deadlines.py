"""Terms to the second, over holidays, worked weekends, pauses and years not yet published."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundguard.law import calendar
from fundguard.workflows.deadlines import Exclusion, disjoint, running
from fundguard.workflows.history import ZONE, Item, Taken
from fundguard.workflows.kernel import may, take
from fundguard.workflows.parts import Clock, State, Step, Workflow
from fundguard.workflows.regions import JINCHENG
from tests.workflows.cast import actor, item, papers, play

TERMS = """
test.work:
  name: 工作日期限
  unit: working_days
  applies_on: step
  values:
    - {from: 2021-05-01, value: 5, tag: X, set_by: demo}
    - {from: 2026-06-01, value: 3, tag: X, set_by: agreement}
    - {from: 2021-05-01, region: "430000", value: 7, tag: S}
test.work_more:
  name: 延长
  unit: working_days
  applies_on: step
  values: [{from: 2021-05-01, value: 2, tag: P, article: "条例:13"}]
test.days:
  name: 日历日期限
  unit: days
  applies_on: step
  values: [{from: 2021-05-01, value: 10, tag: P, article: "条例:13"}]
"""
# fmt: off
FLOW = Workflow(
    "test", "期限",
    (State("open", "在办"), State("paused", "中止"), State("also", "另一中止"), State("done", "办结", final=True)),
    (
        Step("begin", "开始", (), "open", ("system",), "条例:10", opens=("test.work", "test.days")),
        Step("pause", "中止", ("open", "also"), "paused", ("system",), "条例:10"),
        Step("move", "转为另一中止", ("paused",), "also", ("system",), "条例:10"),
        Step("resume", "恢复", ("paused", "also"), "open", ("system",), "条例:10"),
        Step("extend", "延长", ("open",), "", ("system",), "条例:10", extends=(("test.work", "test.work_more"),)),
        Step("restart", "重来", ("open",), "open", ("system",), "条例:10", restarts=True, opens=("test.days",)),
        Step("finish", "办结", ("open",), "done", ("system",), "条例:10"),
    ),
    (Clock("test.work", "甲"), Clock("test.days", "乙", pauses=("paused", "also"))),
)
# fmt: on


@pytest.fixture
def overlays(tmp_path):
    (tmp_path / "terms.yaml").write_text(TERMS, "utf-8")
    return (tmp_path,)


def on(day: str, clock: str = "10:00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE)


def history(*steps: tuple[str, str]) -> Item:
    """An item after (verb, day) rows, each taken at ten in the morning."""
    here = item(FLOW)
    for verb, day in steps:
        step = FLOW.step_by_verb[verb]
        here = here.after(step, Taken(verb, "", "system", on(day), step.target(here.state)))
    return here


def due(here: Item, term: str, overlays, at: str = "2026-12-31"):
    return next((found for found in running(here, on(at), overlays) if found.term == term), None)


@pytest.mark.parametrize(
    ("term", "opened", "last", "flag"),
    [
        ("test.work", "2026-03-02", "2026-03-09", "演示值"),  # Monday: Tuesday to Friday, Monday
        ("test.work", "2026-03-06", "2026-03-13", "演示值"),  # Friday
        ("test.work", "2026-02-11", "2026-02-25", "演示值"),  # Spring Festival 15-23 February; Saturday the 14th worked
        ("test.work", "2026-09-30", "2026-10-10", ""),  # 8, 9 and the worked Saturday; 3 days since June
        ("test.work", "2026-05-31", "2026-06-05", "演示值"),  # the value in force on the day it opens
        ("test.work", "2026-06-01", "2026-06-04", ""),
        ("test.work", "2026-12-28", "2026-12-31", ""),
        ("test.work", "2026-12-29", "2027-01-01", "暂定"),  # the notice for 2027 is not out
        ("test.days", "2026-03-02", "2026-03-12", ""),
        ("test.days", "2026-03-05", "2026-03-16", ""),  # ends on Sunday the 15th: on Monday
        ("test.days", "2026-02-05", "2026-02-24", ""),  # ends on the first day of the festival
        ("test.days", "2026-09-30", "2026-10-10", ""),  # ends on a worked Saturday
        ("test.days", "2026-12-25", "2027-01-04", "暂定"),
        ("test.days", "2026-12-21", "2026-12-31", ""),
    ],
)
def test_the_last_day(overlays, term, opened, last, flag):
    found = due(history(("begin", opened)), term, overlays, opened)
    assert (str(found.day), found.flag, found.provisional) == (last, flag, "暂定" in flag)


def test_a_region_s_own_value_and_its_mark(overlays):
    here = history(("begin", "2026-03-02"))
    hunan = Item(**{n: getattr(here, n) for n in Item.__dataclass_fields__} | {"region": "430102"})
    found = due(hunan, "test.work", overlays)
    assert (str(found.day), found.flag) == ("2026-03-11", "未核实")


def test_the_first_second_after_is_late_by_shanghai_time(overlays):
    found = due(history(("begin", "2026-03-02")), "test.work", overlays)
    assert not found.late(on("2026-03-09", "23:59:59"))
    assert found.late(on("2026-03-10", "00:00:00"))
    assert not found.late(datetime.fromisoformat("2026-03-09T15:59:59+00:00"))
    assert found.late(datetime.fromisoformat("2026-03-09T16:00:00+00:00"))


def test_a_step_taken_near_midnight_counts_by_the_day_in_shanghai(overlays):
    late_evening = datetime.fromisoformat("2026-03-01T16:30:00+00:00")  # half past midnight on 2 March
    here = history(("begin", "2026-03-02"))
    moved = Item(
        FLOW, "open", here.region, here.institution, history=(Taken("begin", "", "system", late_evening, "open"),)
    )
    assert due(moved, "test.work", overlays).day == due(here, "test.work", overlays).day


@pytest.mark.parametrize(
    ("steps", "at", "last", "paused"),
    [
        ([], "2026-03-03", "2026-03-12", False),
        # paused on the 4th, resumed on the 9th: 4, 5, 6, 7, 8 do not count
        ([("pause", "2026-03-04"), ("resume", "2026-03-09")], "2026-03-09", "2026-03-17", False),
        ([("pause", "2026-03-04"), ("resume", "2026-03-04")], "2026-03-09", "2026-03-12", False),
        # one pause straight after the other: no day is counted twice
        (
            [("pause", "2026-03-04"), ("move", "2026-03-06"), ("resume", "2026-03-09")],
            "2026-03-09",
            "2026-03-17",
            False,
        ),
        (
            [("pause", "2026-03-04"), ("move", "2026-03-06"), ("pause", "2026-03-07"), ("resume", "2026-03-09")],
            "2026-03-09",
            "2026-03-17",
            False,
        ),
        # still paused: what it would be if it ended today, and never late
        ([("pause", "2026-03-04")], "2026-03-09", "2026-03-17", True),
        ([("pause", "2026-03-04")], "2026-06-09", "2026-06-17", True),
        (
            [("pause", "2026-03-11"), ("resume", "2026-03-16"), ("pause", "2026-03-17"), ("resume", "2026-03-18")],
            "2026-03-18",
            "2026-03-18",
            False,
        ),
    ],
)
def test_days_that_do_not_count(overlays, steps, at, last, paused):
    found = due(history(("begin", "2026-03-02"), *steps), "test.days", overlays, at)
    assert (str(found.day), found.paused) == (last, paused)
    assert not (paused and found.late(on("2030-01-01")))
    other = due(history(("begin", "2026-03-02"), *steps), "test.work", overlays, at)
    assert (str(other.day), other.excluded) == ("2026-03-09", ()), "a pause stops only the terms that name it"


def test_an_extension_adds_to_the_term(overlays):
    found = due(history(("begin", "2026-03-02"), ("extend", "2026-03-03")), "test.work", overlays)
    assert (str(found.day), found.flag) == ("2026-03-11", "演示值")


def test_a_new_round_and_an_end_stop_the_terms(overlays):
    assert due(history(("begin", "2026-03-02"), ("restart", "2026-03-03")), "test.work", overlays) is None
    assert (
        str(due(history(("begin", "2026-03-02"), ("restart", "2026-03-03")), "test.days", overlays).opened)
        == "2026-03-03"
    )
    assert running(history(("begin", "2026-03-02"), ("finish", "2026-03-03")), on("2026-03-04"), overlays) == ()


def interval(first: int, end: int, cause: str = "") -> Exclusion:
    return Exclusion(cause, date.fromordinal(737_000 + first), date.fromordinal(737_000 + end))


def days(one: Exclusion) -> set[date]:
    return {one.first + timedelta(days=place) for place in range((one.end - one.first).days)}


@settings(deadline=None, database=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.sampled_from("ab"))))
def test_exclusions_keep_every_day_once(spans):
    given_ = [interval(first, end, cause) for first, end, cause in spans if first <= end]
    found = disjoint(given_)
    assert set().union(*map(days, found)) == set().union(*map(days, given_))
    assert sum(len(days(one)) for one in found) == len(set().union(*map(days, found)))
    assert list(found) == sorted(found, key=lambda one: one.first)


@settings(deadline=None, database=None, derandomize=True)
@given(st.dates(date(2024, 1, 1), date(2026, 6, 30)), st.integers(1, 40), st.sets(st.integers(1, 90)))
def test_a_term_has_exactly_its_days(start, count, off):
    excluded = frozenset(start + timedelta(days=place) for place in off)
    end = calendar.after_workdays(start, count, excluded).day
    passed = [start + timedelta(days=place) for place in range(1, (end - start).days + 1)]
    assert sum(calendar.is_workday(day) and day not in excluded for day in passed) == count
    last = calendar.after_days(start, count, excluded).day
    passed = [start + timedelta(days=place) for place in range(1, (last - start).days + 1)]
    counted = sum(day not in excluded for day in passed)
    assert calendar.is_workday(last)
    assert counted >= count
    assert counted == count or not calendar.is_workday(passed[-2])


NOTIFIED = play(item(), "publish", "uphold", "confirm", "notify")
LAST = running(NOTIFIED, NOTIFIED.history[-1].at)[0]


@pytest.mark.parametrize(("late", "told"), [(timedelta(seconds=-1), []), (timedelta(), ["WF-106"])])
def test_an_objection_one_second_late_is_barred(late, told):
    step = NOTIFIED.workflow.step_by_verb["object"]
    answer = may(NOTIFIED, "object", actor("hospital_office"), LAST.until + late, papers=papers(step))
    assert [bar.code for bar in answer.bars] == told
    if told:
        assert str(LAST.day) in answer.bars[0].reason


@pytest.mark.parametrize(("late", "told"), [(timedelta(seconds=-1), ["WF-107"]), (timedelta(), [])])
def test_silence_is_written_down_only_when_the_term_is_over(late, told):
    answer = may(NOTIFIED, "lapse", actor("clock"), LAST.until + late)
    assert [bar.code for bar in answer.bars] == told


def test_a_request_for_more_time_stops_the_term_and_a_grant_adds_to_it():
    asked = play(NOTIFIED, "ask_extension", at=LAST.until - timedelta(seconds=1))
    assert running(asked, LAST.until + timedelta(days=9))[0].paused
    refused = play(asked, "refuse_extension", at=LAST.until + timedelta(hours=10))
    assert running(refused, refused.history[-1].at)[0].day == LAST.day + timedelta(days=1), (
        "the day of the answer is left"
    )
    granted = play(asked, "grant_extension", at=LAST.until + timedelta(hours=10))
    assert running(granted, granted.history[-1].at)[0].day == LAST.day + timedelta(days=8), "five working days more"


def test_a_late_review_is_late_but_not_barred():
    here = play(item(), "publish")
    long_after = here.history[-1].at + timedelta(days=90)
    assert running(here, long_after)[0].late(long_after)
    assert may(here, "uphold", actor("first_reviewer"), long_after, papers={"opinion": "有"}).allowed


def test_a_revoked_acceptance_leaves_what_is_left_of_the_term():
    back = play(NOTIFIED, "accept", "withdraw_acceptance")
    assert [found.day for found in running(back, back.history[-1].at)] == [LAST.day]


@pytest.mark.parametrize(("amount", "terms"), [(49_999_999, []), (50_000_000, ["finding.incident_report"])])
def test_a_term_begins_only_from_its_amount_on(amount, terms):
    here = play(item(JINCHENG, amount_fen=50_000_000), "publish", "uphold", "confirm", "notify", "accept")
    brought = papers(JINCHENG.step_by_verb["determine"]) | {"amount": amount}
    here = take(here, "determine", actor("agreement_officer"), here.history[-1].at, brought)
    assert [found.term for found in running(here, here.history[-1].at)] == terms
    told = may(
        here, "report_incident", actor("agreement_officer"), here.history[-1].at, papers={"incident_report": "有"}
    )
    assert told.allowed is bool(terms)
