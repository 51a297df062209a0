"""What steps amount to, worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from fundguard.web.workload.measures import Act, Standing, work

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # nine in the morning in Shanghai
STANDING = {"a": Standing("N67", 10000), "b": Standing("N67", 0), "c": Standing("N03", 500)}


def act(key: str, verb: str, minutes: float, *, bulk: bool = False) -> Act:
    return Act(key, verb, MONDAY + timedelta(minutes=minutes), bulk)


def test_counted_by_what_still_holds() -> None:
    acts = [
        act("a", "uphold", 0),
        act("b", "dismiss", 4),
        act("c", "uphold_part", 10),
        act("c", "take_back_review", 11),
    ]
    done = work(acts, STANDING, [])
    assert (done.total.reviewed, done.total.upheld, done.total.fen) == (2, 1, 10000)
    assert list(done.rules) == ["N67"]
    assert list(done.weeks) == [date(2026, 11, 16)]


def test_the_week_begins_on_monday_in_shanghai() -> None:
    sunday_night = act("a", "uphold", -10 * 60)  # eleven on Sunday evening in Shanghai
    assert list(work([sunday_night], STANDING, []).weeks) == [date(2026, 11, 9)]


def test_an_opinion_sent_back_counts_against_it_and_not_against_the_next() -> None:
    back = MONDAY + timedelta(minutes=30)
    done = work([act("a", "uphold", 0), act("a", "uphold", 60)], STANDING, [("a", back), ("b", back)])
    assert (done.total.reviewed, done.total.sent_back, done.total.fen) == (2, 1, 10000)
    done = work([act("a", "uphold", 60)], STANDING, [("a", back)])
    assert done.total.sent_back == 0, "what was sent back before is somebody else's"


def test_minutes_are_the_middle_of_the_gaps_that_were_spent_on_one_finding() -> None:
    acts = [act("a", "uphold", at) for at in (0, 2, 6, 66, 127, 130)]
    assert work(acts, STANDING, []).minutes == 3.5, "2, 4, 60 and 3; 61 is a break"
    acts = [act("a", "uphold", 0), act("b", "uphold", 1, bulk=True), act("c", "uphold", 2, bulk=True)]
    done = work(acts, STANDING, [])
    assert (done.minutes, done.gaps, done.bulk) == (None, 0, 2)
    overnight = [act("a", "uphold", 14 * 60 + 50), act("b", "uphold", 15 * 60 + 10)]
    assert work(overnight, STANDING, []).minutes is None, "before and after midnight"


def test_confirmations_count_apart() -> None:
    done = work([act("a", "confirm", 0), act("b", "confirm", 1), act("b", "take_back_confirmation", 2)], STANDING, [])
    assert (done.total.confirmed, done.total.reviewed, done.total.fen) == (1, 0, 0)


def test_nothing_done() -> None:
    done = work([], {}, [])
    assert (done.total.reviewed, done.minutes, dict(done.weeks), done.keys) == (0, None, {}, frozenset())
