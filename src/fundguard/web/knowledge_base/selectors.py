"""Reads: versions that concern the viewer's division, a point with its history, where a code is used, disputes."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from fundguard import knowledge
from fundguard.knowledge import LIMIT_TABLES, Knowledge, versions
from fundguard.knowledge.difference import limit_said
from fundguard.knowledge.headings import about, titles
from fundguard.knowledge.proposal import limits_of
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.selectors import above
from fundguard.web.core.known import of_viewer
from fundguard.web.desk import selectors as desk
from fundguard.web.findings import selectors as findings
from fundguard.web.knowledge_base import catalogues
from fundguard.web.knowledge_base.models import Dispute, Proposal
from fundguard.web.knowledge_base.pages import CodePage, PointPage, State, TableLine

FOUND_SHOWN = 50


def proposals(viewer: Viewer) -> QuerySet[Proposal]:
    """Those of the viewer's regions, and of the divisions above whose versions hold there too."""
    return Proposal.objects.filter(region__in=viewer.regions | above(viewer)).select_related("author", "closed_by")


def proposal(viewer: Viewer, pk: int) -> Proposal:
    return get_object_or_404(proposals(viewer), pk=pk)


def disputes(viewer: Viewer) -> QuerySet[Dispute]:
    """The bureau sees those of its regions, an institution its own."""
    found = Dispute.objects.filter(region__in=viewer.regions).select_related("raised_by", "answered_by")
    return found if viewer.institutions is None else found.filter(raised_by=viewer.user)


def disputed(viewer: Viewer, points: Iterable[str]) -> dict[str, int]:
    """Point → how many disputes of it nobody has answered."""
    open_ = disputes(viewer).filter(point_id__in=list(points), state=Dispute.State.OPEN)
    counted: dict[str, int] = {}
    for point_id in open_.values_list("point_id", flat=True):
        counted[point_id] = counted.get(point_id, 0) + 1
    return counted


def tables(viewer: Viewer) -> list[TableLine]:
    known = of_viewer(viewer)
    named = titles()
    return [
        TableLine(name, named[name], about(name), len(set(known.tables[name]["point_id"].to_pylist())))
        for name in LIMIT_TABLES
    ]


def point_page(viewer: Viewer, point_id: str) -> PointPage:
    known = of_viewer(viewer)
    point = known.points.get(point_id)
    if point is None:
        raise Http404
    return PointPage(
        point=point,
        limit=limit_said(limits_of(known).get(point_id), known),
        rule_name=findings.rule_names().get(point.rule_code, ""),
        names=[(code, known.items[code].name if code in known.items else "") for code in point.codes],
        history=_history(viewer, point_id),
        findings=desk.of_point(viewer, point_id) if viewer.may("see.desk") else None,
    )


def code_page(viewer: Viewer, code: str) -> CodePage:
    """Where a code is used, or that nobody knows it."""
    known = of_viewer(viewer)
    limits = limits_of(known)
    touching = [point for point in known.points.values() if code in point.codes]
    names = catalogues.names_of(code)
    rules = findings.rule_names()
    item = known.items.get(code)
    amount = findings.of_items(viewer, (code,)) if viewer.may("see.findings") else None
    return CodePage(
        code=code,
        name=item.name if item else names[0][1] if names else "",
        names=names,
        points=[(point, limit_said(limits.get(point.point_id), known)) for point in touching],
        rules=[(rule, rules.get(rule, "")) for rule in sorted({point.rule_code for point in touching})],
        versions=_versions_with(viewer, {point.point_id for point in touching}),
        findings=amount.count if amount else None,
        known=bool(touching or names),
    )


def found(viewer: Viewer, text: str) -> list[tuple[str, str]]:
    """Codes (code, name) by code, name or initials, in the points and in the catalogues; at most `FOUND_SHOWN`."""
    hits = [(code, hit.name) for hit in knowledge.search(of_viewer(viewer), text) for code in hit.codes]
    return list(dict(hits[:FOUND_SHOWN] + catalogues.search(text, FOUND_SHOWN)).items())[:FOUND_SHOWN]


def _history(viewer: Viewer, point_id: str) -> list[State]:
    """What is shipped, then every version that has the point."""
    home = viewer.user.region.code if viewer.user.region else ""
    by_folder = dict(Proposal.objects.filter(state=Proposal.State.PUBLISHED).values_list("folder", "pk"))
    told = _state("随软件提供", knowledge.of_region(home), point_id)
    states = [told] if told else []
    for version in versions.laid(home, settings.KNOWLEDGE):
        own = knowledge.load(version.folder)
        if point_id in _points_of(version):
            made = _state(f"{version.name} {version.title}", own, point_id, by_folder.get(version.proposal))
            states += [made] if made else []
    return states


def _state(name: str, known: Knowledge, point_id: str, proposal: int | None = None) -> State | None:
    point = known.points.get(point_id)
    return State(name, point, limit_said(limits_of(known).get(point_id), known), proposal) if point else None


def _points_of(version: versions.Version) -> set[str]:
    """The points that a version itself has."""
    lines = (version.folder / "point.csv").read_text("utf-8").splitlines()[1:]
    return {line.partition(",")[0] for line in lines}


def _versions_with(viewer: Viewer, points: set[str]) -> list[tuple[int, str]]:
    """Published versions (page, name) that have one of these points."""
    home = viewer.user.region.code if viewer.user.region else ""
    by_folder = dict(Proposal.objects.filter(state=Proposal.State.PUBLISHED).values_list("folder", "pk"))
    return [
        (by_folder[version.proposal], f"{version.name} {version.title}")
        for version in versions.laid(home, settings.KNOWLEDGE)
        if version.proposal in by_folder and points & _points_of(version)
    ]


def waiting(viewer: Viewer) -> int:
    """Versions that the viewer may still sign."""
    own = Q(author=viewer.user) | Q(signatures__person=viewer.user)
    return proposals(viewer).filter(region__in=viewer.regions, state=Proposal.State.OPEN).exclude(own).count()
