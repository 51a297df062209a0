"""Which units an institution answers for on a day. Knows no viewer: the guard asks it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from fundguard.web.units.models import Unit


def on(day: date) -> QuerySet[Unit]:
    return Unit.objects.filter(Q(until=None) | Q(until__gte=day), since__lte=day)


def answered_for(heads: Collection[str], day: date) -> frozenset[str]:
    """Codes of the units of these institutions on that day; a unit's own units are not theirs."""
    return frozenset(on(day).filter(head_code__in=heads).values_list("unit_code", flat=True)) if heads else frozenset()
