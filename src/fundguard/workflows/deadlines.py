"""Terms of an item, computed from its history alone: which run, until when, what does not count.

The day a term begins is not counted. Its last instant is the end of its last day in Asia/Shanghai: the first second
after is late. A calendar term that would end on a day off ends on the next working day. The value is the one in force,
in the item's region, on the day of the step that opened the term.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from fundguard import law
from fundguard.errors import Refusal
from fundguard.law import calendar
from fundguard.workflows.history import ZONE, Item, Taken, local_day
from fundguard.workflows.parts import Clock

COUNTERS = {"working_days": calendar.after_workdays, "days": calendar.after_days}
PROVISIONAL = "暂定"


@dataclass(frozen=True)
class Exclusion:
    """Days that do not count: from `first` up to, not including, `end`; and why."""

    cause: str
    first: date
    end: date


@dataclass(frozen=True)
class Due:
    """A running term. `day` is its last day; while `paused` it is what it would be if the pause ended today.

    `flag`: what must stand beside the day: 暂定 where a year's holidays are not published, 演示值, 未核实.
    `excluded` is disjoint and in order.
    """

    term: str
    name: str
    opened: date
    day: date
    paused: bool
    provisional: bool
    flag: str
    article: str
    excluded: tuple[Exclusion, ...] = ()

    @property
    def until(self) -> datetime:
        """The first instant that is late."""
        return datetime.combine(self.day + timedelta(days=1), time(), ZONE)

    def late(self, at: datetime) -> bool:
        return not self.paused and at >= self.until


@dataclass
class _Running:
    opened: date
    extensions: list[tuple[str, date]] = field(default_factory=list)
    pauses: list[Exclusion] = field(default_factory=list)
    paused_since: date | None = None
    paused_in: str = ""


def running(item: Item, at: datetime, overlays: tuple[Path, ...] = ()) -> tuple[Due, ...]:
    """The terms that run on `item` at the instant `at`, the earliest first."""
    clocks = item.workflow.clock_by_term
    found = [_due(item, clocks[term], run, local_day(at), overlays) for term, run in _replayed(item, overlays).items()]
    return tuple(sorted(found, key=lambda due: (due.day, due.term)))


def disjoint(exclusions: Iterable[Exclusion]) -> tuple[Exclusion, ...]:
    """The same days, each once and under one cause: a later interval is cut where an earlier one already covers it."""
    found: list[Exclusion] = []
    for one in sorted(exclusions, key=lambda e: (e.first, e.end)):
        first = max(one.first, found[-1].end) if found else one.first
        if first < one.end:
            found.append(Exclusion(one.cause, first, one.end))
    return tuple(found)


def _replayed(item: Item, overlays: tuple[Path, ...]) -> dict[str, _Running]:
    """The terms open after the last row, with what happened to them. A step that was taken back never closed one."""
    terms: dict[str, _Running] = {}
    amount = item.amount_fen
    for row in item.standing:
        step = item.workflow.step_by_verb[row.verb]
        amount = item.amount_fen if step.restarts else _amount(row, amount)
        if step.restarts or item.workflow.state_by_code[row.to].final:
            terms.clear()
        for term in step.closes:
            terms.pop(term, None)
        for term, by in step.extends:
            if term in terms:
                terms[term].extensions.append((by, row.day))
        for term in step.opens:
            if _begins(item, term, row.day, amount, overlays):
                terms[term] = _Running(row.day)
        _pause(item, row, terms)
    return terms


def _amount(row: Taken, before: int) -> int:
    return int(row.papers.get("amount", row.papers.get("part_amount", before)))


def _begins(item: Item, term: str, day: date, amount: int, overlays: tuple[Path, ...]) -> bool:
    threshold = item.workflow.clock_by_term[term].at_least
    return not threshold or amount >= law.parameter(threshold, day=day, region=item.region, overlays=overlays).value


def _pause(item: Item, row: Taken, terms: dict[str, _Running]) -> None:
    """Time in a pausing state: from the day it is entered, up to the day it is left, which counts again."""
    for term, run in terms.items():
        pausing = row.to in item.workflow.clock_by_term[term].pauses
        if run.paused_since is not None and row.to != run.paused_in:
            run.pauses.append(Exclusion(run.paused_in, run.paused_since, row.day))
            run.paused_since = None
        if pausing and run.paused_since is None:
            run.paused_since, run.paused_in = row.day, row.to


def _due(item: Item, clock: Clock, run: _Running, today: date, overlays: tuple[Path, ...]) -> Due:
    pauses = list(run.pauses)
    if run.paused_since is not None:
        pauses.append(Exclusion(run.paused_in, run.paused_since, today))
    excluded = disjoint(pauses)
    value = law.parameter(clock.term, day=run.opened, region=item.region, overlays=overlays)
    if value.unit not in COUNTERS:
        raise Refusal("期限的单位不能计算", where=clock.term, seen=value.unit, remedy="期限以日或者工作日为单位")
    more = [law.parameter(by, day=day, region=item.region, overlays=overlays) for by, day in run.extensions]
    count = value.value + sum(extension.value for extension in more)
    end = COUNTERS[value.unit](run.opened, count, frozenset(_days(excluded)))
    flags = dict.fromkeys((PROVISIONAL if end.provisional else "", *(v.flagged for v in (value, *more))))
    return Due(
        term=clock.term,
        name=clock.name,
        opened=run.opened,
        day=end.day,
        paused=run.paused_since is not None,
        provisional=end.provisional,
        flag="、".join(filter(None, flags)),
        article=value.article,
        excluded=excluded,
    )


def _days(excluded: Iterable[Exclusion]) -> Iterator[date]:
    for one in excluded:
        yield from (one.first + timedelta(days=place) for place in range((one.end - one.first).days))
