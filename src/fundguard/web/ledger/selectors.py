"""Guarded reads of the ledger."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from fundguard.web.accounts.guard import Viewer
from fundguard.web.ledger.models import Entry


def entries(viewer: Viewer) -> QuerySet[Entry]:
    """Rows of the viewer's regions, newest first."""
    return Entry.objects.filter(region__in=viewer.regions | {""}).select_related("actor").order_by("-pk")


def of_object(viewer: Viewer, object_kind: str, object_id: str) -> QuerySet[Entry]:
    """The history of one object that the viewer was already allowed to see."""
    return Entry.objects.filter(object_kind=object_kind, object_id=object_id).select_related("actor").order_by("-pk")


def of_objects(object_kind: str, object_ids: Collection[str]) -> QuerySet[Entry]:
    """The histories of objects whose rows the caller has locked or may see, oldest first."""
    return Entry.objects.filter(object_kind=object_kind, object_id__in=object_ids).order_by("pk")
