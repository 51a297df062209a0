-- One scan over the charges keeps those that any rule could be about.
CREATE TEMP TABLE touched AS
SELECT
  f.bkkp_sn AS bkkp_sn,
  f.mdtrt_id AS mdtrt_id,
  f.setl_id AS setl_id,
  f.fixmedins_code AS fixmedins_code,
  f.med_list_codg AS item,
  f.fee_ocur_time_day AS day,
  f.fee_ocur_time_min AS minute,
  f.cnt AS cnt,
  f.det_item_fee_sumamt AS det_item_fee_sumamt,
  f.inscp_amt AS inscp_amt,
  f.prd_days AS prd_days,
  f.rx_drord_no AS rx_drord_no,
  f.init_feedetl_sn AS init_feedetl_sn,
  f.marks AS marks
FROM fee_list_d AS f
LEFT JOIN known_item AS k ON k.item = f.med_list_codg
LEFT JOIN stay AS s ON s.mdtrt_id = f.mdtrt_id
LEFT JOIN death AS d ON d.psn_key = f.psn_key
WHERE k.item IS NOT NULL
  OR (f.med_list_codg >= 'T' AND f.med_list_codg < 'U')
  OR f.med_list_codg IS NULL
  OR instr(f.marks, 'sum:') > 0
  OR f.fee_ocur_time_day < s.begin_day
  OR f.fee_ocur_time_day > s.end_day + 1
  OR f.fee_ocur_time_day > d.death_day;

-- Negative lines, apart: those that name an original we have, and those (naming none, or one nobody knows) that must be
-- set against the same encounter, item and day.
CREATE TEMP TABLE refund AS
SELECT
  f.bkkp_sn AS bkkp_sn,
  f.mdtrt_id AS mdtrt_id,
  f.med_list_codg AS item,
  f.fee_ocur_time_day AS day,
  f.init_feedetl_sn AS init_feedetl_sn,
  abs(f.cnt) AS cnt,
  abs(f.inscp_amt) AS inscp_amt
FROM fee_list_d AS f
WHERE f.cnt < 0 OR f.inscp_amt < 0 OR f.det_item_fee_sumamt < 0;

CREATE TEMP TABLE refund_by_line AS
SELECT r.init_feedetl_sn AS bkkp_sn, sum(r.cnt) AS cnt, sum(r.inscp_amt) AS inscp_amt
FROM refund AS r
WHERE r.init_feedetl_sn IS NOT NULL
GROUP BY r.init_feedetl_sn;

CREATE TEMP TABLE refund_by_day AS
SELECT r.mdtrt_id AS mdtrt_id, r.item AS item, r.day AS day, sum(r.cnt) AS cnt, sum(r.inscp_amt) AS inscp_amt
FROM refund AS r
LEFT JOIN touched AS o ON o.bkkp_sn = r.init_feedetl_sn
WHERE o.bkkp_sn IS NULL
GROUP BY r.mdtrt_id, r.item, r.day;

CREATE TEMP TABLE charged AS
SELECT
  t.bkkp_sn AS bkkp_sn,
  t.mdtrt_id AS mdtrt_id,
  t.setl_id AS setl_id,
  t.item AS item,
  t.day AS day,
  t.minute AS minute,
  t.prd_days AS prd_days,
  t.rx_drord_no AS rx_drord_no,
  t.marks AS marks,
  t.cnt - coalesce(r.cnt, 0) AS cnt,
  coalesce(t.inscp_amt, 0) - coalesce(r.inscp_amt, 0) AS inscp_amt,
  g.cnt AS day_refund_cnt,
  g.inscp_amt AS day_refund_amt
FROM touched AS t
LEFT JOIN refund_by_line AS r ON r.bkkp_sn = t.bkkp_sn
LEFT JOIN refund_by_day AS g ON g.mdtrt_id = t.mdtrt_id AND g.item = t.item AND g.day = t.day
WHERE t.cnt > 0 AND t.det_item_fee_sumamt >= 0;

-- A refund without its original is taken from the latest lines of that encounter, item and day first.
CREATE TEMP TABLE netted AS
SELECT c.bkkp_sn AS bkkp_sn, c.mdtrt_id AS mdtrt_id, c.setl_id AS setl_id, c.item AS item, c.day AS day, c.minute AS minute,
  c.prd_days AS prd_days, c.rx_drord_no AS rx_drord_no, c.marks AS marks, c.cnt AS cnt, c.inscp_amt AS inscp_amt
FROM charged AS c
WHERE c.day_refund_cnt IS NULL
UNION ALL
SELECT c.bkkp_sn, c.mdtrt_id, c.setl_id, c.item, c.day, c.minute, c.prd_days, c.rx_drord_no, c.marks,
  CASE WHEN c.day_refund_cnt <= c.later_cnt THEN c.cnt WHEN c.day_refund_cnt - c.later_cnt >= c.cnt THEN 0 ELSE c.cnt - (c.day_refund_cnt - c.later_cnt) END,
  CASE WHEN c.day_refund_amt <= c.later_amt THEN c.inscp_amt WHEN c.day_refund_amt - c.later_amt >= c.inscp_amt THEN 0 ELSE c.inscp_amt - (c.day_refund_amt - c.later_amt) END
FROM (
  SELECT a.bkkp_sn AS bkkp_sn, a.mdtrt_id AS mdtrt_id, a.setl_id AS setl_id, a.item AS item, a.day AS day, a.minute AS minute,
    a.prd_days AS prd_days, a.rx_drord_no AS rx_drord_no, a.marks AS marks, a.cnt AS cnt, a.inscp_amt AS inscp_amt,
    a.day_refund_cnt AS day_refund_cnt, a.day_refund_amt AS day_refund_amt,
    sum(a.cnt) OVER (PARTITION BY a.mdtrt_id, a.item, a.day ORDER BY a.minute DESC, a.bkkp_sn DESC) - a.cnt AS later_cnt,
    sum(a.inscp_amt) OVER (PARTITION BY a.mdtrt_id, a.item, a.day ORDER BY a.minute DESC, a.bkkp_sn DESC) - a.inscp_amt AS later_amt
  FROM charged AS a
  WHERE a.day_refund_cnt IS NOT NULL
) AS c;

-- `payable` = 1: valid, settled, net of refunds, in scope, and a fund paid. Only such a line can be accused.
CREATE TEMP TABLE line AS
SELECT
  n.bkkp_sn AS bkkp_sn,
  n.mdtrt_id AS mdtrt_id,
  n.setl_id AS setl_id,
  n.item AS item,
  n.day AS day,
  n.minute AS minute,
  c.ymd AS ymd,
  c.year AS year,
  CASE WHEN n.prd_days > 10000 THEN n.prd_days // 10000 ELSE 1 END AS supply_days,
  n.rx_drord_no AS rx_drord_no,
  n.marks AS marks,
  n.cnt AS cnt,
  n.inscp_amt AS inscp_amt,
  CASE WHEN n.inscp_amt > 0 AND n.cnt > 0 AND p.setl_id IS NOT NULL THEN 1 ELSE 0 END AS payable,
  e.psn_key AS psn_key,
  e.who AS who,
  e.newborn AS newborn,
  e.fixmedins_code AS fixmedins_code,
  e.med_type AS med_type,
  e.way AS way,
  e.begin_day AS begin_day,
  e.end_day AS end_day,
  e.level AS level,
  e.insutype AS insutype,
  e.sex AS sex,
  e.birth_day AS birth_day,
  b.ymd AS birth_ymd
FROM netted AS n
JOIN encounter AS e ON e.mdtrt_id = n.mdtrt_id
LEFT JOIN paid AS p ON p.setl_id = n.setl_id
LEFT JOIN calendar AS c ON c.day = n.day
LEFT JOIN calendar AS b ON b.day = e.birth_day;
