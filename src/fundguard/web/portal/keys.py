"""From the store: what an institution calls the encounters and charges of its findings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.conf import settings
from django.db import transaction

from fundguard.claims.store import Store
from fundguard.web.core import store
from fundguard.web.findings import selectors as findings
from fundguard.web.portal.models import OwnKey

KEPT = 20  # codes, departments and doctors of one finding
_BATCH = 2000
_COLUMNS = ("finding_id", "ipt_otp_no", "medrcdno", "medins_list_codgs", "departments", "practitioners")
_ROWS = f"""
WITH charged AS (
  SELECT n.finding_id, list_sort(list_distinct(list(l.medins_list_codg)))[:{KEPT}] AS codes,
    list_sort(list_distinct(list(l.bilg_dept_name)))[:{KEPT}] AS departments,
    list_sort(list_distinct(list(l.bilg_dr_code)))[:{KEPT}] AS doctors
  FROM needed AS n JOIN read_parquet($evidence) AS e ON e.finding_id = n.finding_id
  JOIN fee_list_d AS l ON l.bkkp_sn = e.ref_key AND l.fixmedins_code = n.fixmedins_code
  WHERE e.ref_table = 'fee_list_d' AND e.role = 'accused' GROUP BY n.finding_id
)
SELECT n.finding_key, n.finding_id, n.fixmedins_code, m.ipt_otp_no, m.medrcdno,
  ' ' || array_to_string(c.codes, ' ') || ' ', '|' || array_to_string(c.departments, '|') || '|',
  ' ' || array_to_string(c.doctors, ' ') || ' '
FROM needed AS n LEFT JOIN mdtrt_d AS m ON m.mdtrt_id = n.mdtrt_id AND m.fixmedins_code = n.fixmedins_code
LEFT JOIN charged AS c ON c.finding_id = n.finding_id ORDER BY n.finding_key
"""
_LINES = """
SELECT bkkp_sn, coalesce(medins_list_codg, ''), coalesce(hilist_name, medins_list_name, ''),
  coalesce(bilg_dept_name, ''), coalesce(bilg_dr_code, ''), fee_ocur_time
FROM fee_list_d WHERE list_contains($lines, bkkp_sn) AND list_contains($institutions, fixmedins_code)
"""


@dataclass(frozen=True)
class OwnLine:
    """A charge line as the institution knows it; `practitioner` is the doctor's code."""

    bkkp_sn: str
    medins_list_codg: str = ""
    name: str = ""
    department: str = ""
    practitioner: str = ""
    when: datetime | None = None


def follow_run(run_dir: Path) -> dict[str, int]:
    """After a run was taken over: the keys of findings that are new or have other evidence. May be repeated."""
    held = dict(OwnKey.objects.values_list("finding_key", "finding_id"))
    fresh: dict[str, list[dict[str, Any]]] = {}
    for one in findings.stated():
        if one["fixmedins_code"] and held.get(one["finding_key"]) != one["finding_id"]:
            fresh.setdefault(one["run__folder"], []).append(one)
    for folder, listed in fresh.items():
        for begin in range(0, len(listed), _BATCH):
            _keep(settings.RUNS / folder, listed[begin : begin + _BATCH])
    return {"机构自有编号": sum(map(len, fresh.values()))}


def lines(regions: Collection[str], institutions: Collection[str], wanted: Collection[str]) -> Mapping[str, OwnLine]:
    """`bkkp_sn` → line, of these institutions alone; what the store does not hold is left out."""
    if not wanted or not store.exists():
        return {}
    with _connect(frozenset(regions)) as connection:
        values = {"lines": sorted(wanted), "institutions": sorted(institutions)}
        rows = connection.execute(_LINES, values).fetchall()
    return {row[0]: OwnLine(*row) for row in rows}


@transaction.atomic
def _keep(run: Path, batch: list[dict[str, Any]]) -> None:
    told = findings.shown([one["finding_key"] for one in batch])
    needed = pa.table(
        {
            "finding_key": list(told),
            "finding_id": [one.finding_id for one in told.values()],
            "fixmedins_code": [one.fixmedins_code for one in told.values()],
            "mdtrt_id": [one.mdtrt_id for one in told.values()],
        }
    )
    with _connect(None) as connection:
        connection.register("needed", needed)
        rows = connection.execute(_ROWS, {"evidence": str(run / "evidence.parquet")}).fetchall()
    OwnKey.objects.bulk_create(
        [
            OwnKey(**dict(zip(("finding_key", "finding_id", "fixmedins_code", *_COLUMNS[1:]), _text(row), strict=True)))
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["finding_key"],
        update_fields=[*_COLUMNS, "fixmedins_code"],
    )


def _text(row: tuple[Any, ...]) -> list[str]:
    return ["" if value is None else str(value) for value in row]


def _connect(regions: frozenset[str] | None) -> duckdb.DuckDBPyConnection:
    return Store.open(settings.STORE).connect(regions=regions, threads=1, memory="256MB")
