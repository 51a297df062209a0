"""Guarded reads of the scorecard: groups of the viewer's regions, the findings behind a figure, drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.shortcuts import get_object_or_404

from fundguard.sampling.agreement import wilson
from fundguard.web.accounts.guard import Viewer
from fundguard.web.desk.models import StateRow
from fundguard.web.findings import selectors as findings
from fundguard.web.findings.models import Finding
from fundguard.web.findings.words import LEVELS
from fundguard.web.scorecard.counting import DISMISSED, LOST, REVIEWED, UPHELD, WITHDRAWN, group_of, recalled_by_run
from fundguard.web.scorecard.criteria import measure
from fundguard.web.scorecard.models import FIGURES, Counting, Narrowing, Tally

KINDS = {"H": "定点医疗机构", "P": "定点零售药店"}
#: What a page can be grouped by: column and heading.
DIMENSIONS = {"rule": ("rule_code", "规则"), "region": ("region", "区划"), "kind": ("kind", "机构类别"),
              "level": ("level", "机构等级"), "month": ("month", "发现月份")}  # fmt: skip
#: Figure → its name, and the states of the findings behind it (None: all of them).
BEHIND: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "hits": ("命中", None),
    "reviewed": ("已审查", REVIEWED),
    "upheld": ("成立", UPHELD),
    "dismissed": ("审查不成立", (DISMISSED,)),
    "lost": ("申诉后不成立", (LOST,)),
    "recalled": ("因规则撤回", (WITHDRAWN,)),
    "withdrawn": ("因数据撤回", (WITHDRAWN,)),
}
_SAME = {"rule": "rule_code", "region": "region", "kind": "kind", "level": "level"}


@dataclass(frozen=True)
class Score:
    """A line of the scorecard. `precision` is the share upheld of what was judged, with its 95 % interval."""

    value: str
    label: str
    figures: Mapping[str, int]

    @property
    def counted(self) -> list[tuple[str, int]]:
        """The figures that have findings behind them, in the order of columns."""
        return [(name, self.figures[name]) for name in BEHIND]

    @property
    def judged(self) -> int:
        return sum(self.figures[name] for name in ("upheld", "dismissed", "lost", "recalled"))

    @property
    def few(self) -> bool:
        """Too few to say how good the rule is."""
        return self.judged < measure("few")

    @property
    def precision(self) -> float | None:
        return self.figures["upheld"] / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.figures["upheld"], self.judged)

    @property
    def precision_said(self) -> str:
        """In words: the share with its interval, or why there is none."""
        bounds = self.interval
        if bounds is None or self.precision is None:
            return "没有结论"
        said = f"{self.precision:.1%}（{bounds[0]:.1%}–{bounds[1]:.1%}）"
        return f"样本太少（{self.figures['upheld']}/{self.judged}）" if self.few else said

    @property
    def hours(self) -> float:
        return round(self.figures["seconds"] / 3600, 1)


def latest() -> Counting | None:
    return Counting.objects.order_by("-pk").first()


def scores(viewer: Viewer, wanted: Mapping[str, Any]) -> list[Score]:
    """One line for each value of the dimension asked for, most hits first (months in their order)."""
    by = wanted.get("by") or "rule"
    column = DIMENSIONS[by][0]
    sums = {name: Sum(name) for name in FIGURES}
    told = tallies(viewer, wanted).values(column).annotate(**{f"{n}_sum": total for n, total in sums.items()})
    names = _labels(by)
    lines = []
    for row in told.order_by(column):
        value = str(row[column])
        label = names.get(value, value) or "未登记"
        lines.append(Score(value, label, {name: row[f"{name}_sum"] or 0 for name in FIGURES}))
    return lines if by == "month" else sorted(lines, key=lambda one: (-one.figures["hits"], one.value))


def total(lines: Sequence[Score]) -> Score:
    return Score("", "合计", {name: sum(one.figures[name] for one in lines) for name in FIGURES})


def tallies(viewer: Viewer, wanted: Mapping[str, Any]) -> QuerySet[Tally]:
    """Groups of the viewer's regions that match the filter; nothing for an institution."""
    if viewer.institutions is not None:
        return Tally.objects.none()
    found = Tally.objects.filter(region__in=viewer.regions)
    found = found.filter(**{column: wanted[name] for name, column in _SAME.items() if wanted.get(name)})
    return found.filter(_months(wanted, "month"))


def behind(viewer: Viewer, figure: str, wanted: Mapping[str, Any]) -> QuerySet[Finding]:
    """The findings that a figure counts, of those that the viewer may know of."""
    states = BEHIND[figure][1]
    found = group_of(findings.findings(viewer).filter(region__in=viewer.regions))
    found = found.filter(**{column: wanted[name] for name, column in _SAME.items() if wanted.get(name)})
    found = found.filter(_months(wanted, "month__date"))
    if states is not None:
        rows = StateRow.objects.filter(workflow="finding", state__in=states)
        if figure == "recalled":
            rows = recalled_by_run()
        elif figure == "withdrawn":
            rows = rows.exclude(pk__in=recalled_by_run().values("pk"))
        found = found.filter(pk__in=rows.values("object_id"))
    return found.order_by("-counted_fen", "pk")


def of_rule(viewer: Viewer, code: str) -> Score | None:
    """One rule's line over everything; None where nothing was counted for this viewer."""
    found = scores(viewer, {"by": "rule", "rule": code})
    return found[0] if found else None


def narrowings(viewer: Viewer, state: str = "") -> QuerySet[Narrowing]:
    """Drafts of the viewer's regions, those that wait first."""
    found = Narrowing.objects.filter(region__in=viewer.regions).select_related("decided_by")
    return (found.filter(state=state) if state else found).order_by("-state", "-rejected", "pk")


def narrowing(viewer: Viewer, pk: int) -> Narrowing:
    return get_object_or_404(narrowings(viewer), pk=pk)


def evidence(viewer: Viewer, one: Narrowing) -> list[Finding]:
    """The rejected findings of a draft that the viewer may know of."""
    if not viewer.may("see.findings"):
        return []
    return list(findings.findings(viewer).filter(pk__in=one.evidence).order_by("pk"))


def _months(wanted: Mapping[str, Any], column: str) -> Q:
    within = Q()
    if first := wanted.get("first"):
        within &= Q(**{f"{column}__gte": _month(first)})
    if last := wanted.get("last"):
        within &= Q(**{f"{column}__lte": _month(last)})
    return within


def _month(day: date) -> date:
    return day.replace(day=1)


def _labels(by: str) -> dict[str, str]:
    if by == "rule":
        return findings.rule_names()
    if by == "region":
        return findings.region_names()
    return {"kind": KINDS, "level": LEVELS}.get(by, {})
