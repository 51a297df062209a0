"""Guarded reads: a bureau its own lists, campaigns and the reports on them; an institution the campaigns of where it
is, and its own reports."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.selectors import wider
from fundguard.web.selfcheck.models import Audience, Campaign, Problem, ProblemList, Report, Reported, SpotCheck


@dataclass(frozen=True)
class Own:
    """A campaign for one institution, with its report where one was begun."""

    campaign: Campaign
    code: str
    report: Report | None


@dataclass
class Field:
    """The problems of one field with what was reported of each."""

    name: str
    rows: list[tuple[Problem, Reported | None]] = field(default_factory=list)

    @property
    def open(self) -> int:
        return sum(told is None for _, told in self.rows)


def lists(viewer: Viewer) -> QuerySet[ProblemList]:
    return ProblemList.objects.filter(region__in=viewer.regions)


def problem_list(viewer: Viewer, pk: int) -> ProblemList:
    return get_object_or_404(lists(viewer), pk=pk)


def campaigns(viewer: Viewer) -> QuerySet[Campaign]:
    """A bureau's own and those below it; for an institution those of its division and of the divisions around it."""
    home = viewer.user.region.code if viewer.user.region else ""
    regions = viewer.regions | (wider(home) - {""} if viewer.institutions is not None else frozenset())
    return Campaign.objects.filter(region__in=regions).select_related("listed")


def campaign(viewer: Viewer, pk: int) -> Campaign:
    return get_object_or_404(campaigns(viewer), pk=pk)


def reports(viewer: Viewer) -> QuerySet[Report]:
    """A bureau reads what was submitted; an institution all of its own."""
    if viewer.institutions is not None:
        return Report.objects.filter(fixmedins_code__in=viewer.institutions).select_related("campaign")
    found = Report.objects.filter(campaign__in=campaigns(viewer), state=Report.State.SUBMITTED)
    return found.select_related("campaign").order_by("-submitted_at")


def report(viewer: Viewer, pk: int) -> Report:
    """One report, or Http404 both where there is none and where the viewer may not know of it."""
    return get_object_or_404(reports(viewer), pk=pk)


def spot_check(viewer: Viewer, pk: int) -> SpotCheck:
    return get_object_or_404(SpotCheck.objects.filter(campaign__in=campaigns(viewer)), pk=pk)


def owns(viewer: Viewer) -> list[Own]:
    """Every campaign with every own institution, newest first."""
    held = {(one.campaign_id, one.fixmedins_code): one for one in reports(viewer)}
    codes = sorted(viewer.institutions or ())
    return [Own(one, code, held.get((one.pk, code))) for one in campaigns(viewer) for code in codes]


def problems(one: Campaign, audience: str) -> QuerySet[Problem]:
    found = one.listed.problems.filter(audience=audience)
    return found.filter(field__in=one.fields) if one.fields else found


def audience(viewer: Viewer, code: str) -> str:
    """Whether the code is a pharmacy's: national codes begin with P there, with H for hospitals."""
    if code not in (viewer.institutions or ()):
        raise Http404
    return Audience.PHARMACY if code.upper().startswith("P") else Audience.HOSPITAL


def by_field(one: Report) -> list[Field]:
    """The campaign's problems for this institution in the order of the list."""
    told = {row.problem_id: row for row in one.reported.all()}
    kind = Audience.PHARMACY if one.fixmedins_code.upper().startswith("P") else Audience.HOSPITAL
    found: dict[str, Field] = {}
    for problem in problems(one.campaign, kind):
        found.setdefault(problem.field, Field(problem.field)).rows.append((problem, told.get(problem.pk)))
    return list(found.values())
