"""The rows of a filled sheet against what may be answered now: decisions, and a fault for every wrong row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import islice

from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.desk import items
from fundguard.web.desk.models import StateRow
from fundguard.web.findings import selectors as findings
from fundguard.web.portal import selectors
from fundguard.web.portal.deciding import OBJECT, SAID, WHOLE, Decision, decided
from fundguard.web.portal.reading import Line
from fundguard.web.portal.sheets import COLUMNS, FORM, HEAD, PLACE, WRITTEN
from fundguard.workflows.history import Actor, Item
from fundguard.workflows.kernel import may

_BY_WORD = {word: code for code, word in SAID.items()}
_AGAIN = "请重新下载答复表，按新表填写"
_BATCH = 500
_KEY = 32  # hexadecimal digits


@dataclass(frozen=True)
class Fault:
    row: int
    what: str
    remedy: str


@dataclass(frozen=True)
class Answer:
    """What the sheet decides for a finding; `row` is its first row in the workbook."""

    key: str
    row: int
    decision: Decision
    version: int
    amount_fen: int


@dataclass
class Checked:
    """A finding with a wrong row has no answer: nothing is taken from a part of what somebody wrote."""

    rows: int = 0
    blank: int = 0
    answers: list[Answer] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def checked(viewer: Viewer, lines: list[Line]) -> Checked:
    """Refusal where the sheet is not one of ours; a row's own faults are listed."""
    body = _body(lines)
    found = Checked(rows=len(body))
    by_key: dict[str, list[Line]] = defaultdict(list)
    for line in body:
        by_key[line.cells.get(PLACE["key"], "").lower()].append(line)
    wanted = iter(by_key.items())
    at = timezone.now()
    while batch := dict(islice(wanted, _BATCH)):
        held = selectors.told(viewer).filter(object_id__in=[key for key in batch if len(key) <= _KEY])
        rows = {row.object_id: row for row in held}
        known, who = items.items(rows.values()), items.actor(viewer, at)
        for key, listed in batch.items():
            _finding(found, listed, rows.get(key), known.get(key), who)
    found.faults.sort(key=lambda fault: fault.row)
    return found


def _body(lines: list[Line]) -> list[Line]:
    heads = {line.number: line for line in lines if line.number <= HEAD}
    expected = {place: heading for place, (heading, _) in enumerate(COLUMNS.values())}
    form = heads[1].cells.get(0, "") if 1 in heads else ""
    shown = {place: text for place, text in heads[HEAD].cells.items() if place in expected} if HEAD in heads else {}
    if form != FORM or shown != expected:
        raise Refusal(
            "这不是本平台现在的答复表，或者表头被改动",
            where=f"第 1、{HEAD} 行",
            seen=form[:40] or "没有版本标识",
            remedy="请从“疑点答复”页重新下载答复表，在原表中填写，不要增删行列",
        )
    body = [line for line in lines if line.number > HEAD]
    if not body:
        raise Refusal("答复表中没有疑点", where="答复表", remedy="请在下载的原表中填写后上传")
    return body


def _finding(found: Checked, listed: list[Line], row: StateRow | None, item: Item | None, who: Actor) -> None:
    if all(not line.cells.get(PLACE[name]) and PLACE[name] not in line.formulas for line in listed for name in WRITTEN):
        found.blank += len(listed)
        return
    faults = list(_faults(listed, row, item))
    if not faults and row is not None and item is not None:
        faults = _decide(found, listed, row, item, who)
    found.faults += faults


def _faults(listed: list[Line], row: StateRow | None, item: Item | None) -> Iterator[Fault]:
    first = listed[0].number
    if row is None or item is None:
        for line in listed:
            yield Fault(line.number, "没有找到该疑点，或者不是本机构的疑点", _AGAIN)
        return
    if row.state != selectors.ANSWERED_FROM:
        yield Fault(
            first, f"{findings.number(row.object_id)} 目前“{row.stands.shown}”，不能再答复", "请删去该疑点的各行"
        )
        return
    lines, seen = set(item.lines_now) or {WHOLE}, set()
    for line in listed:
        name = line.cells.get(PLACE["line"], WHOLE)
        if line.formulas:
            yield Fault(line.number, "含有公式，公式不会被计算", "请直接填写文字，或者复制后按“值”粘贴")
        elif name not in lines:
            yield Fault(line.number, "这条费用明细不在该疑点之内", _AGAIN)
        elif name in seen:
            yield Fault(line.number, "同一条费用明细出现了两次", "请删去重复的行")
        elif line.cells.get(PLACE["version"]) != str(row.version):
            yield Fault(line.number, "下载以后该疑点有了新的办理", _AGAIN)
        elif _fen(line.cells.get(PLACE["amount"], "")) != (row.lines[name] if name else row.amount_now_fen):
            yield Fault(line.number, "涉及金额与平台不一致", "请恢复原金额；对金额有异议的，请选择申诉并写明理由")
        elif (said := line.cells.get(PLACE["answer"], "")) and said not in _BY_WORD:
            yield Fault(line.number, "“答复”只能填认可或者申诉", "请从下拉列表中选择")
        elif not said and line.cells.get(PLACE["statement"]):
            yield Fault(line.number, "写了申诉理由，没有填答复", "请选择申诉，或者删去理由")
        seen.add(name)


def _decide(found: Checked, listed: list[Line], row: StateRow, item: Item, who: Actor) -> list[Fault]:
    said = {line.cells.get(PLACE["line"], WHOLE): _said(line) for line in listed}
    reasons = [line.cells.get(PLACE["statement"], "") for line in listed if _said(line) == OBJECT]
    first = next(line.number for line in listed if _said(line))
    try:
        decision = decided(item.lines_now, said, "\n".join(dict.fromkeys(filter(None, reasons))))
    except Refusal as refusal:
        return [Fault(first, "：".join(filter(None, (refusal.what, refusal.seen))), refusal.remedy)]
    if decision is None:
        return []
    answer = may(item, decision.verb, who, timezone.now(), papers=decision.papers)
    if not answer.allowed:
        return [Fault(first, f"{bar.code} {bar.reason}", bar.remedy) for bar in answer.bars]
    found.answers.append(Answer(row.object_id, first, decision, row.version, row.amount_now_fen))
    return []


def _said(line: Line) -> str:
    return _BY_WORD.get(line.cells.get(PLACE["answer"], ""), "")


def _fen(text: str) -> int | None:
    """An amount in yuan as Excel stored it, in fen; None where it is none."""
    try:
        return int((Decimal(text.replace(",", "")) * 100).to_integral_value())
    except (InvalidOperation, OverflowError, ValueError):
        return None
