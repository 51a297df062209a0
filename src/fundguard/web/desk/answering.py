"""What an institution reads of its items: nothing of the bureau's people, and of a state only what is shown to it."""

from __future__ import annotations

from collections.abc import Iterable

from django.shortcuts import get_object_or_404
from django.utils import timezone

from fundguard.web.accounts.guard import Viewer
from fundguard.web.core.parts import Happening
from fundguard.web.desk import items, selectors
from fundguard.web.desk.models import StateRow
from fundguard.web.desk.pages import Answerable, Panel
from fundguard.web.findings import selectors as findings
from fundguard.web.ledger import selectors as ledger
from fundguard.workflows.posts import INSTITUTION

UNTOLD = "审核中"
OWN = "本机构"
#: Terms within which the institution has something to do; the others are the bureau's own.
TERMS = frozenset({"finding.papers", "finding.answer", "finding.views", "finding.refund", "finding.rectification"})


def answerables(listed: Iterable[StateRow]) -> list[Answerable]:
    kept = list(listed)
    told, names, now = findings.shown([row.object_id for row in kept]), findings.rule_names(), timezone.now()
    return [
        Answerable(
            key=row.object_id,
            number=told[row.object_id].number,
            institution=told[row.object_id].institution_name or row.fixmedins_code,
            rule=names.get(row.rule_code, row.rule_code),
            amount_fen=row.amount_now_fen,
            state=row.stands.shown or UNTOLD,
            due=selectors.last_day(row) if _own_term(row) else None,
            due_flag=row.due_flag if _own_term(row) else "",
            late=_own_term(row) and row.due_at is not None and row.due_at <= now,
        )
        for row in kept
    ]


def panel(viewer: Viewer, row: StateRow) -> Panel:
    """Until the institution is told of the item, it learns no more than that it is under review."""
    if not row.stands.shown:
        return Panel(UNTOLD, "", row.amount_fen, None, "", "", late=False, assignee="", notices=selectors.letters(row))
    own = _own_term(row)
    item = items.item(row)
    may = viewer.may("do.answer")
    return Panel(
        state=row.stands.shown,
        told="",
        amount_now_fen=row.amount_now_fen,
        due=selectors.last_day(row) if own else None,
        due_name=row.due_term if own else "",
        due_flag=row.due_flag if own else "",
        late=own and row.due_at is not None and row.due_at <= timezone.now(),
        assignee="",
        buttons=selectors.buttons(viewer, row, item, selectors.INSTITUTION, "desk:answer_step") if may else (),
        history=_own_steps(row),
        notices=selectors.letters(row),
    )


def stands(viewer: Viewer, key: str) -> tuple[str, frozenset[str]]:
    """The state as the institution is told it, and the verbs of its own that lead on from there."""
    row = get_object_or_404(selectors.rows(viewer), object_id=key)
    own = [step.verb for step in row.flow.leaving(row.state) if selectors.taken_on(step, selectors.INSTITUTION)]
    return row.stands.shown or UNTOLD, frozenset(own)


def _own_steps(row: StateRow) -> tuple[Happening, ...]:
    """What the institution itself answered, newest first; of the bureau's steps it reads the notices."""
    texts = selectors.brought(row)
    return tuple(
        Happening(
            entry.at,
            entry.act,
            OWN,
            "；".join([*items.spoken(row, entry.detail["papers"]), *texts.get(entry.detail["version"], [])]),
        )
        for entry in ledger.of_objects(row.flow.title, [row.object_id]).reverse()
        if entry.detail["post"] in INSTITUTION
    )


def _own_term(row: StateRow) -> bool:
    return row.due_term in {clock.name for clock in row.flow.clocks if clock.term in TERMS}
