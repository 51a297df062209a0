"""Guarded reads of saved filters."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import Region
from fundguard.web.filters.models import SavedFilter


def own(viewer: Viewer) -> QuerySet[SavedFilter]:
    return SavedFilter.objects.filter(owner=viewer.user)


def usable(viewer: Viewer, page: str) -> QuerySet[SavedFilter]:
    """The own ones, and those shared in the viewer's division or one above it; institutions have only their own."""
    home = viewer.user.region
    seen = Q(owner=viewer.user)
    if home is not None and viewer.institutions is None:
        paths = [home.path[:end] for end in range(Region.steplen, len(home.path) + 1, Region.steplen)]
        above = Region.objects.filter(path__in=paths).values("code")
        seen |= Q(shared=True, region__in=above)
    return SavedFilter.objects.filter(seen, page=page).select_related("owner")


def standard(viewer: Viewer, page: str) -> str:
    """Query string of the own default; empty where there is none."""
    return own(viewer).filter(page=page, standard=True).values_list("query", flat=True).first() or ""
