"""Where an item stands, for applications that keep something beside it."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from fundguard.web.accounts.guard import Viewer
from fundguard.web.desk import selectors
from fundguard.web.desk.models import Recusal, StateRow, StepPaper
from fundguard.web.findings import selectors as findings


def standing(viewer: Viewer, key: str) -> StateRow:
    """The item of a finding that the viewer may know of, treated in reach; else Http404."""
    findings.finding(viewer, key)
    return get_object_or_404(selectors.rows(viewer), object_id=key)


def closed_to(viewer: Viewer, row: StateRow) -> str:
    """Why this viewer may add nothing to the item now, in Chinese; empty where he may."""
    if row.stands.final:
        return f"疑点{row.stands.name}，案卷不再增加材料"
    if viewer.institutions is not None and not row.stands.shown:
        return "疑点还在审核中，收到告知或者补充材料的通知后再提交"
    return "本人已声明回避此机构" if recused(viewer, row) else ""


def recused(viewer: Viewer, row: StateRow) -> bool:
    return Recusal.objects.filter(person=viewer.user, fixmedins_code=row.fixmedins_code).exists()


def rests_on(text: str) -> bool:
    """Whether a step was taken with exactly this paper, on one item or on many at once."""
    return StepPaper.objects.filter(text=text).exists()
