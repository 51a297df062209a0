"""Guarded reads over the ledger."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from fundguard.web.accounts.guard import Viewer
from fundguard.web.ledger.models import Entry
from fundguard.web.ledger.services import object_key


def entries(
    viewer: Viewer, *, act: str = "", actor: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[Entry]:
    """Rows of the viewer's regions; `since` and `until` are inclusive days in Beijing time."""
    rows = Entry.objects.filter(region__in=viewer.regions()).select_related("actor")
    if act:
        rows = rows.filter(act=act)
    if actor:
        rows = rows.filter(actor__username=actor)
    if since:
        rows = rows.filter(at__gte=_midnight(since))
    if until:
        rows = rows.filter(at__lt=_midnight(until + timedelta(days=1)))
    return rows


def history(viewer: Viewer, kind: str, identifier: str) -> QuerySet[Entry]:
    """Everything done to one object, newest first."""
    return entries(viewer).filter(object_kind=kind, object_key=object_key(kind, identifier)).order_by("-seq")


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
