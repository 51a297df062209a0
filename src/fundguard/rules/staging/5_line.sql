-- Touched charges of which something was taken back; all others stand as they are.
CREATE TEMP TABLE charged AS
SELECT
  t.bkkp_sn AS bkkp_sn,
  t.mdtrt_id AS mdtrt_id,
  t.item AS item,
  t.day AS day,
  t.minute AS minute,
  t.cnt - coalesce(r.cnt, 0) AS cnt,
  coalesce(t.inscp_amt, 0) - coalesce(r.inscp_amt, 0) AS inscp_amt,
  g.cnt AS day_refund_cnt,
  g.inscp_amt AS day_refund_amt
FROM touched AS t
LEFT JOIN refund_by_line AS r ON r.bkkp_sn = t.bkkp_sn
LEFT JOIN refund_by_day AS g ON g.mdtrt_id = t.mdtrt_id AND g.item = t.item AND g.day = t.day
WHERE t.cnt > 0 AND (t.inscp_amt IS NULL OR t.inscp_amt >= 0) AND (r.bkkp_sn IS NOT NULL OR g.mdtrt_id IS NOT NULL);

-- A refund without its original is taken from the latest lines of that encounter, item and day first.
CREATE TEMP TABLE netted AS
SELECT c.bkkp_sn AS bkkp_sn, c.cnt AS cnt, c.inscp_amt AS inscp_amt
FROM charged AS c
WHERE c.day_refund_cnt IS NULL
UNION ALL
SELECT c.bkkp_sn,
  CASE WHEN c.day_refund_cnt <= c.later_cnt THEN c.cnt WHEN c.day_refund_cnt - c.later_cnt >= c.cnt THEN 0 ELSE c.cnt - (c.day_refund_cnt - c.later_cnt) END,
  CASE WHEN c.day_refund_amt <= c.later_amt THEN c.inscp_amt WHEN c.day_refund_amt - c.later_amt >= c.inscp_amt THEN 0 ELSE c.inscp_amt - (c.day_refund_amt - c.later_amt) END
FROM (
  SELECT a.bkkp_sn AS bkkp_sn, a.cnt AS cnt, a.inscp_amt AS inscp_amt, a.day_refund_cnt AS day_refund_cnt, a.day_refund_amt AS day_refund_amt,
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
FROM (
  SELECT t.bkkp_sn AS bkkp_sn, t.mdtrt_id AS mdtrt_id, t.setl_id AS setl_id, t.item AS item, t.day AS day, t.minute AS minute,
    t.prd_days AS prd_days, t.rx_drord_no AS rx_drord_no, t.marks AS marks,
    CASE WHEN o.bkkp_sn IS NULL THEN t.cnt ELSE o.cnt END AS cnt,
    CASE WHEN o.bkkp_sn IS NULL THEN coalesce(t.inscp_amt, 0) ELSE o.inscp_amt END AS inscp_amt
  FROM touched AS t
  LEFT JOIN netted AS o ON o.bkkp_sn = t.bkkp_sn
  WHERE t.cnt > 0 AND (t.inscp_amt IS NULL OR t.inscp_amt >= 0)
) AS n
JOIN encounter AS e ON e.mdtrt_id = n.mdtrt_id
LEFT JOIN needed_paid AS p ON p.setl_id = n.setl_id
LEFT JOIN calendar AS c ON c.day = n.day
LEFT JOIN calendar AS b ON b.day = e.birth_day;
