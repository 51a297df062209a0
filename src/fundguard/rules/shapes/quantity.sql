/*
name: quantity
title: 限量
about: 同一人、同一机构、同一自然日（跨就诊合计，多日用量按天数摊到每日）或同一次就诊内，数量超过上限；上限也可以是另一项目数量的倍数。列出超出上限的后发生费用，金额只计超出部分。
scope: patient_window
window: day
lookback_days: 1
subject: person
knowledge: quantity
parameters:
  supply: {type: text, default: assumed, one_of: [assumed, stated], about: 没有写明用药天数时：assumed 按一天计，stated 不判}
*/
CREATE TEMP TABLE counted_quantity AS
SELECT c.rule_code AS rule_code, c.point AS point, c.verdict AS verdict, c.counted_in AS counted_in, c.supply AS supply, c.cap AS cap, c.by_item AS by_item, c.who AS who, c.psn_key AS psn_key, c.mdtrt_id AS mdtrt_id,
  c.fixmedins_code AS fixmedins_code, c.day AS day, c.bkkp_sn AS bkkp_sn, c.inscp_amt AS inscp_amt, c.shared AS shared, c.cnt AS cnt,
  sum(c.cnt) OVER (PARTITION BY c.rule_code, c.point, c.who, c.shared ORDER BY c.minute, c.bkkp_sn) AS upto,
  sum(c.cnt) OVER (PARTITION BY c.rule_code, c.point, c.who, c.shared) AS total
FROM (
  SELECT k.rule_code AS rule_code, k.point AS point, k.verdict AS verdict, k.counted_in AS counted_in, k.supply AS supply, k.cap AS cap, k.by_item AS by_item,
    l.who AS who, l.psn_key AS psn_key, l.mdtrt_id AS mdtrt_id, l.fixmedins_code AS fixmedins_code, l.day AS day, l.minute AS minute, l.bkkp_sn AS bkkp_sn, l.inscp_amt AS inscp_amt,
    CASE WHEN k.counted_in = 'day' THEN l.fixmedins_code || '|' || CAST(l.day AS TEXT) ELSE l.mdtrt_id END AS shared,
    CASE WHEN k.counted_in = 'day' THEN l.cnt // l.supply_days ELSE l.cnt END AS cnt
  FROM line AS l
  JOIN (
    SELECT DISTINCT q.rule_code AS rule_code, q.point AS point, q.gravest AS verdict, q."window" AS counted_in, q.supply AS supply, q.cap_e4 AS cap, q.item AS item, CASE WHEN q.per IS NULL THEN 0 ELSE 1 END AS by_item, q.from_day AS from_day, q.to_day AS to_day
    FROM {knowledge} AS q
  ) AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
  WHERE l.payable = 1
) AS c;

-- how many there are of what the cap is counted by, paid or not
CREATE TEMP TABLE base_quantity AS
SELECT x.rule_code AS rule_code, x.point AS point, x.who AS who, x.shared AS shared, sum(f.cnt) AS base
FROM (
  SELECT DISTINCT c.rule_code AS rule_code, c.point AS point, c.who AS who, c.shared AS shared, c.psn_key AS psn_key, c.fixmedins_code AS fixmedins_code, k.per AS item,
    CASE WHEN c.counted_in = 'encounter' THEN c.mdtrt_id END AS mdtrt_id, CASE WHEN c.counted_in = 'day' THEN c.day END AS day
  FROM counted_quantity AS c
  JOIN {knowledge} AS k ON k.rule_code = c.rule_code AND k.point = c.point
  WHERE c.total > c.cap AND k.per IS NOT NULL
) AS x
JOIN fee_list_d AS f ON f.psn_key = x.psn_key AND f.med_list_codg = x.item AND f.fixmedins_code = x.fixmedins_code
  AND (x.mdtrt_id IS NULL OR f.mdtrt_id = x.mdtrt_id) AND (x.day IS NULL OR f.fee_ocur_time_day = x.day)
GROUP BY x.rule_code, x.point, x.who, x.shared;

-- a cap by another item is not judged where that item was not charged
CREATE TEMP TABLE exceeded_quantity AS
SELECT c.rule_code AS rule_code, c.point AS point, c.verdict AS verdict, c.supply AS supply, c.who AS who, c.fixmedins_code AS fixmedins_code, c.day AS day, c.bkkp_sn AS bkkp_sn, c.shared AS shared,
  c.inscp_amt AS inscp_amt, c.cnt AS cnt, c.upto AS upto, c.total AS total, c.counted_in AS counted_in,
  CASE WHEN c.by_item = 0 OR b.base < 10000 THEN c.cap ELSE (c.cap // 10000) * b.base END AS cap
FROM counted_quantity AS c
LEFT JOIN base_quantity AS b ON b.rule_code = c.rule_code AND b.point = c.point AND b.who = c.who AND b.shared = c.shared
WHERE c.total > c.cap AND c.cnt > 0 AND (c.by_item = 0 OR b.base > 0);

-- days of supply are asked for only where the quantity would be too large for one day
CREATE TEMP TABLE unstated_quantity AS
SELECT e.rule_code AS rule_code, e.point AS point, e.who AS who, e.shared AS shared, e.bkkp_sn AS bkkp_sn
FROM exceeded_quantity AS e
JOIN fee_list_d AS f ON f.bkkp_sn = e.bkkp_sn
WHERE e.supply = 'stated' AND e.total > e.cap AND f.prd_days IS NULL;

-- over = what of this line lies beyond the cap; its share of the amount without a product of two scaled columns
INSERT INTO hit
SELECT j.rule_code, j.point, j.verdict, 'person', j.who, j.shared || '|' || j.point,
  'fee_list_d', j.bkkp_sn, CASE WHEN j.over > 0 THEN 'accused' ELSE 'related' END,
  (j.inscp_amt // j.cnt) * j.over + ((j.inscp_amt % j.cnt) * j.over) // j.cnt,
  CASE WHEN j.counted_in = 'day' THEN '当日' ELSE '本次就诊' END || '合计数量' || CAST(j.total // 10000 AS TEXT) || '，上限' || CAST(j.cap // 10000 AS TEXT)
FROM (
  SELECT q.rule_code AS rule_code, q.point AS point, q.verdict AS verdict, q.who AS who, q.shared AS shared, q.bkkp_sn AS bkkp_sn, q.counted_in AS counted_in,
    q.inscp_amt AS inscp_amt, q.cnt AS cnt, q.cap AS cap, q.total AS total,
    CASE WHEN q.upto <= q.cap THEN 0 WHEN q.upto - q.cap >= q.cnt THEN q.cnt ELSE q.upto - q.cap END AS over
  FROM exceeded_quantity AS q
  WHERE q.total > q.cap
) AS j
WHERE NOT EXISTS (
  SELECT 1 FROM unstated_quantity AS u
  WHERE u.rule_code = j.rule_code AND u.point = j.point AND u.who = j.who AND u.shared = j.shared
);

INSERT INTO unknown
SELECT e.rule_code, 'prd_days', 'fee_list_d', e.bkkp_sn, e.fixmedins_code, e.day
FROM exceeded_quantity AS e
JOIN unstated_quantity AS u ON u.rule_code = e.rule_code AND u.bkkp_sn = e.bkkp_sn AND u.point = e.point
