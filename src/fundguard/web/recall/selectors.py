"""Reads: recalls of the viewer's regions, what one would concern, what is not asked again, what was corrected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet, Sum
from django.shortcuts import get_object_or_404

from fundguard import knowledge
from fundguard.audit.recalled import Recalled
from fundguard.web.accounts.guard import Viewer
from fundguard.web.core.known import of_region
from fundguard.web.desk.models import StepPaper
from fundguard.web.findings import selectors as findings
from fundguard.web.findings.models import Finding
from fundguard.web.fund import selectors as fund
from fundguard.web.recall import scope
from fundguard.web.recall.models import Item, Recall
from fundguard.workflows.regions import VARIANTS


@dataclass(frozen=True)
class Preview:
    """What a recall would take back. `states`: name → items; money in fen. `partly`: items that also rest on other
    points and wait for the next run."""

    count: int = 0
    amount_fen: int = 0
    institutions: int = 0
    states: Mapping[str, int] = field(default_factory=dict)
    received_fen: int = 0
    open_fen: int = 0
    partly: int = 0


@dataclass(frozen=True)
class Result:
    """What was taken back: items and institutions, papers sent, money in fen."""

    withdrawn: int
    barred: int
    institutions: int
    letters: int
    amount_fen: int
    deducted_fen: int
    owed_fen: int


def recalls(viewer: Viewer) -> QuerySet[Recall]:
    return Recall.objects.filter(region__in=viewer.regions).select_related("proposed_by", "decided_by", "job")


def recall(viewer: Viewer, pk: int) -> Recall:
    """One recall, or Http404 both where there is none and where the viewer may not know of it."""
    return get_object_or_404(recalls(viewer), pk=pk)


def preview(asked: Recall) -> Preview:
    """What it concerns now, whether or not it is stored."""
    rows = list(scope.touched(asked).values_list("object_id", "point", "state", "amount_now_fen", "fixmedins_code"))
    own = [row for row in rows if scope.wholly(asked, row[1])]
    names = {state.code: state.name for flow in VARIANTS.values() for state in flow.states}
    received, open_ = fund.sums_of([key for key, *_ in own])
    return Preview(
        count=len(own),
        amount_fen=sum(fen for *_, fen, _ in own),
        institutions=len({place for *_, place in own}),
        states=dict(Counter(names[state] for _, _, state, _, _ in own).most_common()),
        received_fen=received,
        open_fen=open_,
        partly=len(rows) - len(own),
    )


def result(one: Recall) -> Result:
    withdrawn = Q(outcome=Item.Outcome.WITHDRAWN)
    told = one.items.aggregate(
        withdrawn=Count("pk", filter=withdrawn),
        barred=Count("pk", filter=~withdrawn),
        institutions=Count("fixmedins_code", filter=withdrawn, distinct=True),
        amount=Sum("amount_fen", filter=withdrawn, default=0),
        deducted=Sum("deducted_fen", default=0),
        owed=Sum("owed_fen", default=0),
    )
    return Result(
        told["withdrawn"],
        told["barred"],
        told["institutions"],
        one.letters.count(),
        told["amount"],
        told["deducted"],
        told["owed"],
    )


def barred(one: Recall) -> list[tuple[str, str, str]]:
    """Key, number and codes of what could not be withdrawn."""
    found = one.items.filter(outcome=Item.Outcome.BARRED).order_by("pk")[:100]
    return [(item.finding_key, findings.number(item.finding_key), item.codes) for item in found]


def recalled() -> Sequence[Recalled]:
    """What a run must not ask again."""
    return [
        Recalled(
            one.rule_code,
            one.rule_version,
            scope.regions(one.region),
            tuple(sorted(one.points.items())),
            one.first,
            one.last,
        )
        for one in Recall.objects.filter(outcome=Recall.Outcome.CONFIRMED).order_by("pk")
    ]


def keys() -> QuerySet[Item]:
    """Keys of all findings that a recall withdrew."""
    return Item.objects.filter(outcome=Item.Outcome.WITHDRAWN).values_list("finding_key", flat=True)


def corrected(raised: Mapping[str, str]) -> set[str]:
    """Of withdrawn findings that a run raises again (key → points) those that a recall withdrew, and whose rule has a
    later version or whose points another content since. What was withdrawn for another reason stays withdrawn."""
    taken_back = {
        item.finding_key: item.recall
        for item in Item.objects.filter(finding_key__in=raised, outcome=Item.Outcome.WITHDRAWN)
        .select_related("recall")
        .order_by("pk")
    }
    orders = StepPaper.objects.filter(row__object_id__in=taken_back, code="recall_order").order_by("version")
    last = dict(orders.values_list("row__object_id", "text"))
    versions = dict(Finding.objects.filter(pk__in=taken_back).values_list("pk", "rule_version"))
    return {
        key
        for key, one in taken_back.items()
        if last.get(key) == one.number and _corrected(one, versions[key], raised[key])
    }


def _corrected(one: Recall, version: int, points: str) -> bool:
    if not one.points:
        return version > one.rule_version
    known = of_region(one.region)
    still = {point for point in points.split(",") if point in one.points}
    return all(knowledge.fingerprint(known, point) != one.points[point] for point in still)
