"""Earlier determinations on the same point: same rule and knowledge point, first in the same institution."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Value, When
from django.utils import timezone

from fundguard import law
from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.desk import selectors as desk
from fundguard.web.desk.models import StateRow, StepPaper
from fundguard.web.evidence.pages import Earlier
from fundguard.web.findings import selectors as findings
from fundguard.web.ledger import selectors as ledger
from fundguard.web.ledger.models import Entry
from fundguard.workflows.finding import DETERMINED
from fundguard.workflows.posts import POSTS

SHOWN = 8
#: Where an item stands once it was determined.
DECIDED = (*DETERMINED, "correcting", "cleared", "closed")
GROUNDS = "grounds"


def earlier(viewer: Viewer, row: StateRow) -> tuple[Earlier, ...]:
    """The latest determinations that the viewer may know of: the own institution's first, then the others'. An
    institution reads its own, and neither grounds nor posts of the office: those stand in the paper it received."""
    if not row.point:
        return ()
    near = Case(When(fixmedins_code=row.fixmedins_code, then=Value(0)), default=Value(1), output_field=IntegerField())
    same = desk.rows(viewer).filter(rule_code=row.rule_code, point=row.point, state__in=DECIDED)
    found = same.exclude(pk=row.pk).exclude(object_id__in=desk.blind(viewer)).defer("lines")
    if viewer.institutions is not None:
        found = found.filter(fixmedins_code__in=viewer.institutions)
    listed = {one.object_id: one for one in found.alias(near=near).order_by("near", "-entered_at", "-pk")[:SHOWN]}
    decided = _decided(list(listed.values()))
    told = findings.shown(list(listed))
    return tuple(
        _earlier(
            one, decided[key], told[key].institution_name or one.fixmedins_code, office=viewer.institutions is None
        )
        for key, one in listed.items()
        if key in decided
    )


def _decided(rows: list[StateRow]) -> dict[str, Entry]:
    """Key → the last step that gave grounds, from the ledger."""
    if not rows:
        return {}
    entries = ledger.of_objects(rows[0].flow.title, [row.object_id for row in rows])
    flows = {row.object_id: row.flow for row in rows}
    return {
        entry.object_id: entry
        for entry in entries
        if GROUNDS in flows[entry.object_id].step_by_verb[entry.detail["verb"]].needs
    }


def _earlier(one: StateRow, entry: Entry, institution: str, *, office: bool) -> Earlier:
    papers = entry.detail["papers"]
    text = StepPaper.objects.filter(row=one, version=entry.detail["version"], code=GROUNDS).first() if office else None
    return Earlier(
        key=one.object_id,
        number=findings.number(one.object_id),
        institution=institution,
        day=timezone.localdate(entry.at),
        what=entry.act,
        fen=papers.get("amount"),
        post=POSTS[entry.detail["post"]].name if office else "",
        articles=tuple(_cited(ref) for ref in papers.get("articles", ())),
        grounds=text.text if text else "",
    )


def _cited(ref: str) -> str:
    try:
        return law.article(ref).cited
    except Refusal:
        return ref
