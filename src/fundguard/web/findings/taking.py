"""A run's findings with what lists filter by, read from the run's files and the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fundguard.claims.store import Store
from fundguard.findings.schema import FINDINGS

ITEMS_KEPT = 20
_BATCH = 2000
_ROWS = f"""
WITH found AS (SELECT * FROM read_parquet($findings)),
item AS (
  SELECT e.finding_id, list_sort(list_distinct(list(l.med_list_codg)))[:{ITEMS_KEPT}] AS codes
  FROM read_parquet($evidence) AS e JOIN fee_list_d AS l ON l.bkkp_sn = e.ref_key
  WHERE e.ref_table = 'fee_list_d' AND e.role = 'accused' AND l.med_list_codg IS NOT NULL
  GROUP BY e.finding_id
),
settled AS (SELECT setl_id, insu_admdvs FROM setl_d WHERE setl_id IN (SELECT setl_id FROM found)),
visited AS (SELECT mdtrt_id, insu_admdvs FROM mdtrt_d WHERE mdtrt_id IN (SELECT mdtrt_id FROM found))
SELECT {", ".join(f"f.{name}" for name in FINDINGS)}, b.fixmedins_name AS institution_name,
  coalesce(b.lmtpric_hosp_lv, b.hosp_lv) AS level, coalesce(s.insu_admdvs, v.insu_admdvs) AS insured_region,
  ' ' || array_to_string(i.codes, ' ') || ' ' AS item_codes
FROM found AS f
LEFT JOIN fixmedins_b AS b ON b.fixmedins_code = f.fixmedins_code
LEFT JOIN settled AS s ON s.setl_id = f.setl_id
LEFT JOIN visited AS v ON v.mdtrt_id = f.mdtrt_id
LEFT JOIN item AS i ON i.finding_id = f.finding_id
ORDER BY f.finding_key
"""
#: Columns whose absence is said as NULL; every other absent value is empty text.
_NULLABLE = frozenset({"occurred_from", "occurred_to", "fund_amount_fen"})


def rows(store: Store, run: Path) -> Iterator[dict[str, Any]]:
    """Each finding of a run folder as values for the model, in the order of its key."""
    with store.connect() as connection:
        result = connection.execute(
            _ROWS, {"findings": str(run / "findings.parquet"), "evidence": str(run / "evidence.parquet")}
        )
        names = [column[0] for column in result.description]
        while batch := result.fetchmany(_BATCH):
            for values in batch:
                row = dict(zip(names, values, strict=True))
                yield {n: v if v is not None or n in _NULLABLE else "" for n, v in row.items()}
