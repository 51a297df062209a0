"""First-review rate (初审率) by region: derived from the run and the steps, never kept as a row a settlement.

A settlement is first reviewed where a completed run over all rules knew it and nothing found there waits for a person.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass

import duckdb
from django.core.cache import cache

from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.selectors import own_regions
from fundguard.web.core import store
from fundguard.web.desk import counting
from fundguard.web.desk.models import StateRow
from fundguard.web.findings import selectors as findings
from fundguard.web.runs import selectors as runs
from fundguard.web.runs.models import Run

#: States in which a finding still waits for its first review.
WAITING = ("found", "awaiting_papers")
MANY, KEPT = 20_000, 300
_SETTLED = "SELECT coalesce(fix_blng_admdvs, ''), arrival, count(*) FROM setl_d GROUP BY ALL ORDER BY 1, 2"


@dataclass(frozen=True)
class Rate:
    """Settlements of a region: all, those that the run knew, and of these the ones where something found waits."""

    region: str
    name: str
    total: int
    run: int
    waiting: int

    @property
    def reviewed(self) -> int:
        return max(0, self.run - self.waiting)


def first_review(viewer: Viewer, run: Run | None) -> tuple[Rate, ...]:
    """The viewer's regions that have settlements, in the order of the tree."""
    settled = store.remembered(viewer, "settled", _settled)
    arrivals, regions = runs.covered(run) if run else (frozenset(), frozenset())
    total, known = Counter[str](), Counter[str]()
    for region, arrival, count in settled:
        total[region] += count
        if arrival in arrivals and region in regions:
            known[region] += count
    waiting = _waiting(viewer)
    return tuple(
        Rate(one.code, one.name, total[one.code], known[one.code], min(waiting.get(one.code, 0), known[one.code]))
        for one in own_regions(viewer)
        if total[one.code]
    )


def _waiting(viewer: Viewer) -> dict[str, int]:
    """Region → settlements where something found waits. Where very many wait it is kept for `KEPT` seconds: the rate
    then hardly moves, and counting them apart takes longer than the page."""
    rows = StateRow.objects.filter(workflow="finding", state__in=WAITING, region__in=viewer.regions)
    told = counting.counts(viewer, {})
    if sum(number for state, (number, _) in told.items() if state in WAITING) < MANY:
        return findings.settlements(rows.values("object_id"))
    scope = hashlib.sha256("|".join(sorted(viewer.regions)).encode()).hexdigest()[:16]
    return cache.get_or_set(f"waiting:{scope}", lambda: findings.settlements(rows.values("object_id")), KEPT)


def _settled(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[str, int, int], ...]:
    return tuple(connection.execute(_SETTLED).fetchall())
