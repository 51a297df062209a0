"""Repeated rejections → drafts of a narrower rule: data for the reviewers of the rule base, applied by nobody."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Substr
from django.utils import timezone

from fundguard.web.desk.models import StateRow, StepPaper
from fundguard.web.rulebase import lookup
from fundguard.web.scorecard.counting import DISMISSED, FLOW, LOST, UPHELD
from fundguard.web.scorecard.criteria import measure
from fundguard.web.scorecard.models import Narrowing

POOL = 4  # digits of a division that name its city
REJECTED = (DISMISSED, LOST)
JUDGED = (*UPHELD, *REJECTED)
#: Feature → what it is called, and the column of a state row that holds it (empty: the reason of the rejection).
FEATURES = {
    "point": ("知识点", "point"),
    "institution": ("定点机构", "fixmedins_code"),
    "reason": ("不成立的理由", ""),
}


@dataclass(frozen=True)
class Repeated:
    pool: str
    rule_code: str
    feature: str
    value: str
    rejected: int
    reviewed: int

    @property
    def condition(self) -> dict[str, Any]:
        """The exclusion as the rule base would take it up."""
        column = FEATURES[self.feature][1] or "reason"
        return {"rule_code": self.rule_code, "except": {column: self.value}, "regions": [self.pool + "00"]}


def draft() -> int:
    """Writes a draft for each feature that is rejected often enough; how many are new. The numbers of those that wait
    are brought up to date, those decided stay as they are."""
    fresh = 0
    for one in repeated():
        rule = lookup.rule(one.rule_code)
        if rule is None:  # a foreign source is no rule of ours
            continue
        place = {
            "region": one.pool + "00",
            "rule_code": one.rule_code,
            "feature": one.feature,
            "value_hash": hashlib.sha256(one.value.encode()).hexdigest()[:32],
        }
        told = {"rejected": one.rejected, "reviewed": one.reviewed, "evidence": evidence(one)}
        waiting = Narrowing.objects.filter(**place)
        if waiting.exists():
            waiting.filter(state=Narrowing.State.OPEN).update(**told)
            continue
        more = {"rule_version": rule.version, "value": one.value, "condition": one.condition}
        Narrowing.objects.create(**place, **told, **more, drafted_at=timezone.now())
        fresh += 1
    return fresh


def repeated() -> Iterator[Repeated]:
    """What the criteria call repeated, by city."""
    least, share, by_reason = (measure(key) for key in ("rejected_least", "rejected_share_e4", "reason_share_e4"))
    judged: dict[tuple[str, str], int] = {}
    for pool, rule, count in _judged().values_list("pool", "rule_code").annotate(n=Count("pk")).order_by():
        judged[pool, rule] = count
    for feature, (_, column) in FEATURES.items():
        if not column:
            continue
        told = _judged().exclude(**{column: ""}).values_list("pool", "rule_code", column).order_by()
        counted = told.annotate(rejected=Count("pk", filter=Q(state__in=REJECTED)), n=Count("pk"))
        for pool, rule, value, rejected, count in counted.filter(rejected__gte=least):
            if rejected * 10_000 >= count * share:
                yield Repeated(pool, rule, feature, value, rejected, count)
    for pool, rule, text, rejected in _reasons().annotate(n=Count("row", distinct=True)).filter(n__gte=least):
        if rejected * 10_000 >= judged[pool, rule] * by_reason:
            yield Repeated(pool, rule, "reason", text, rejected, judged[pool, rule])


def evidence(one: Repeated) -> list[str]:
    """Keys of the rejected findings, the newest first, at most as many as a draft keeps."""
    found = _judged().filter(pool=one.pool, rule_code=one.rule_code, state__in=REJECTED)
    column = FEATURES[one.feature][1]
    if column:
        found = found.filter(**{column: one.value})
    else:
        found = found.filter(papers__code="reason", papers__text=one.value, papers__version=F("version")).distinct()
    return list(found.order_by("-entered_at", "pk").values_list("object_id", flat=True)[: measure("evidence_kept")])


def _judged() -> QuerySet[StateRow]:
    return StateRow.objects.filter(workflow=FLOW, state__in=JUDGED).annotate(pool=Substr("region", 1, POOL))


def _reasons() -> QuerySet[StepPaper]:
    """The text with which an item was dismissed and stands so."""
    told = StepPaper.objects.filter(code="reason", row__workflow=FLOW, row__state=DISMISSED, version=F("row__version"))
    told = told.annotate(pool=Substr("row__region", 1, POOL))
    return told.values_list("pool", "row__rule_code", "text").order_by()


def determined(rule_codes: Collection[str], regions: Collection[str]) -> dict[str, bool]:
    """What people concluded of findings of these rules in these regions: key → whether it was upheld."""
    told = StateRow.objects.filter(workflow=FLOW, state__in=JUDGED, rule_code__in=rule_codes, region__in=regions)
    return {key: state in UPHELD for key, state in told.order_by("pk").values_list("object_id", "state")}
