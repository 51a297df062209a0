/*
name: trace_twice
title: 追溯码重复销售
about: 同一药品追溯码在不同结算中再次销售；同一结算内重复视为一次，拆零除外，退货后再售不列。
scope: cross_patient
window: none
lookback_days: 3660
subject: line
knowledge: none
*/
CREATE TEMP TABLE traced AS
SELECT t.drug_trac_codg AS code, s.medins_prod_sel_no AS sale, coalesce(s.setl_id, 'sale|' || s.medins_prod_sel_no) AS deal, s.setl_id AS setl_id,
  s.bkkp_sn AS bkkp_sn, s.sel_retn_time_min AS minute, s.sel_retn_cnt AS cnt, 1 AS sold
FROM drugtracinfo AS t
JOIN sale_3505 AS s ON s.medins_prod_sel_no = t.medins_prod_sel_no
WHERE t.inf_type = '3505' AND (t.trdn_flag IS NULL OR t.trdn_flag <> '1') AND (s.trdn_flag IS NULL OR s.trdn_flag <> '1')
UNION ALL
SELECT t.drug_trac_codg, r.medins_prod_sel_retn_no, 'return|' || r.medins_prod_sel_retn_no, r.setl_id, r.bkkp_sn, r.sel_retn_time_min, r.sel_retn_cnt, -1
FROM drugtracinfo AS t
JOIN sale_return_3506 AS r ON r.medins_prod_sel_retn_no = t.medins_prod_sel_no
WHERE t.inf_type = '3506';

CREATE TEMP TABLE traced_often AS
SELECT t.code AS code
FROM traced AS t
WHERE t.sold = 1
GROUP BY t.code
HAVING min(t.deal) <> max(t.deal);

-- held = boxes sold and not returned just before this deal; a deal counts once however often its code stands in it
CREATE TEMP TABLE judged_trace_twice AS
SELECT d.code AS code, d.deal AS deal, d.sale AS sale, d.setl_id AS setl_id, d.bkkp_sn AS bkkp_sn, d.cnt AS cnt, d.sold AS sold,
  sum(d.sold) OVER (PARTITION BY d.code ORDER BY d.minute, d.deal) - d.sold AS held
FROM (
  SELECT t.code AS code, t.deal AS deal, min(t.sale) AS sale, min(t.setl_id) AS setl_id, min(t.bkkp_sn) AS bkkp_sn, min(t.minute) AS minute, max(t.cnt) AS cnt, min(t.sold) AS sold
  FROM traced AS t
  JOIN traced_often AS o ON o.code = t.code
  GROUP BY t.code, t.deal
) AS d;

-- the charged line is accused where the sale names it, with the sale beside it; else the sale itself
INSERT INTO hit
SELECT k.rule_code, '', '可疑', 'line', j.sale, j.code,
  CASE WHEN f.bkkp_sn IS NULL THEN 'sale_3505' ELSE 'fee_list_d' END, coalesce(f.bkkp_sn, j.sale), 'accused',
  CASE WHEN f.cnt > 10000 THEN (f.inscp_amt // f.cnt) * 10000 + ((f.inscp_amt % f.cnt) * 10000) // f.cnt ELSE coalesce(f.inscp_amt, 0) END,
  '该追溯码此前已售出'
FROM judged_trace_twice AS j
CROSS JOIN {knowledge} AS k
JOIN paid AS p ON p.setl_id = j.setl_id
LEFT JOIN fee_list_d AS f ON f.bkkp_sn = j.bkkp_sn
WHERE j.sold = 1 AND j.held >= 1;

INSERT INTO hit
SELECT k.rule_code, '', '可疑', 'line', j.sale, j.code, 'sale_3505', j.sale, 'related', 0, '本次销售'
FROM judged_trace_twice AS j
CROSS JOIN {knowledge} AS k
JOIN paid AS p ON p.setl_id = j.setl_id
WHERE j.sold = 1 AND j.held >= 1 AND EXISTS (SELECT 1 FROM fee_list_d AS f WHERE f.bkkp_sn = j.bkkp_sn);

INSERT INTO hit
SELECT DISTINCT k.rule_code, '', '可疑', 'line', j.sale, j.code, 'sale_3505', o.sale, 'related', 0, '先前的销售'
FROM judged_trace_twice AS j
CROSS JOIN {knowledge} AS k
JOIN paid AS p ON p.setl_id = j.setl_id
JOIN judged_trace_twice AS o ON o.code = j.code AND o.sold = 1 AND o.held = 0 AND o.sale <> j.sale
WHERE j.sold = 1 AND j.held >= 1
