"""Guarded reads: an agency the units of its regions, an institution those it answers for and who answers for it."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from fundguard.web.accounts.guard import Viewer
from fundguard.web.units.models import Unit


def units(viewer: Viewer) -> QuerySet[Unit]:
    if viewer.institutions is None:
        return Unit.objects.filter(region__in=viewer.regions)
    own = viewer.user.institutions.split()
    return Unit.objects.filter(Q(head_code__in=own) | Q(unit_code__in=own))
