"""What the page of a finding reads from run files and store. The connection is narrowed to the viewer's regions;
evidence from elsewhere comes through one statement that knows nothing but the day and the class of item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
from django.conf import settings

from fundguard.audit.coverage import Coverage, Place, coverage
from fundguard.claims.tables import tables
from fundguard.findings.facts import READINGS, ref_key
from fundguard.web.core import store
from fundguard.web.core.paging import Page
from fundguard.web.findings import words
from fundguard.web.findings.models import Finding
from fundguard.web.findings.pages import Charge, Elsewhere, EvidenceRow, Settlement, Visit

OTHERS_SHOWN = 20
_EPOCH = date(1970, 1, 1)
_EVIDENCE = """
SELECT finding_id, ref_table, ref_key, role, amount_fen, seen FROM read_parquet($files)
WHERE finding_id IN (SELECT unnest($ids)) ORDER BY finding_id, role, ref_table, ref_key
"""
_HEAD = "SELECT begntime, endtime, med_type FROM mdtrt_d WHERE mdtrt_id = ? AND fixmedins_code = ?"
_SETTLEMENTS = """
SELECT setl_id, setl_time, insutype, medfee_sumamt, inscp_amt, fund_pay_sumamt, psn_setlway, refd_setl_flag
FROM setl_d WHERE mdtrt_id = ? AND fixmedins_code = ? ORDER BY setl_time, setl_id
"""
_CHARGES = """
SELECT bkkp_sn, fee_ocur_time, coalesce(hilist_name, medins_list_name, ''), coalesce(med_list_codg, ''),
  coalesce(bilg_dept_name, ''), cnt, pric, det_item_fee_sumamt, inscp_amt
FROM fee_list_d WHERE mdtrt_id = $encounter AND fixmedins_code = $institution
  AND (NOT $lit_only OR list_contains($lit, bkkp_sn))
ORDER BY fee_ocur_time, bkkp_sn LIMIT $size OFFSET $first
"""
_KEYS = """
SELECT bkkp_sn, strftime(fee_ocur_time, '%Y%m') FROM fee_list_d WHERE mdtrt_id = ? AND fixmedins_code = ?
"""
_OTHERS = """
SELECT mdtrt_id, begntime, endtime, med_type FROM mdtrt_d
WHERE psn_key = ? AND fixmedins_code = ? AND mdtrt_id <> ? ORDER BY begntime DESC, mdtrt_id LIMIT ?
"""
_LINES = """
SELECT mdtrt_id, count(*), coalesce(sum(inscp_amt), 0) FROM fee_list_d
WHERE fixmedins_code = ? AND list_contains(?, mdtrt_id) GROUP BY ALL
"""
_WITHIN = "SELECT 1 FROM allowed_institution WHERE fixmedins_code = ?"


@dataclass(frozen=True)
class Origin:
    """Where a row of evidence comes from: institution (empty if not known), day, class of item."""

    institution: str
    day: date | None
    klass: str


@dataclass(frozen=True)
class Evidence:
    """On charges of the encounter by bkkp_sn, on other rows of the same institution, and what lies elsewhere."""

    on_charges: dict[str, list[EvidenceRow]]
    others: list[EvidenceRow]
    elsewhere: list[Elsewhere]

    @property
    def lit(self) -> list[str]:
        return sorted(self.on_charges)


def connect(regions: frozenset[str] | None) -> duckdb.DuckDBPyConnection:
    """The store narrowed to these divisions; None only for `reach`, `_origins` and files of runs."""
    return store.cursor(regions)


def reach(regions: frozenset[str], institution: str) -> duckdb.DuckDBPyConnection:
    """For reads that name this institution: the store where it lies in these divisions, else nothing.

    The narrowed store would look up the way of every row to its institution, which takes ten times as long.
    """
    with connect(regions) as narrowed:
        within = narrowed.execute(_WITHIN, [institution]).fetchone()
    return connect(None if within else frozenset())


def evidence(found: Sequence[Finding], charges: frozenset[str], *, own: bool) -> Evidence:
    """What these findings of one institution rest on. `charges` are the lines of their encounter; where the viewer is
    not of the place of treatment (`own` False) every row counts as elsewhere."""
    read = _evidence(found)
    origins = _origins({(row[1], row[2]) for row in read})
    rules = {one.finding_id: one.rule_code for one in found}
    told = Evidence({}, [], [])
    hidden: set[Elsewhere] = set()
    for finding_id, table, key, role, amount, seen in read:
        origin = origins.get((table, key), Origin("", None, words.TABLES.get(table, table)))
        if not own or origin.institution != found[0].fixmedins_code:
            hidden.add(Elsewhere(origin.day, origin.klass))
            continue
        label = words.TABLES.get(table, table)
        row = EvidenceRow(rules[finding_id], label, role, seen or "", amount, origin.day, origin.klass)
        if key in charges:
            told.on_charges.setdefault(key, []).append(row)
        else:
            told.others.append(row)
    told.elsewhere.extend(sorted(hidden, key=lambda e: (e.day or _EPOCH, e.klass)))
    return told


def period(connection: duckdb.DuckDBPyConnection, one: Finding) -> tuple[datetime | None, datetime | None, str]:
    """Begin, end and kind of the encounter; nothing where it is not in reach."""
    row = connection.execute(_HEAD, [one.mdtrt_id, one.fixmedins_code]).fetchone()
    return (row[0], row[1], words.visit(row[2])) if row else (None, None, "")


def settlements(connection: duckdb.DuckDBPyConnection, one: Finding) -> list[Settlement]:
    rows = connection.execute(_SETTLEMENTS, [one.mdtrt_id, one.fixmedins_code]).fetchall()
    return [
        Settlement(setl_id, when, words.INSURANCE.get(kind, kind), *money, way == words.PAID_BY_ITEM, refund == "1")
        for setl_id, when, kind, *money, way, refund in rows
    ]


def charge_keys(connection: duckdb.DuckDBPyConnection, one: Finding) -> dict[str, str]:
    """Every charge line of the encounter and its month yyyymm."""
    return dict(connection.execute(_KEYS, [one.mdtrt_id, one.fixmedins_code]).fetchall())


def charges(
    connection: duckdb.DuckDBPyConnection, one: Finding, told: Evidence, page: Page, *, lit_only: bool
) -> list[Charge]:
    """One page of the encounter's charges by time, each with the evidence on it."""
    values = {
        "encounter": one.mdtrt_id,
        "institution": one.fixmedins_code,
        "lit_only": lit_only,
        "lit": told.lit,
        "size": page.size,
        "first": page.offset,
    }
    rows = connection.execute(_CHARGES, values).fetchall()
    return [Charge(*row, evidence=tuple(told.on_charges.get(row[0], ()))) for row in rows]


def others(connection: duckdb.DuckDBPyConnection, one: Finding) -> list[Visit]:
    """The person's other encounters in this institution, newest first, at most `OTHERS_SHOWN`."""
    if not one.psn_key:
        return []
    values = [one.psn_key, one.fixmedins_code, one.mdtrt_id, OTHERS_SHOWN]
    rows = connection.execute(_OTHERS, values).fetchall()
    told = connection.execute(_LINES, [one.fixmedins_code, [row[0] for row in rows]]).fetchall() if rows else []
    lines = {key: (count, int(fen)) for key, count, fen in told}
    return [Visit(i, begin, end, words.visit(kind), *lines.get(i, (0, 0))) for i, begin, end, kind in rows]


def checked(one: Finding, keys: Iterable[str], months: Iterable[str]) -> Coverage | None:
    """The coverage statement of the encounter from the run that told the finding; None where its files are gone."""
    run = settings.RUNS / one.run.folder
    if not (run / "run.json").is_file():
        return None
    with connect(None) as connection:
        return coverage(connection, run, Place(set(keys), one.region, one.fixmedins_code, set(months)))


def _evidence(found: Sequence[Finding]) -> list[tuple[Any, ...]]:
    paths = {settings.RUNS / one.run.folder / "evidence.parquet" for one in found}
    files = sorted(str(path) for path in paths if path.is_file())
    if not files:
        return []
    with connect(None) as connection:
        return connection.execute(_EVIDENCE, {"files": files, "ids": [one.finding_id for one in found]}).fetchall()


def _origins(refs: set[tuple[str, str]]) -> dict[tuple[str, str], Origin]:
    """Institution, day and class of each row read, wherever it comes from; nothing else of it is read."""
    found: dict[tuple[str, str], Origin] = {}
    by_table: dict[str, list[str]] = {}
    for table, key in refs:
        by_table.setdefault(table, []).append(key)
    with connect(None) as connection:
        for name, keys in sorted(by_table.items()):
            if name in tables():
                for key, institution, day, kind in connection.execute(_origin_sql(name), [sorted(keys)]).fetchall():
                    when = None if day is None else _EPOCH + timedelta(days=day)
                    found[name, key] = Origin(institution or "", when, _klass(name, kind))
    return found


def _origin_sql(name: str) -> str:
    columns = tables()[name].stored()
    key = ref_key(tables()[name], "t")
    institution = next((f"t.{c}" for c in ("fixmedins_code", "medins_code", "rtal_phac_code") if c in columns), None)
    join = ""
    if institution is None and "mdtrt_id" in columns:
        institution, join = "m.fixmedins_code", "LEFT JOIN mdtrt_d AS m ON m.mdtrt_id = t.mdtrt_id"
    day = READINGS[name].first if name in READINGS else "NULL"
    kind = next((f"t.{c}" for c in ("list_type", "med_type") if c in columns), "NULL")
    return f"SELECT {key}, {institution or 'NULL'}, {day}, {kind} FROM {name} AS t {join} WHERE list_contains(?, {key})"


def _klass(name: str, kind: str | None) -> str:
    """Class of item: of a charge its list, of an encounter or settlement its kind, else the name of the table."""
    label = words.TABLES.get(name, name)
    known = words.LISTS.get(kind or "", "") if name == "fee_list_d" else words.visit(kind)
    return known or label
