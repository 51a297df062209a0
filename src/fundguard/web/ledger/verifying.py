"""Checking the ledger: which row was changed, removed, moved or slipped in, and how much is not sealed yet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Min

from fundguard.web.ledger import spans
from fundguard.web.ledger.models import BEGINNING, MARK, Entry, Seal
from fundguard.web.ledger.sealing import unsealed

FAULTS = {
    "changed": "内容被改动",
    "missing": "记录被删除",
    "moved": "记录被移位",
    "added": "记录未经存证，行号却在已存证的范围内",
    "seal": "存证链不连续或存证内容被改动",
    "head": "与当日链头不符，存证链被截断或重做",
}


@dataclass(frozen=True)
class Fault:
    """`kind` is a key of `FAULTS`; `place` is a row number, a seal's number or the day of a head."""

    kind: str
    place: str
    #: of a row that is not what its seal says: the mark it has, and the one it should have
    found: str = ""
    expected: str = ""

    def __str__(self) -> str:
        label = {"seal": "存证", "head": "链头"}.get(self.kind, "台账行")
        return f"{label} {self.place}：{FAULTS[self.kind]}"


@dataclass
class Report:
    """What a check found. The tail that is not sealed yet is no fault; heads are the daily heads compared."""

    sealed: int = 0
    seals: int = 0
    heads: int = 0
    unsealed: int = 0
    unsealed_since: datetime | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        return not self.faults


@dataclass(frozen=True)
class Checked:
    """What another check of `fundguard verify` looked at. `faults`: number of the thing and what is wrong, in words."""

    count: int
    faults: tuple[tuple[str, str], ...]


def verify(heads: Path | None = None) -> Report:
    """Read every row and every seal once and compare them with each other and with the daily heads."""
    report = Report()
    previous, number, total, highest = BEGINNING, 0, 0, 0
    known: dict[int, str] = {}
    for seal in Seal.objects.order_by("number").iterator():
        number, total = number + 1, total + seal.count
        whole = (seal.number, seal.previous, seal.total) == (number, previous, total) and seal.last >= highest
        report.faults += _rows_of(seal) if whole else [Fault("seal", str(seal.number))]
        number, previous, total, highest = seal.number, seal.head, seal.total, max(highest, seal.last)
        known[seal.number] = seal.head
        report.seals, report.sealed = report.seals + 1, report.sealed + seal.count
    _tail(report, highest)
    _heads(report, known, settings.LEDGER_HEADS if heads is None else heads)
    report.faults = _named(report.faults)
    return report


def _rows_of(seal: Seal) -> Iterator[Fault]:
    """Faults of one seal; its own hash is checked where all of its rows are as they were."""
    try:
        wanted = list(spans.numbers(seal.rows))
    except ValueError:
        yield Fault("seal", str(seal.number))
        return
    if len(wanted) != seal.count or len(seal.marks) != seal.count * MARK:
        yield Fault("seal", str(seal.number))
        return
    rows = {
        row.pk: row for first, last in spans.read(seal.rows) for row in Entry.objects.filter(pk__range=(first, last))
    }
    sound = True
    for place, number in enumerate(wanted):
        mark = seal.marks[place * MARK : (place + 1) * MARK]
        row = rows.get(number)
        if row is None:
            sound = False
            yield Fault("missing", str(number), expected=mark)
        elif (actual := row.digest()) != row.own_hash or actual[:MARK] != mark:
            sound = False
            yield Fault("changed", str(number), found=actual[:MARK], expected=mark)
    if sound and seal.digest([rows[number].own_hash for number in wanted]) != seal.head:
        yield Fault("seal", str(seal.number))


def _tail(report: Report, highest: int) -> None:
    """Rows in no seal: the tail, and late ones that the sealer will still take, are none; others were slipped in."""
    tail = unsealed().order_by()
    told = tail.aggregate(rows=Count("pk"), since=Min("at"))
    report.unsealed, report.unsealed_since = told["rows"], told["since"]
    waiting = set(tail.filter(pk__lte=highest).values_list("pk", flat=True))  # the late ones: few
    below = Entry.objects.filter(pk__lte=highest).count() - len(waiting)
    gone = sum(1 for fault in report.faults if fault.kind == "missing")
    if below + gone <= report.sealed or any(fault.kind == "seal" for fault in report.faults):
        return
    sealed = {number for text in Seal.objects.values_list("rows", flat=True) for number in spans.numbers(text)}
    for number in Entry.objects.filter(pk__lte=highest).order_by("pk").values_list("pk", flat=True).iterator():
        if number not in sealed and number not in waiting:
            report.faults.append(Fault("added", str(number)))


def _heads(report: Report, known: dict[int, str], folder: Path) -> None:
    for path in sorted(folder.glob("????-??-??.json")):
        report.heads += 1
        try:
            told = json.loads(path.read_text())
            agrees = known.get(told["number"]) == told["head"]
        except (ValueError, KeyError, TypeError):
            agrees = False
        if not agrees:
            report.faults.append(Fault("head", path.stem))


def _named(faults: list[Fault]) -> list[Fault]:
    """A changed row whose content belongs to the place of another faulty row was moved from there."""
    expected = {fault.expected for fault in faults if fault.expected}
    return [
        replace(fault, kind="moved") if fault.kind == "changed" and fault.found in expected else fault
        for fault in faults
    ]
