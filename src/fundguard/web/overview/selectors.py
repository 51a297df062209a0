"""Guarded reads of the overview: one statement a figure, kept while store and viewer's regions are the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import duckdb
from django.core.cache import cache

from fundguard.claims.intake.quality import IMPORTANT
from fundguard.claims.tables import tables
from fundguard.web.accounts.guard import Viewer
from fundguard.web.core import store
from fundguard.web.overview.pages import Filled, Found, Paid
from fundguard.web.runs.models import Run

LEAST_FILLED = 10
_PAID = """
SELECT year(setl_time), count(*), coalesce(sum(inscp_amt), 0)::BIGINT, coalesce(sum(fund_pay_sumamt), 0)::BIGINT
FROM setl_d WHERE year(setl_time) = (SELECT year(max(setl_time)) FROM setl_d) GROUP BY ALL
"""
_FILLED = """
SELECT p.fixmedins_code, coalesce(any_value(f.fixmedins_name), ''), sum(p.total)::BIGINT, sum(p.filled)::BIGINT
FROM source_profile AS p
JOIN fixmedins_b AS f ON f.fixmedins_code = p.fixmedins_code
WHERE list_contains($fields, p.table_name || '.' || p.field)
GROUP BY ALL ORDER BY sum(p.filled) / sum(p.total), 1 LIMIT $least
"""
_FOUND = """
SELECT {by}, count(*), coalesce(sum(counted_fen), 0)::BIGINT FROM read_parquet($file)
WHERE list_contains($regions, region) GROUP BY ALL
"""
_MONTH, _RULE, _INSTITUTION = "strftime(occurred_from, '%Y%m')", "rule_code", "coalesce(fixmedins_code, '')"


def paid(viewer: Viewer) -> Paid | None:
    """Settlements of the last year in the data; None where the viewer's regions have none."""

    def read(connection: duckdb.DuckDBPyConnection) -> tuple[Paid, ...]:
        return tuple(Paid(*row) for row in connection.execute(_PAID).fetchall())

    return next(iter(store.remembered(viewer, "paid", read)), None)


def least_filled(viewer: Viewer) -> tuple[Filled, ...]:
    """The institutions that fill the required fields, and those that rules need, least."""
    fields = [
        f"{table}.{f.name}"
        for table, important in IMPORTANT.items()
        for f in tables()[table].fields
        if (f.required and not f.key) or f.name in important.split()
    ]

    def read(connection: duckdb.DuckDBPyConnection) -> tuple[Filled, ...]:
        rows = connection.execute(_FILLED, {"fields": fields, "least": LEAST_FILLED}).fetchall()
        return tuple(Filled(*row) for row in rows)

    return store.remembered(viewer, "filled", read)


def found(viewer: Viewer, run: Run) -> Found:
    """Findings of this run in the viewer's regions, by month of the act, by rule, by institution; kept, since a run
    that was published does not change."""
    scope = hashlib.sha256("|".join(sorted(viewer.regions)).encode()).hexdigest()[:16]
    return cache.get_or_set(f"found:{run.run_id}:{scope}", lambda: _found(viewer, run), store.KEPT_SECONDS)


def _found(viewer: Viewer, run: Run) -> Found:
    values = {"file": str(run.path / "findings.parquet"), "regions": sorted(viewer.regions)}
    with duckdb.connect() as connection:
        months, rules, places = (
            connection.execute(_FOUND.format(by=by), values).fetchall() for by in (_MONTH, _RULE, _INSTITUTION)
        )
    return Found(
        findings=sum(count for _, count, _ in rules),
        counted_fen=sum(fen for _, _, fen in rules),
        months=tuple(sorted(row for row in months if row[0])),
        rules=_most(rules),
        institutions=_most(row for row in places if row[0]),
    )


def _most(rows: Iterable[tuple[str, int, int]]) -> tuple[tuple[str, int, int], ...]:
    """Largest counted amount first."""
    return tuple(sorted(rows, key=lambda row: (-row[2], -row[1], row[0])))
