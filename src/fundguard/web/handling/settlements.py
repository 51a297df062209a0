"""The settlements that a finding's accused rows lie on, read from the run's evidence and the store, net of refunds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from django.conf import settings

from fundguard.claims.tables import tables
from fundguard.findings.facts import ref_key
from fundguard.findings.funds import fund_accounts, paid_by_account
from fundguard.findings.settled import Settled
from fundguard.web.core.store import opened
from fundguard.web.findings.models import Finding

COLUMNS = tuple(dict.fromkeys(one.column for one in fund_accounts().values() if one.column))
NET = ", ".join(
    f"CAST(sum(CASE WHEN refd_setl_flag = '1' THEN -abs({c}) ELSE {c} END) AS BIGINT) AS {c}"
    for c in (*COLUMNS, "fund_pay_sumamt", "inscp_amt")
)
ORIGINAL = "CASE WHEN refd_setl_flag = '1' THEN coalesce(init_setl_id, setl_id) ELSE setl_id END"
#: Settlements net of their refunds, by their own id or by the encounter they belong to.
_SETTLEMENTS = f"""
SELECT {ORIGINAL} AS setl_id, any_value(mdtrt_id) FILTER (refd_setl_flag IS DISTINCT FROM '1') AS mdtrt_id,
  any_value(insutype) AS insutype, {NET}
FROM setl_d
WHERE {ORIGINAL} IN (
  SELECT setl_id FROM setl_d
  WHERE setl_id IN (SELECT setl_id FROM wanted)
    OR (mdtrt_id IN (SELECT mdtrt_id FROM wanted WHERE setl_id IS NULL) AND refd_setl_flag IS DISTINCT FROM '1'))
GROUP BY ALL ORDER BY 1
"""
_ACCUSED = """
SELECT ref_table, ref_key, amount_fen FROM read_parquet($evidence)
WHERE finding_id = $finding AND role = 'accused' AND amount_fen > 0
ORDER BY ref_table, ref_key
"""
#: Tables whose rows are spread over the settlements of their encounter; of any other it must be one.
_WHOLE = "mdtrt_d"


@dataclass(frozen=True)
class _Row:
    """An accused row; without a settlement of its own its encounter has them."""

    ref_table: str
    ref_key: str
    fen: int
    setl_id: str | None
    mdtrt_id: str | None


def of_finding(one: Finding, lines: Collection[str]) -> tuple[Settled, ...]:
    """What of each settlement is accused by the charge `lines` still in question (and by rows that are no charge).

    Empty where some of it lies on no settlement that a fund paid: nobody then guesses whose money it was.
    """
    with opened().connect(regions=frozenset({one.region}), threads=1, memory="256MB") as connection:
        if one.setl_id:
            return _settled(_read(connection, [(one.setl_id, None)]), {one.setl_id: one.amount_fen}) or ()
        rows = [row for row in _accused(connection, one) if row.ref_table != "fee_list_d" or row.ref_key in lines]
        told = _read(connection, [(row.setl_id, row.mdtrt_id) for row in rows])
    by_settlement: dict[str, int] = {}
    for row in rows:
        parts = _of_row(row, told)
        if not parts:
            return ()
        for setl_id, fen in parts.items():
            by_settlement[setl_id] = by_settlement.get(setl_id, 0) + fen
    return _settled(told, by_settlement) or ()


def _accused(connection: duckdb.DuckDBPyConnection, one: Finding) -> list[_Row]:
    """Accused rows with the settlement and encounter that the store's row names."""
    evidence = settings.RUNS / one.run.folder / "evidence.parquet"
    if not evidence.is_file():
        return []
    told = connection.execute(_ACCUSED, {"evidence": str(evidence), "finding": one.finding_id}).fetchall()
    places = {name: _places(connection, name, told) for name in {name for name, *_ in told}}
    return [_Row(name, key, fen, *places[name].get(key, (None, None))) for name, key, fen in told]


def _places(
    connection: duckdb.DuckDBPyConnection, name: str, told: Iterable[tuple[str, str, int]]
) -> dict[str, tuple[str | None, str | None]]:
    """Key of a row of this table → its settlement and encounter."""
    if name not in tables():
        return {}
    columns = tables()[name].stored()
    setl_id, mdtrt_id = (f"t.{c}" if c in columns else "NULL" for c in ("setl_id", "mdtrt_id"))
    key = ref_key(tables()[name], "t")
    keys = [ref for table, ref, _ in told if table == name]
    found = connection.execute(f"SELECT {key}, {setl_id}, {mdtrt_id} FROM {name} AS t WHERE {key} IN ?", [keys])
    return {ref: (settlement, encounter) for ref, settlement, encounter in found.fetchall()}


def _read(
    connection: duckdb.DuckDBPyConnection, named: Iterable[tuple[str | None, str | None]]
) -> dict[str, dict[str, Any]]:
    """Settlement → its row, of those for which a fund still pays something in scope."""
    pairs = list(named)
    columns = {"setl_id": [a for a, _ in pairs], "mdtrt_id": [b for _, b in pairs]}
    wanted = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    connection.register("wanted", wanted)
    told = connection.execute(_SETTLEMENTS)
    names = [column[0] for column in told.description]
    rows = [dict(zip(names, values, strict=True)) for values in told.fetchall()]
    connection.unregister("wanted")
    return {row["setl_id"]: row for row in rows if (row["fund_pay_sumamt"] or 0) > 0 and (row["inscp_amt"] or 0) > 0}


def _of_row(row: _Row, told: dict[str, dict[str, Any]]) -> dict[str, int]:
    """The row's money by settlement; a whole encounter's is spread over its settlements by their amounts in scope, as
    `findings.money` does. Empty where it cannot be told."""
    if row.setl_id:
        return {row.setl_id: row.fen} if row.setl_id in told else {}
    own = {setl_id: one["inscp_amt"] for setl_id, one in told.items() if one["mdtrt_id"] == row.mdtrt_id}
    if not own or (row.ref_table != _WHOLE and len(own) > 1):
        return {}
    whole, upto, parts = sum(own.values()), 0, {}
    for setl_id, inscp in own.items():
        before, upto = row.fen * upto // whole, upto + inscp
        parts[setl_id] = row.fen * upto // whole - before
    return parts


def _settled(told: dict[str, dict[str, Any]], accused: dict[str, int]) -> tuple[Settled, ...]:
    """In the order of their ids; empty where one of them is not known."""
    if not accused or not accused.keys() <= told.keys():
        return ()
    return tuple(
        Settled(setl_id, fen, told[setl_id]["inscp_amt"], paid_by_account(told[setl_id]))
        for setl_id, fen in sorted(accused.items())
    )
