"""From hits to findings: rows of the same rule, subject and anchor are one finding; its key and its id.

The key names what is accused and never changes; the id also covers the evidence, so a correction of any row
that was read gives another id.
"""

from __future__ import annotations

import duckdb

from fundguard.findings.schema import VERDICTS

_STRENGTH = "list_position([" + ", ".join(f"'{v}'" for v in VERDICTS) + "], {})"

#: What a row can be accused of at most: its net in-scope amount, where a fund paid; nothing where none did.
_CAP = """
SELECT 'fee_list_d' AS ref_table, bkkp_sn AS ref_key, CASE WHEN payable = 1 THEN inscp_amt ELSE 0 END AS fen
FROM line WHERE bkkp_sn IN (SELECT ref_key FROM hit)
UNION ALL SELECT 'setl_d', setl_id, inscp_amt FROM finding_paid
UNION ALL SELECT 'mdtrt_d', mdtrt_id, CAST(sum(inscp_amt) AS BIGINT) FROM finding_paid GROUP BY mdtrt_id
"""

_EVIDENCE = f"""
CREATE OR REPLACE TEMP TABLE finding_evidence AS
SELECT h.finding_key, h.rule_code, h.subject_kind, h.subject_id, h.anchor, h.ref_table, h.ref_key,
  CASE WHEN bool_or(h.accused) THEN 'accused' ELSE 'related' END AS role,
  -- several knowledge points may accuse the same row: its money is at fault once, its verdict is the clearest of them
  greatest(0, coalesce(max(least(h.amount_fen, coalesce(h.cap_fen, 0))) FILTER (h.accused), 0)) AS amount_fen,
  min(h.strength) FILTER (h.accused) AS strength,
  array_to_string(list_sort(list_distinct(list(h.seen))), '；') AS seen,
  array_to_string(list_sort(list_distinct(list(h.point))), ',') AS point
FROM (
  SELECT r.rule_code, r.subject_kind, r.subject_id, coalesce(r.anchor, '') AS anchor, r.ref_table, r.ref_key,
    r.role = 'accused' AS accused, r.seen, r.point, r.amount_fen,
    {_STRENGTH.format("r.verdict")} AS strength,
    CASE WHEN r.ref_table IN ('fee_list_d', 'setl_d', 'mdtrt_d') THEN c.fen ELSE r.amount_fen END AS cap_fen,
    left(sha256(
      r.rule_code || chr(31) || r.subject_kind || chr(31) || r.subject_id || chr(31) || coalesce(r.anchor, '')
    ), 32) AS finding_key
  FROM hit AS r
  LEFT JOIN ({_CAP}) AS c ON c.ref_table = r.ref_table AND c.ref_key = r.ref_key
) AS h
GROUP BY ALL
"""

_IDENTITY = """
CREATE OR REPLACE TEMP TABLE finding_identity AS
SELECT e.finding_key, left(sha256(e.finding_key || chr(30) || array_to_string(list_sort(list(
    e.ref_table || chr(31) || e.ref_key || chr(31) || coalesce(CAST(f.ref_version AS VARCHAR), '') || chr(31)
      || e.role || chr(31) || CAST(e.amount_fen AS VARCHAR) || chr(31) || coalesce(e.seen, '')
  )), chr(30))), 32) AS finding_id
FROM finding_evidence AS e
LEFT JOIN finding_fact AS f ON f.ref_table = e.ref_table AND f.ref_key = e.ref_key
GROUP BY e.finding_key
"""


def strength(expression: str) -> str:
    """SQL for the place of a verdict in `VERDICTS`: 1 is the strongest, NULL unknown."""
    return _STRENGTH.format(expression)


def gather(connection: duckdb.DuckDBPyConnection) -> None:
    """`hit`, `line`, `finding_paid` → `finding_evidence`: one row a finding and row read, amounts capped, in fen."""
    connection.execute(_EVIDENCE)


def identify(connection: duckdb.DuckDBPyConnection) -> None:
    """`finding_evidence`, `finding_fact` → `finding_identity`: finding_id of each finding_key, 128 bits in hex."""
    connection.execute(_IDENTITY)
