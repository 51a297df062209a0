"""Fund loss and counted share of each finding, in integer fen.

Fund loss = violation amount × fund payment / in-scope amount of the settlement, both net of refunds (table `paid`),
rounded half up to the fen, never above what the fund paid; computed for each settlement of the finding and summed.
It is unset, 损失待核, where one of these settlements was not paid by item, is not known, or no fund paid for it. Not
by item is `psn_setlway` other than 01; where the field is empty an outpatient or pharmacy settlement counts as by item
(there is no other way to pay it), a stay does not: what was agreed for it is unknown.

Counted share: claims on the same money are nested, not added. On each line the strongest claim takes its amount and
every later one only what it claims beyond the largest before it; so a line is never counted above its in-scope
amount. A sale counts on the line it belongs to. A claim on a whole encounter or settlement lies on each accused line
in proportion, and on the rest as a whole.
"""

from __future__ import annotations

import duckdb

#: National codes of stays: `med_type` 21 to 28 with their local extensions 21xx, and childbirth in hospital.
_INPATIENT = "left(coalesce(s.med_type, '2'), 1) = '2' OR left(s.med_type, 2) = '52'"

#: Accused money by settlement. The amount of an encounter is spread over its settlements by their in-scope amounts.
_SETTLED = """
CREATE OR REPLACE TEMP TABLE finding_settled AS
SELECT finding_key, setl_id, CAST(sum(fen) AS BIGINT) AS fen
FROM (
  SELECT e.finding_key, f.setl_id, e.amount_fen AS fen
  FROM finding_evidence AS e
  LEFT JOIN finding_fact AS f ON f.ref_table = e.ref_table AND f.ref_key = e.ref_key
  WHERE e.amount_fen > 0 AND e.ref_table <> 'mdtrt_d'
  UNION ALL
  SELECT e.finding_key, p.setl_id,
    CAST(e.amount_fen AS HUGEINT) * p.upto // p.whole
      - CAST(e.amount_fen AS HUGEINT) * (p.upto - p.inscp_amt) // p.whole
  FROM finding_evidence AS e
  LEFT JOIN (
    SELECT mdtrt_id, setl_id, inscp_amt, sum(inscp_amt) OVER (PARTITION BY mdtrt_id ORDER BY setl_id) AS upto,
      sum(inscp_amt) OVER (PARTITION BY mdtrt_id) AS whole
    FROM finding_paid
  ) AS p ON p.mdtrt_id = e.ref_key
  WHERE e.amount_fen > 0 AND e.ref_table = 'mdtrt_d'
)
GROUP BY finding_key, setl_id
"""

_LOSS = f"""
CREATE OR REPLACE TEMP TABLE finding_loss AS
SELECT t.finding_key,
  CASE WHEN bool_and(coalesce(w.by_item, false)) THEN CAST(sum(least(
    p.fund_pay_sumamt,
    (2 * CAST(t.fen AS HUGEINT) * p.fund_pay_sumamt + p.inscp_amt) // (2 * CAST(p.inscp_amt AS HUGEINT))
  )) AS BIGINT) END AS fund_amount_fen
FROM finding_settled AS t
LEFT JOIN finding_paid AS p ON p.setl_id = t.setl_id
LEFT JOIN (
  SELECT s.setl_id, CASE WHEN s.psn_setlway IS NOT NULL THEN s.psn_setlway = '01' ELSE NOT ({_INPATIENT}) END AS by_item
  FROM finding_settlement AS s
) AS w ON w.setl_id = p.setl_id
GROUP BY t.finding_key
"""

_CLAIMS = """
CREATE OR REPLACE TEMP TABLE finding_claim AS
WITH accused AS (
  SELECT DISTINCT l.bkkp_sn, l.setl_id, l.mdtrt_id, l.inscp_amt
  FROM finding_evidence AS e
  JOIN line AS l ON l.bkkp_sn = e.ref_key
  WHERE e.ref_table = 'fee_list_d' AND e.amount_fen > 0
), part AS (
  SELECT 'setl_d' AS ref_table, setl_id AS ref_key, mdtrt_id, inscp_amt FROM finding_paid
  UNION ALL SELECT 'mdtrt_d', mdtrt_id, mdtrt_id, inscp_amt FROM finding_paid
), whole AS (
  SELECT e.finding_key, e.ref_table, e.ref_key, e.amount_fen, p.mdtrt_id, CAST(sum(p.inscp_amt) AS BIGINT) AS fen
  FROM finding_evidence AS e
  JOIN part AS p ON p.ref_table = e.ref_table AND p.ref_key = e.ref_key
  WHERE e.amount_fen > 0
  GROUP BY ALL
), accused_part AS (
  SELECT 'setl_d' AS ref_table, setl_id AS ref_key, bkkp_sn, inscp_amt FROM accused
  UNION ALL SELECT 'mdtrt_d', mdtrt_id, bkkp_sn, inscp_amt FROM accused
), spread AS (
  SELECT w.finding_key, w.ref_table, w.ref_key, a.bkkp_sn,
    CAST(w.amount_fen AS HUGEINT) * a.inscp_amt
      // greatest(w.fen, sum(a.inscp_amt) OVER (PARTITION BY w.finding_key, w.ref_table, w.ref_key)) AS fen
  FROM whole AS w
  JOIN accused_part AS a ON a.ref_table = w.ref_table AND a.ref_key = w.ref_key
)
SELECT finding_key, place, max(fen) AS fen
FROM (
  SELECT e.finding_key, coalesce('fee_list_d:' || f.bkkp_sn, e.ref_table || ':' || e.ref_key) AS place,
    CAST(e.amount_fen AS HUGEINT) AS fen
  FROM finding_evidence AS e
  LEFT JOIN finding_fact AS f ON f.ref_table = e.ref_table AND f.ref_key = e.ref_key
  WHERE e.amount_fen > 0 AND e.ref_table NOT IN ('setl_d', 'mdtrt_d')
  UNION ALL
  SELECT finding_key, 'fee_list_d:' || bkkp_sn, fen FROM spread
  UNION ALL
  SELECT w.finding_key, 'mdtrt_d:' || coalesce(w.mdtrt_id, w.ref_key), w.amount_fen - coalesce(sum(s.fen), 0)
  FROM whole AS w
  LEFT JOIN spread AS s ON s.finding_key = w.finding_key AND s.ref_table = w.ref_table AND s.ref_key = w.ref_key
  GROUP BY w.finding_key, w.ref_table, w.ref_key, w.mdtrt_id, w.amount_fen
)
GROUP BY finding_key, place
"""

_COUNTED = """
CREATE OR REPLACE TEMP TABLE finding_counted AS
SELECT finding_key, CAST(sum(greatest(0, fen - coalesce(taken, 0))) AS BIGINT) AS counted_fen
FROM (
  SELECT c.finding_key, c.fen, max(c.fen) OVER (
      PARTITION BY c.place ORDER BY v.strength, h.amount_fen DESC, h.rule_code, c.finding_key
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken
  FROM finding_claim AS c
  JOIN finding_head AS h ON h.finding_key = c.finding_key
  JOIN finding_verdict AS v ON v.finding_key = c.finding_key
)
GROUP BY finding_key
"""


def reckon(connection: duckdb.DuckDBPyConnection) -> None:
    """`finding_evidence`, `finding_verdict`, `finding_paid`, `finding_settlement` → `finding_loss`, `finding_counted`.

    A finding without accused money stands in neither: its loss and its share are 0.
    """
    for statement in (_SETTLED, _LOSS, _CLAIMS, _COUNTED):
        connection.execute(statement)
