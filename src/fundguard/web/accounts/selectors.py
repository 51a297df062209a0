"""Guarded reads of the region tree and of accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet

from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import Region, User


def above(viewer: Viewer) -> frozenset[str]:
    """Codes of the divisions above the viewer's own."""
    home = viewer.user.region
    return frozenset(Region.objects.get_ancestors(home).values_list("code", flat=True)) if home else frozenset()


def owned(viewer: Viewer) -> frozenset[str]:
    """The viewer's regions; what has none ("") is owned by a root of the tree and seen by nobody below."""
    home = viewer.user.region
    return viewer.regions | {""} if home is not None and home.is_root() else viewer.regions


def every_region() -> frozenset[str]:
    """Codes of all divisions that the site knows; says nothing about anyone."""
    return frozenset(Region.objects.values_list("code", flat=True))


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


def accounts(viewer: Viewer, wanted: Mapping[str, Any] | None = None) -> QuerySet[User]:
    """Accounts of the viewer's regions, and those that wait for a post; by name of account."""
    within = Q(region__code__in=viewer.regions) | Q(region=None, role="")
    found = User.objects.filter(within).select_related("region")
    for field, value in (wanted or {}).items():
        if value:
            found = found.filter(_CONDITIONS[field](value))
    return found.order_by("username")


_CONDITIONS: dict[str, Callable[[str], Q]] = {
    "q": lambda text: Q(username__contains=text) | Q(display_name__contains=text) | Q(staff_no=text),
    "role": lambda role: Q(role="" if role == "none" else role),
    "region": lambda code: Q(region__code=code),
    "state": lambda state: Q(is_active=state == "on"),
}


def second_factors(users: Iterable[User]) -> set[int]:
    """Which of these accounts have a second factor."""
    return set(Authenticator.objects.filter(user__in=users, type="totp").values_list("user_id", flat=True))
