"""What became of each row, in the words that go back to the sender. Read from the desk, never kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from fundguard.web.desk.models import StateRow, StepPaper
from fundguard.web.findings import selectors as findings
from fundguard.web.foreign.models import ReceivedRow, RowLink

FLOW = "finding"
BATCH = 500
OPEN = "办理中"
#: State of the workflow → what the sender is told; any other is 办理中. The first of these that applies to a row wins.
OUTCOMES = {
    "determined": ("已认定，处理中", False),
    "proposed": ("已认定，处理中", False),
    "hearing": ("已认定，处理中", False),
    "heard": ("已认定，处理中", False),
    "reviewed": ("已认定，处理中", False),
    "correcting": ("认定更正中", False),
    "recovering": ("已认定，退款整改中", False),
    "in_case": ("已移送立案", False),
    "closed": ("成立，已办结", True),
    "dismissed": ("经审查不成立", True),
    "cleared": ("经申诉、核实不成立", True),
    "withdrawn": ("已撤回", True),
}
#: In these states an amount is determined.
DETERMINED = frozenset({"determined", "proposed", "hearing", "heard", "reviewed", "recovering", "in_case", "closed"})
#: Rows that lead to no finding: outcome, and whether nothing more is to be done.
WITHOUT = {
    ReceivedRow.State.NONE: ("未匹配", True),
    ReceivedRow.State.ELSEWHERE: ("不属本统筹区", True),
    ReceivedRow.State.NO_INSTITUTION: ("机构不存在", True),
    ReceivedRow.State.UNREADABLE: ("无法读取", True),
}
#: Which text says why, by state; nothing is told of an opinion on the way.
_GROUND = dict.fromkeys(OUTCOMES, "grounds") | {"dismissed": "reason", "withdrawn": "reason"}


@dataclass(frozen=True)
class RowOutcome:
    """`amount_fen` is what was determined of the row's own lines; None before."""

    row: ReceivedRow
    outcome: str
    closed: bool
    amount_fen: int | None
    settled_on: date | None
    ground: str
    numbers: tuple[str, ...]
    keys: tuple[str, ...]
    made: bool


def outcomes(rows: QuerySet[ReceivedRow]) -> Iterator[RowOutcome]:
    """Each row in the order given; five statements for `BATCH` rows."""
    start = 0
    while some := list(rows.select_related("repeats")[start : start + BATCH]):
        yield from _outcomes(some)
        start += BATCH


def _outcomes(rows: Sequence[ReceivedRow]) -> Iterator[RowOutcome]:
    roots = {row.pk: row.repeats_id or row.pk for row in rows}
    links: dict[int, list[RowLink]] = defaultdict(list)
    for link in RowLink.objects.filter(row__in=set(roots.values())).order_by("pk"):
        links[link.row_id].append(link)
    keys = {link.finding_key for some in links.values() for link in some}
    stands = {one.object_id: one for one in StateRow.objects.filter(workflow=FLOW, object_id__in=keys)}
    grounds = _grounds(stands.values())
    for row in rows:
        own = [link for link in links[roots[row.pk]] if link.finding_key in stands]
        root = row.repeats if row.state == ReceivedRow.State.REPEATED and row.repeats else row
        yield _outcome(row, own, stands, grounds) if own else _without(row, root)


def _without(row: ReceivedRow, root: ReceivedRow) -> RowOutcome:
    told, closed = WITHOUT.get(root.state, ("待人工确认" if root.state == ReceivedRow.State.PROBABLE else OPEN, False))
    day = timezone.localdate(root.decided_at) if closed and root.decided_at else None
    return RowOutcome(row, told, closed, None, day, row.reason or root.reason, (), (), made=False)


def _outcome(
    row: ReceivedRow, links: Sequence[RowLink], stands: Mapping[str, StateRow], grounds: Mapping[str, str]
) -> RowOutcome:
    """A row of several findings is as far as the one that is least far; repeated rows tell no money a second time."""
    items = [stands[link.finding_key] for link in links]
    told = [OUTCOMES.get(item.state, (OPEN, False)) for item in items]
    closed = all(final for _, final in told)
    words = dict.fromkeys(word for word, final in told if closed or not final)
    amounts = [_share(link, stands[link.finding_key]) for link in links]
    known = [fen for fen in amounts if fen is not None]
    repeated = row.state == ReceivedRow.State.REPEATED
    return RowOutcome(
        row=row,
        outcome="；".join(words)[:60],
        closed=closed,
        amount_fen=None if repeated or not known else sum(known),
        settled_on=max(timezone.localdate(item.entered_at) for item in items) if closed else None,
        ground="；".join(dict.fromkeys(filter(None, [row.reason, *(grounds.get(i.object_id, "") for i in items)]))),
        numbers=tuple(findings.number(link.finding_key) for link in links),
        keys=tuple(link.finding_key for link in links),
        made=any(link.made for link in links),
    )


def _share(link: RowLink, item: StateRow) -> int | None:
    """What was determined of the link's lines: each line has its part of the whole in the order of the lines, so that
    all parts make up the determined amount to the fen. A row of the whole has all of it."""
    if item.state not in DETERMINED:
        return None
    whole = sum(item.lines.values())
    if not link.lines or not whole:
        return item.amount_now_fen
    share, upto = 0, 0
    for line in sorted(item.lines):
        before, upto = upto, upto + item.lines[line]
        if line in link.lines:
            share += item.amount_now_fen * upto // whole - item.amount_now_fen * before // whole
    return share


def _grounds(items: Iterable[StateRow]) -> dict[str, str]:
    """Key → the newest text that gives the reason of the outcome, where there is one."""
    told: dict[str, str] = {}
    states = {item.pk: item for item in items}
    papers = StepPaper.objects.filter(row__in=states, code__in=set(_GROUND.values())).order_by("version", "pk")
    for paper in papers:
        item = states[paper.row_id]
        if _GROUND.get(item.state) == paper.code:
            told[item.object_id] = paper.text
    return told


def overdue(due_on: date | None, *, closed: bool, today: date) -> bool:
    """Whether the sender waits beyond the day that the document set."""
    return due_on is not None and not closed and today > due_on


def days_left(due_on: date | None, today: date) -> int | None:
    return None if due_on is None else (due_on - today) // timedelta(days=1)
