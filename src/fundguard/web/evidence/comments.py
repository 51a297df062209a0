"""Notes among the staff of the office on a finding: written once, struck out at most, never seen by an institution."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.desk import selectors as desk
from fundguard.web.desk import standing
from fundguard.web.desk.models import StateRow
from fundguard.web.evidence.models import Comment
from fundguard.web.evidence.pages import Note
from fundguard.web.evidence.selectors import LEDGER_KIND
from fundguard.web.evidence.services import locked
from fundguard.web.ledger.identifiers import keyed
from fundguard.web.ledger.services import record


def notes(viewer: Viewer, key: str) -> tuple[Note, ...]:
    """Newest first; none for an institution, and none for who is to review without knowing what others said."""
    if viewer.institutions is not None or key in desk.blind(viewer):
        return ()
    found = Comment.objects.filter(file_id=key).select_related("written_by")
    return tuple(
        Note(
            pk=one.pk,
            text=one.text,
            who=str(one.written_by),
            role=one.written_by.get_role_display(),
            at=one.written_at,
            struck_at=one.struck_at,
            own=one.written_by_id == viewer.user.pk,
        )
        for one in found
    )


@transaction.atomic
def write(viewer: Viewer, key: str, text: str) -> Comment:
    row = _own(viewer, key)
    one = Comment.objects.create(file=locked(row), text=text, written_by=viewer.user, written_at=timezone.now())
    _record(viewer, row, "写内部备注", one)
    return one


@transaction.atomic
def strike(viewer: Viewer, pk: int) -> Comment:
    """Strike out one's own note; it stays legible."""
    one = get_object_or_404(Comment, pk=pk)
    row = _own(viewer, one.file_id)
    locked(row)
    one.refresh_from_db()
    if one.written_by_id != viewer.user.pk or one.struck_at:
        raise Refusal("此备注不能由您划去", where="内部备注", remedy="只能划去本人填写且尚未划去的备注")
    one.struck_at = timezone.now()
    one.save(update_fields=["struck_at"])
    _record(viewer, row, "划去内部备注", one)
    return one


def _own(viewer: Viewer, key: str) -> StateRow:
    """The item, for staff of the office who may read its notes and have no conflict of interest."""
    row = standing.standing(viewer, key)
    if viewer.institutions is not None or key in desk.blind(viewer):
        raise Http404
    if standing.recused(viewer, row):
        raise Refusal("本人已声明回避此机构", where="内部备注", remedy="请由其他人员填写")
    return row


def _record(viewer: Viewer, row: StateRow, act: str, one: Comment) -> None:
    """The ledger proves the text and does not tell it."""
    detail = {"备注": one.pk, "内容": f"hmac:{keyed(f'comment:{one.text}')}"}
    record(viewer.user, act, LEDGER_KIND, row.object_id, region=row.region, detail=detail)
