"""What is known about each finding: where, when, who, read from the rows its evidence names.

A fact that the accused rows do not agree on (two institutions, two doctors) stays empty: nobody is named by guess.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from fundguard.claims.tables import Table, tables


@dataclass(frozen=True)
class Reading:
    """Which columns of a table tell the first day, the last day and the practitioner of a row."""

    first: str
    last: str
    practitioner: str = "NULL"


_NOTHING = Reading("NULL", "NULL")
READINGS = {
    "fee_list_d": Reading("fee_ocur_time_day", "fee_ocur_time_day", "bilg_dr_code"),
    "mdtrt_d": Reading("begntime_day", "coalesce(endtime_day, begntime_day)", "chfpdr_code"),
    "setl_d": Reading("coalesce(begndate_day, setl_time_day)", "coalesce(enddate_day, setl_time_day)"),
    "setl_diag_list_d": Reading("diag_time_day", "diag_time_day", "diag_dr_code"),
    "oprninfo": Reading("oprn_oprt_date_day", "oprn_oprt_date_day", "oper_dr_code"),
    "drord_d": Reading("drord_begntime_day", "coalesce(drord_endtime_day, drord_begntime_day)", "drord_dr_code"),
    "dr_info_b": Reading("NULL", "NULL", "dr_code"),
    "stock_count_3501": Reading("invdate_day", "invdate_day"),
    "stock_change_3502": Reading("inv_chg_time_day", "inv_chg_time_day"),
    "purchase_3503": Reading("purc_retn_stoin_time_day", "purc_retn_stoin_time_day"),
    "purchase_return_3504": Reading("purc_retn_stoin_time_day", "purc_retn_stoin_time_day"),
    "sale_3505": Reading("sel_retn_time_day", "sel_retn_time_day"),
    "sale_return_3506": Reading("sel_retn_time_day", "sel_retn_time_day"),
}
_FACTS = """
CREATE OR REPLACE TEMP TABLE finding_fact (
  ref_table VARCHAR, ref_key VARCHAR, ref_version BIGINT, setl_id VARCHAR, mdtrt_id VARCHAR, psn_key VARCHAR,
  fixmedins_code VARCHAR, bkkp_sn VARCHAR, dr_code VARCHAR, first_day INTEGER, last_day INTEGER)
"""

#: Tables of a run that have read lines already, with what is told of them here: of staging, of a shape where it ran.
_HELD = """
SELECT DISTINCT table_name FROM information_schema.tables WHERE table_name IN ('touched', 'traced_line') ORDER BY 1
"""
_FROM_HELD = """
INSERT INTO finding_fact
SELECT 'fee_list_d', t.bkkp_sn, t.row_hash, t.setl_id, t.mdtrt_id, t.psn_key, t.fixmedins_code, t.bkkp_sn, t.dr_code,
  t.day, t.day
FROM {table} AS t
JOIN (
  SELECT ref_key FROM hit WHERE ref_table = 'fee_list_d'
  EXCEPT
  SELECT ref_key FROM finding_fact WHERE ref_table = 'fee_list_d'
) AS r ON r.ref_key = t.bkkp_sn
"""
_UNREAD = """
SELECT DISTINCT ref_table
FROM (SELECT ref_table, ref_key FROM hit EXCEPT SELECT ref_table, ref_key FROM finding_fact)
ORDER BY ref_table
"""

#: What a fund paid for these rows, read once for all that follows: net, as staging left it.
_PAID = """
CREATE OR REPLACE TEMP TABLE finding_paid AS
SELECT p.setl_id, p.mdtrt_id, p.inscp_amt, p.fund_pay_sumamt
FROM paid AS p
WHERE p.setl_id IN (SELECT setl_id FROM finding_fact UNION SELECT ref_key FROM hit WHERE ref_table = 'setl_d')
  OR p.mdtrt_id IN (SELECT mdtrt_id FROM finding_fact UNION SELECT ref_key FROM hit WHERE ref_table = 'mdtrt_d')
"""

#: An encounter with one settlement is that settlement's.
_SETTLEMENT = """
UPDATE finding_fact SET setl_id = p.setl_id
FROM (
  SELECT mdtrt_id, min(setl_id) AS setl_id FROM finding_paid GROUP BY mdtrt_id HAVING min(setl_id) = max(setl_id)
) AS p
WHERE finding_fact.setl_id IS NULL AND p.mdtrt_id = finding_fact.mdtrt_id
"""

#: These settlements and all others of the same persons, as they stand in the claims.
_SETTLED = """
CREATE OR REPLACE TEMP TABLE finding_settlement AS
SELECT s.setl_id, s.psn_key, s.brdy, s.brdy_day, s.setl_time_day, s.med_type, s.psn_setlway, s.fix_blng_admdvs
FROM setl_d AS s
WHERE s.setl_id IN (SELECT setl_id FROM finding_fact) OR s.psn_key IN (SELECT psn_key FROM finding_fact)
"""

#: The place of treatment of each row: as settled, else as the institution is registered.
_REGION = """
CREATE OR REPLACE TEMP TABLE finding_place AS
SELECT f.ref_table, f.ref_key, coalesce(s.fix_blng_admdvs, b.fix_blng_admdvs) AS region
FROM finding_fact AS f
LEFT JOIN finding_settlement AS s ON s.setl_id = f.setl_id
LEFT JOIN fixmedins_b AS b ON b.fixmedins_code = f.fixmedins_code
"""

#: Subjects of a period name the institution first; their anchor is the period: days "first-last", yyyymm or yyyy.
_OF_PERIOD = "e.subject_kind IN ('institution_period', 'item_stock_period')"
_INSTITUTION = f"CASE WHEN {_OF_PERIOD} THEN split_part(e.subject_id, '|', 1) END"
_EPOCH = "DATE '1970-01-01'"
_MONTH = "CAST(strptime(e.anchor || '01', '%Y%m%d') AS DATE)"
_YEAR = "CAST(e.anchor AS BIGINT)"
_PERIOD_FROM = rf"""CASE
      WHEN NOT {_OF_PERIOD} THEN NULL
      WHEN regexp_full_match(e.anchor, '\d{{5}}-\d{{5}}') THEN {_EPOCH} + CAST(split_part(e.anchor, '-', 1) AS INTEGER)
      WHEN regexp_full_match(e.anchor, '20\d\d(0[1-9]|1[0-2])') THEN {_MONTH}
      WHEN regexp_full_match(e.anchor, '20\d\d') THEN make_date({_YEAR}, 1, 1) END"""
_PERIOD_TO = rf"""CASE
      WHEN NOT {_OF_PERIOD} THEN NULL
      WHEN regexp_full_match(e.anchor, '\d{{5}}-\d{{5}}') THEN {_EPOCH} + CAST(split_part(e.anchor, '-', 2) AS INTEGER)
      WHEN regexp_full_match(e.anchor, '20\d\d(0[1-9]|1[0-2])') THEN last_day({_MONTH})
      WHEN regexp_full_match(e.anchor, '20\d\d') THEN make_date({_YEAR}, 12, 31) END"""
_AGREED = ",\n  ".join(
    f"CASE WHEN min({c}) FILTER (speaks) = max({c}) FILTER (speaks) THEN min({c}) FILTER (speaks) END AS {c}"
    for c in ("setl_id", "mdtrt_id", "psn_key", "fixmedins_code", "dr_code")
)
_HEAD = f"""
CREATE OR REPLACE TEMP TABLE finding_head AS
WITH read AS (
  SELECT e.finding_key, e.rule_code, e.subject_kind, e.subject_id, e.role = 'accused' AS accused, e.amount_fen,
    e.strength, e.ref_key, f.setl_id, f.mdtrt_id, f.psn_key,
    coalesce(f.fixmedins_code, {_INSTITUTION}) AS fixmedins_code,
    CASE WHEN e.subject_kind = 'practitioner' THEN e.subject_id ELSE f.dr_code END AS dr_code,
    f.first_day, f.last_day, coalesce(p.region, b.fix_blng_admdvs) AS region,
    {_PERIOD_FROM} AS period_from,
    {_PERIOD_TO} AS period_to
  FROM finding_evidence AS e
  LEFT JOIN finding_fact AS f ON f.ref_table = e.ref_table AND f.ref_key = e.ref_key
  LEFT JOIN finding_place AS p ON p.ref_table = e.ref_table AND p.ref_key = e.ref_key
  LEFT JOIN fixmedins_b AS b ON b.fixmedins_code = {_INSTITUTION}
), told AS (
  -- the accused rows speak; where a finding has none, all its rows do
  SELECT *, accused OR NOT bool_or(accused) OVER (PARTITION BY finding_key) AS speaks FROM read
)
SELECT finding_key, rule_code, subject_kind, subject_id,
  max(strength) AS strength,
  CAST(sum(amount_fen) AS BIGINT) AS amount_fen,
  arg_max(region, (amount_fen, coalesce(last_day, 0), ref_key)) FILTER (speaks AND region IS NOT NULL) AS region,
  coalesce(min(period_from), {_EPOCH} + coalesce(min(first_day) FILTER (speaks), min(first_day))) AS occurred_from,
  coalesce(max(period_to), {_EPOCH} + coalesce(max(last_day) FILTER (speaks), max(last_day))) AS occurred_to,
  {_AGREED}
FROM told
GROUP BY finding_key, rule_code, subject_kind, subject_id
"""


def read_facts(connection: duckdb.DuckDBPyConnection) -> None:
    """`hit`, `touched`, `paid` and the national tables → `finding_fact`, one row for each row that was read, and of
    these rows `finding_paid`, `finding_settlement` and `finding_place`."""
    connection.execute(_FACTS)
    for (name,) in connection.execute(_HELD).fetchall():
        connection.execute(_FROM_HELD.format(table=name))
    for (name,) in connection.execute(_UNREAD).fetchall():
        if name in tables():
            connection.execute(_reading(tables()[name]))
    for statement in (_PAID, _SETTLEMENT, _SETTLED, _REGION):
        connection.execute(statement)


def head(connection: duckdb.DuckDBPyConnection) -> None:
    """`finding_evidence`, `finding_fact` → `finding_head`: one row a finding with its facts, amount and strength."""
    connection.execute(_HEAD)


def ref_key(table: Table, alias: str) -> str:
    """SQL for the key of a row as evidence writes it: its natural key, parts joined by |."""
    if len(table.key) == 1:
        return f"{alias}.{table.key[0]}"
    parts = (f"coalesce(CAST({alias}.{column} AS VARCHAR), '')" for column in table.key)
    return " || '|' || ".join(parts)


def _reading(table: Table) -> str:
    reading = READINGS.get(table.name, _NOTHING)
    columns = table.stored()
    facts = [column if column in columns else "NULL" for column in ("setl_id", "mdtrt_id", "psn_key")]
    institution = next((c for c in ("fixmedins_code", "medins_code", "rtal_phac_code") if c in columns), "NULL")
    line = "bkkp_sn" if "bkkp_sn" in columns else "NULL"
    chosen = ["t.row_hash", *facts, institution, line, reading.practitioner, reading.first, reading.last]
    return f"""
INSERT INTO finding_fact
SELECT '{table.name}', r.ref_key, {", ".join(chosen)}
FROM (
  SELECT ref_key FROM hit WHERE ref_table = '{table.name}'
  EXCEPT
  SELECT ref_key FROM finding_fact WHERE ref_table = '{table.name}'
) AS r
JOIN {table.name} AS t ON {ref_key(table, "t")} = r.ref_key
"""
