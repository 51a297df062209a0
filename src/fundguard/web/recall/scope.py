"""Which items a recall concerns: those of the rule's version, region and days; of points those that rest on nothing
else. An item that also rests on other points is left to the next run, which brings it its other evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Q, QuerySet

from fundguard.web.accounts.models import Region
from fundguard.web.desk.models import StateRow
from fundguard.web.findings.models import Finding
from fundguard.web.recall.models import Recall

WITHDRAWN = "withdrawn"


def regions(code: str) -> frozenset[str]:
    """The division and those below it."""
    home = Region.objects.get(code=code)
    return frozenset(Region.objects.filter(path__startswith=home.path).values_list("code", flat=True))


def touched(recall: Recall) -> QuerySet[StateRow]:
    """Items not withdrawn yet that rest on what is recalled, wholly or partly."""
    told = Finding.objects.filter(
        rule_code=recall.rule_code, rule_version__lte=recall.rule_version, region__in=regions(recall.region)
    )
    if recall.first and recall.last:
        told = told.filter(occurred_to__gte=recall.first, occurred_from__lte=recall.last)
    found = StateRow.objects.filter(object_id__in=told.values("pk")).exclude(state=WITHDRAWN)
    if recall.points:
        named = Q()
        for point in recall.points:
            named |= Q(point__contains=point)
        found = found.filter(named)
    return found.order_by("pk")


def concerned(recall: Recall, without: Collection[str] = ()) -> Iterator[int]:
    """Primary keys of the items to withdraw, in order."""
    told = touched(recall).values_list("pk", "object_id", "point")
    barred = set(without)
    for pk, key, points in told.iterator(chunk_size=2000):
        if key not in barred and wholly(recall, points):
            yield pk


def wholly(recall: Recall, points: str) -> bool:
    """Whether what rests on these points (joined by comma) rests on nothing but what is recalled."""
    return not recall.points or {point for point in points.split(",") if point} <= set(recall.points)


def rows(chosen: QuerySet[StateRow], keys: Collection[int]) -> list[Any]:
    """The rows of these primary keys, held until the transaction ends."""
    return list(chosen.select_for_update(of=("self",)).filter(pk__in=keys))
