"""The case file's part of the finding's page."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import Http404

from fundguard.web.desk import selectors as desk
from fundguard.web.desk import standing
from fundguard.web.evidence import comments, selectors
from fundguard.web.evidence.earlier import earlier
from fundguard.web.evidence.pages import Summary
from fundguard.web.findings.pages import Encounter

register = template.Library()
LINES = 10


@register.simple_tag(takes_context=True)
def case_file(context: dict[str, Any], one: Encounter) -> Summary | None:
    """None where the viewer may not read case files, or the finding is treated elsewhere."""
    viewer = context["request"].viewer
    if not viewer.may("see.evidence"):
        return None
    try:
        row = standing.standing(viewer, one.key)
    except Http404:
        return None
    names = {charge.bkkp_sn: charge.name for charge in one.charges}
    return Summary(
        key=one.key,
        table=selectors.table(viewer, row, 0, LINES, names),
        files=selectors.attachments(viewer, one.key).filter(withdrawn_at=None).count(),
        earlier=earlier(viewer, row),
        notes=comments.notes(viewer, one.key),
        office=viewer.institutions is None and one.key not in desk.blind(viewer),
        may_write=viewer.may("do.comments"),
    )


@register.filter
def dot(state: str) -> str:
    """Colour of the dot beside the word; what is not there is no fault and never red."""
    return {"present": " green", "absent": " amber"}.get(state, "")
