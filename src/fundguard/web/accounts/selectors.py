"""Guarded reads of the region tree."""

from __future__ import annotations

from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import Region


def above(viewer: Viewer) -> frozenset[str]:
    """Codes of the divisions above the viewer's own."""
    home = viewer.user.region
    return frozenset(Region.objects.get_ancestors(home).values_list("code", flat=True)) if home else frozenset()


def own_regions(viewer: Viewer) -> list[Region]:
    """The viewer's division and those below it, in the order of the tree."""
    home = viewer.user.region
    return list(Region.objects.filter(path__startswith=home.path).order_by("path")) if home else []


def below(viewer: Viewer, code: str) -> frozenset[str]:
    """Codes of this division and those below it; empty where the viewer has no reach there."""
    if code not in viewer.regions:
        return frozenset()
    home = Region.objects.get(code=code)
    return frozenset(Region.objects.filter(path__startswith=home.path).values_list("code", flat=True))


def wider(code: str) -> frozenset[str]:
    """This division and those above it; empty stands for all."""
    home = Region.objects.filter(code=code).first()
    return frozenset(
        {code, ""} | set(Region.objects.get_ancestors(home).values_list("code", flat=True) if home else ())
    )
