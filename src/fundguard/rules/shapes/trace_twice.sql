/*
name: trace_twice
title: 追溯码重复销售
about: 同一药品追溯码在不同结算中再次销售；同一结算内重复视为一次，拆零除外，退货（含退费）后再售不列；后一次须由基金支付。
scope: cross_patient
window: none
lookback_days: 3660
subject: line
knowledge: none
*/
-- only codes that were scanned more than once are worth their sales and returns
CREATE TEMP TABLE scanned_often AS
SELECT t.drug_trac_codg AS code
FROM drugtracinfo AS t
WHERE t.inf_type = '3505' AND (t.trdn_flag IS NULL OR t.trdn_flag <> '1')
GROUP BY t.drug_trac_codg
HAVING count(*) > 1;

CREATE TEMP TABLE scanned AS
SELECT t.drug_trac_codg AS code, t.inf_type AS inf_type, t.trdn_flag AS trdn_flag, t.medins_prod_sel_no AS medins_prod_sel_no, t.bkkp_sn AS bkkp_sn
FROM drugtracinfo AS t
JOIN scanned_often AS o ON o.code = t.drug_trac_codg;

CREATE TEMP TABLE traced AS
SELECT t.code AS code, s.medins_prod_sel_no AS sale, coalesce(s.setl_id, 'sale|' || s.medins_prod_sel_no) AS deal, s.setl_id AS setl_id,
  coalesce(s.bkkp_sn, t.bkkp_sn) AS bkkp_sn, s.sel_retn_time_min AS minute, 1 AS sold
FROM scanned AS t
JOIN sale_3505 AS s ON s.medins_prod_sel_no = t.medins_prod_sel_no
WHERE t.inf_type = '3505' AND (t.trdn_flag IS NULL OR t.trdn_flag <> '1') AND (s.trdn_flag IS NULL OR s.trdn_flag <> '1')
UNION ALL
SELECT t.code, r.medins_prod_sel_retn_no, 'return|' || r.medins_prod_sel_retn_no, r.setl_id, NULL, r.sel_retn_time_min, -1
FROM scanned AS t
JOIN sale_return_3506 AS r ON r.medins_prod_sel_retn_no = t.medins_prod_sel_no
WHERE t.inf_type = '3506'
UNION ALL
-- a return that was not scanned but names its sale
SELECT t.code, r.medins_prod_sel_retn_no, 'return|' || r.medins_prod_sel_retn_no, r.setl_id, NULL, r.sel_retn_time_min, -1
FROM scanned AS t
JOIN sale_return_3506 AS r ON r.medins_prod_sel_no = t.medins_prod_sel_no
WHERE t.inf_type = '3505';

CREATE TEMP TABLE traced_often AS
SELECT t.code AS code
FROM traced AS t
WHERE t.sold = 1
GROUP BY t.code
HAVING min(t.deal) <> max(t.deal);

-- a deal counts once however often the code stands in it
CREATE TEMP TABLE traced_deal AS
SELECT t.code AS code, t.deal AS deal, min(t.sale) AS sale, min(t.setl_id) AS setl_id, min(t.bkkp_sn) AS bkkp_sn, min(t.minute) AS minute, min(t.sold) AS sold
FROM traced AS t
JOIN traced_often AS o ON o.code = t.code
GROUP BY t.code, t.deal;

CREATE TEMP TABLE traced_line AS
SELECT f.bkkp_sn AS bkkp_sn, f.mdtrt_id AS mdtrt_id, f.med_list_codg AS item, f.fee_ocur_time_day AS day, f.cnt AS cnt, f.inscp_amt AS inscp_amt,
  f.row_hash AS row_hash, f.setl_id AS setl_id, f.psn_key AS psn_key, f.fixmedins_code AS fixmedins_code, f.bilg_dr_code AS dr_code
FROM fee_list_d AS f
JOIN (SELECT DISTINCT d.bkkp_sn AS bkkp_sn FROM traced_deal AS d WHERE d.sold = 1) AS s ON s.bkkp_sn = f.bkkp_sn;

-- Above: from the data alone.

CREATE TEMP TABLE traced_charge AS
SELECT d.code AS code, d.deal AS deal, f.mdtrt_id AS mdtrt_id, f.cnt - coalesce(r.cnt, 0) - coalesce(g.cnt, 0) AS cnt,
  coalesce(f.inscp_amt, 0) - coalesce(r.inscp_amt, 0) - coalesce(g.inscp_amt, 0) AS inscp_amt
FROM traced_line AS f
JOIN traced_deal AS d ON d.bkkp_sn = f.bkkp_sn AND d.sold = 1
LEFT JOIN refund_by_line AS r ON r.bkkp_sn = f.bkkp_sn
LEFT JOIN refund_by_day AS g ON g.mdtrt_id = f.mdtrt_id AND g.item = f.item AND g.day = f.day;

-- held = boxes sold and not taken back just before this deal. A sale whose charge or settlement was refunded or voided was taken
-- back, also where the seller sent no return.
CREATE TEMP TABLE judged_trace_twice AS
SELECT n.code AS code, n.deal AS deal, n.sale AS sale, n.setl_id AS setl_id, n.bkkp_sn AS bkkp_sn, n.mdtrt_id AS mdtrt_id, n.cnt AS cnt, n.inscp_amt AS inscp_amt,
  n.minute AS minute, n.sold AS sold, sum(n.sold) OVER (PARTITION BY n.code ORDER BY n.minute, n.deal) - n.sold AS held
FROM (
  SELECT d.code AS code, d.deal AS deal, d.sale AS sale, d.setl_id AS setl_id, d.bkkp_sn AS bkkp_sn, c.mdtrt_id AS mdtrt_id, c.cnt AS cnt, c.inscp_amt AS inscp_amt,
    d.minute AS minute,
    CASE WHEN d.sold = 1 AND (c.cnt <= 0 OR (d.setl_id IS NOT NULL AND s.setl_id IS NULL) OR s.refd_setl_flag = '1' OR r.inscp_amt >= s.inscp_amt) THEN 0 ELSE d.sold END AS sold
  FROM traced_deal AS d
  LEFT JOIN traced_charge AS c ON c.code = d.code AND c.deal = d.deal
  LEFT JOIN setl_d AS s ON s.setl_id = d.setl_id
  LEFT JOIN refunded AS r ON r.setl_id = d.setl_id
) AS n;

-- sold again, and a fund paid for this deal
CREATE TEMP TABLE resold AS
SELECT j.code AS code, j.deal AS deal, j.sale AS sale, j.bkkp_sn AS bkkp_sn, j.cnt AS cnt, j.inscp_amt AS inscp_amt, j.minute AS minute, j.mdtrt_id AS mdtrt_id,
  CASE WHEN m.mdtrt_id IS NOT NULL AND j.inscp_amt > 0 THEN 1 ELSE 0 END AS payable
FROM judged_trace_twice AS j
JOIN paid AS p ON p.setl_id = j.setl_id
LEFT JOIN mdtrt_d AS m ON m.mdtrt_id = j.mdtrt_id
WHERE j.sold = 1 AND j.held >= 1;

-- the sale is accused; its charged line stands beside it
INSERT INTO hit
SELECT k.rule_code, '', '可疑', 'line', j.sale, j.code, 'sale_3505', j.sale, 'accused',
  CASE WHEN j.cnt > 10000 THEN (j.inscp_amt // j.cnt) * 10000 + ((j.inscp_amt % j.cnt) * 10000) // j.cnt ELSE j.inscp_amt END,
  '该追溯码此前已售出'
FROM resold AS j
CROSS JOIN {knowledge} AS k
WHERE j.payable = 1;

INSERT INTO hit
SELECT k.rule_code, '', '可疑', 'line', j.sale, j.code, 'fee_list_d', j.bkkp_sn, 'related', 0, '本次销售的费用'
FROM resold AS j
CROSS JOIN {knowledge} AS k
WHERE j.payable = 1;

INSERT INTO hit
SELECT DISTINCT k.rule_code, '', '可疑', 'line', j.sale, j.code, 'sale_3505', o.sale, 'related', 0, '先前的销售'
FROM resold AS j
CROSS JOIN {knowledge} AS k
JOIN judged_trace_twice AS o ON o.code = j.code AND o.sold = 1 AND (o.minute < j.minute OR (o.minute = j.minute AND o.deal < j.deal))
WHERE j.payable = 1;

-- without the charge nobody knows whether a fund paid for this box
INSERT INTO unknown
SELECT k.rule_code, 'bkkp_sn', 'sale_3505', j.sale, s.fixmedins_code, s.sel_retn_time_day
FROM resold AS j
CROSS JOIN {knowledge} AS k
JOIN sale_3505 AS s ON s.medins_prod_sel_no = j.sale
WHERE j.mdtrt_id IS NULL
