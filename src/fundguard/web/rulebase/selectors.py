"""Guarded reads of the rule base: rules of the viewer's regions and of those above, what-ifs of the own regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from fundguard import law
from fundguard.errors import Refusal
from fundguard.rules import catalogue
from fundguard.rules.rule import Rule
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.selectors import above, wider
from fundguard.web.jobs.models import Job
from fundguard.web.rulebase import in_force
from fundguard.web.rulebase.drafting import amber
from fundguard.web.rulebase.models import PackKey, Placement, Version, WhatIf

MOVED_SHOWN = 100


@dataclass(frozen=True)
class Line:
    """A rule of the list, as it stands in the viewer's own division."""

    code: str
    name: str
    klass: str
    state: str
    version: int | None
    latest: int
    trial: int | None
    local: bool
    amber: str
    pending: int


def lines(viewer: Viewer) -> list[Line]:
    """All rules, with the version in force in the viewer's division, those on trial and what waits for a decision."""
    home = viewer.user.region.code if viewer.user.region else ""
    own = {rule.code: rule for rule in in_force.rules_in_force()(home)}
    latest: dict[str, Version] = {}
    for version in versions(viewer).order_by("number"):
        latest[version.rule_code] = version
    on_trial = {one.rule_code: one.version.number for one in in_force.trials() if one.region in wider(home)}
    waiting: dict[str, int] = {}
    for code in placements(viewer).filter(outcome="pending").values_list("rule_code", flat=True):
        waiting[code] = waiting.get(code, 0) + 1
    shipped = catalogue.load()
    return [
        _line(code, shipped.get(code), own.get(code), latest.get(code), (on_trial.get(code), waiting.get(code, 0)))
        for code in sorted({*shipped, *latest})
    ]


def versions(viewer: Viewer) -> QuerySet[Version]:
    within = viewer.regions | above(viewer) | {""}
    return Version.objects.filter(region__in=within).select_related("made_by")


def version(viewer: Viewer, code: str, number: int) -> Version:
    return get_object_or_404(versions(viewer), rule_code=code, number=number)


def placements(viewer: Viewer) -> QuerySet[Placement]:
    within = viewer.regions | above(viewer)
    return Placement.objects.filter(region__in=within).select_related("version", "proposed_by", "decided_by")


def what_ifs(viewer: Viewer) -> QuerySet[WhatIf]:
    """What-ifs of the viewer's own regions: they tell findings of these."""
    found = WhatIf.objects.filter(region__in=viewer.regions)
    return found.select_related("created_by", "job").prefetch_related("versions")


def what_if(viewer: Viewer, pk: int) -> WhatIf:
    return get_object_or_404(what_ifs(viewer), pk=pk)


def moved(one: WhatIf, move: str) -> list[dict[str, Any]]:
    """The findings that moved so, the dearest first; none where the files were cleared away."""
    file = one.path / "moved.parquet"
    if not file.exists():
        return []
    with duckdb.connect() as connection:
        cursor = connection.execute(
            "SELECT * FROM read_parquet($file) WHERE move = $move "
            "ORDER BY greatest(as_is_fen, changed_fen) DESC, finding_key LIMIT $most",
            {"file": str(file), "move": move, "most": MOVED_SHOWN},
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def replay_of(version: Version, region: str) -> WhatIf | None:
    """The latest finished replay of a version that looked at this region."""
    found = WhatIf.objects.filter(versions=version, kind=WhatIf.Kind.REPLAY, region__in=wider(region))
    return found.filter(finished_at__isnull=False, job__state=Job.State.DONE).first()


def was_in_force(version: Version, region: str) -> bool:
    """Whether a decision once put it in force there, so that going back to it asks for no replay."""
    found = Placement.objects.filter(version=version, act=Placement.Act.PUBLISH, region__in=wider(region))
    return found.filter(outcome=Placement.Outcome.CONFIRMED).exists()


def pack_keys() -> QuerySet[PackKey]:
    return PackKey.objects.select_related("proposed_by", "confirmed_by")


def warning(article: str) -> str:
    """The amber mark of a rule that cites this article; empty where it is in force."""
    try:
        return amber(law.article(article))
    except Refusal:
        return amber(None)


def _line(
    code: str, shipped: Rule | None, own: Rule | None, latest: Version | None, told: tuple[int | None, int]
) -> Line:
    data = latest.data if latest else {}
    cited = own or shipped
    trial, pending = told
    return Line(
        code=code,
        name=cited.name if cited else data["name"],
        klass=cited.klass if cited else data["class"],
        state="已发布" if own else ("试运行" if trial else "未启用"),
        version=own.version if own else None,
        latest=latest.number if latest else (shipped.version if shipped else 0),
        trial=trial,
        local=shipped is None,
        amber=warning(cited.article if cited else data["article"]),
        pending=pending,
    )
