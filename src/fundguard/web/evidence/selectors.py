"""Guarded reads of the case file: the office of the place of treatment reads it all, an institution what it brought
itself and what the office lets it see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat

from fundguard.web.accounts.guard import Viewer
from fundguard.web.core.parts import Happening
from fundguard.web.desk import standing
from fundguard.web.desk.models import StateRow
from fundguard.web.evidence import keeping, kinds
from fundguard.web.evidence.models import WHOLE, Attachment, CaseFile, LinePaper, Side
from fundguard.web.evidence.pages import Cell, File, Line, Table
from fundguard.web.findings import claims
from fundguard.web.ledger import selectors as ledger

LEDGER_KIND = "疑点佐证"
MARKED = "登记材料情况"
OWN = "本机构"
HISTORY = 100  # rows of the ledger on the page
_NAMES = """
SELECT bkkp_sn, coalesce(hilist_name, medins_list_name, '') FROM fee_list_d
WHERE list_contains($lines, bkkp_sn) AND fixmedins_code = $institution
"""


def side_of(viewer: Viewer) -> Side:
    return Side.OFFICE if viewer.institutions is None else Side.INSTITUTION


def attachments(viewer: Viewer, key: str) -> QuerySet[Attachment]:
    """Of a finding that the caller may see, newest first, withdrawn ones too."""
    found = Attachment.objects.filter(file_id=key).select_related("brought_by")
    return found if viewer.institutions is None else found.filter(Q(side=Side.INSTITUTION) | Q(shown=True))


def attachment(viewer: Viewer, pk: int) -> Attachment:
    """One file, or Http404 both where there is none and where the viewer may not know of it."""
    one = get_object_or_404(Attachment, pk=pk)
    standing.standing(viewer, one.file_id)
    return get_object_or_404(attachments(viewer, one.file_id), pk=pk)


def files(viewer: Viewer, key: str) -> tuple[File, ...]:
    return tuple(_file(viewer, one) for one in attachments(viewer, key))


def lines_of(row: StateRow) -> list[str]:
    """The charged lines of the latest evidence; the whole finding where it rests on none."""
    return sorted(row.lines) or [WHOLE]


def table(viewer: Viewer, row: StateRow, first: int, size: int, names: dict[str, str]) -> Table:
    """Papers of `size` lines from `first` on; `counts` are of all lines. `names` are those of the charged items."""
    wanted, lines = kinds.expected(row.rule_code), lines_of(row)
    held = {
        (one.line, one.kind): one
        for one in LinePaper.objects.filter(file_id=row.object_id).select_related("attachment", "told_by")
    }
    version = CaseFile.objects.filter(pk=row.object_id).values_list("version", flat=True).first() or 0
    states = Counter(
        (kind, held[line, kind].state if (line, kind) in held else LinePaper.State.OPEN)
        for line in lines
        for kind in wanted
    )
    return Table(
        kinds=wanted,
        lines=tuple(
            Line(
                line=line,
                name=names.get(line, ""),
                fen=row.lines.get(line, row.amount_fen),
                cells=tuple(_cell(viewer, kind, held.get((line, kind))) for kind in wanted),
            )
            for line in lines[first : first + size]
        ),
        total=len(lines),
        version=version,
        counts=tuple((kind, *(states[kind, state] for state in LinePaper.State)) for kind in wanted),
    )


def item_names(viewer: Viewer, row: StateRow, lines: Sequence[str]) -> dict[str, str]:
    """Charge line → name of the item, from the store; empty where there is none yet."""
    if not (settings.STORE / "store.json").exists():
        return {}
    with claims.connect((viewer.regions | {row.region}) - {""}) as connection:
        values = {"lines": list(lines), "institution": row.fixmedins_code}
        return dict(connection.execute(_NAMES, values).fetchall())


def history(viewer: Viewer, key: str) -> tuple[Happening, ...]:
    """What was done in the case file lately, newest first. An institution reads its own acts and what was said of the
    lines, and never who of the office did anything."""
    office = viewer.institutions is None
    return tuple(
        Happening(entry.at, entry.act, _who(office, entry), "；".join(_told(entry.detail)))
        for entry in ledger.of_object(viewer, LEDGER_KIND, key)[:HISTORY]
        if office or entry.act == MARKED or entry.detail.get("一方") == Side.INSTITUTION.label
    )


def missing(named: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of pairs (institution, paper of a step) those that name an attachment which is not there whole."""
    asked = {pair for pair in named if pair[1].startswith("FJ-")}
    numbers = {int(text[3:]) for _, text in asked if text[3:].isdecimal()}
    found = Attachment.objects.filter(pk__in=numbers, withdrawn_at=None).select_related("file")
    whole = {(one.file.fixmedins_code, one.number) for one in found if keeping.whole(one.sha256, one.size)}
    return asked - whole


def _cell(viewer: Viewer, kind: str, one: LinePaper | None) -> Cell:
    state = LinePaper.State(one.state) if one else LinePaper.State.OPEN
    if one is None:
        return Cell(kind, state, state.label)
    by = str(one.told_by) if viewer.institutions is None else Side(one.side).label
    number = one.attachment.number if one.attachment and _readable(viewer, one.attachment) else ""
    return Cell(kind, state, state.label, by, one.told_at, number)


def _readable(viewer: Viewer, one: Attachment) -> bool:
    return viewer.institutions is None or one.side == Side.INSTITUTION or one.shown


def _file(viewer: Viewer, one: Attachment) -> File:
    return File(
        pk=one.pk,
        number=one.number,
        kind=one.kind,
        name=one.name,
        size=filesizeformat(one.size),
        side=Side(one.side).label,
        who=str(one.brought_by) if viewer.institutions is None else "",
        at=one.brought_at,
        lines=tuple(one.lines),
        sha256=one.sha256,
        sha256_came=one.sha256_came,
        anew=one.sha256 != one.sha256_came,
        of_office=one.side == Side.OFFICE,
        shown=one.shown,
        own=one.side == side_of(viewer),
        withdrawn_at=one.withdrawn_at,
        reason=one.reason,
    )


def _who(office: bool, entry: Any) -> str:
    if office:
        return str(entry.actor)
    return OWN if entry.detail.get("一方") == Side.INSTITUTION.label else Side.OFFICE.label


def _told(detail: dict[str, Any]) -> list[str]:
    """A ledger row in words; digests and internal notes stay in the ledger."""
    told = [str(detail[name]) for name in ("附件", "材料") if name in detail]
    for state, lines in detail.get("情况", {}).items():
        told.append(f"{state}：{len(lines)} 行" if lines != [WHOLE] else state)
    return told
