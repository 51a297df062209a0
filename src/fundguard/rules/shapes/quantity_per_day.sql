/*
name: quantity_per_day
title: 单日限量
about: 按日或按小时计价的项目，同一人、同一机构、同一自然日（跨就诊合计）数量超过上限；列出超出上限的后发生费用，金额只计超出部分。
scope: patient_window
window: day
lookback_days: 1
subject: person
knowledge: quantity
*/
CREATE TEMP TABLE judged_quantity_per_day AS
SELECT k.rule_code AS rule_code, k.point AS point, l.who AS who, l.fixmedins_code AS fixmedins_code, l.day AS day, l.bkkp_sn AS bkkp_sn,
  l.item AS item, l.inscp_amt AS inscp_amt, l.cnt // l.supply_days AS cnt, k.cap_e4 AS cap,
  sum(l.cnt // l.supply_days) OVER (PARTITION BY k.rule_code, k.point, l.who, l.fixmedins_code, l.day ORDER BY l.minute, l.bkkp_sn) AS upto,
  sum(l.cnt // l.supply_days) OVER (PARTITION BY k.rule_code, k.point, l.who, l.fixmedins_code, l.day) AS total
FROM line AS l
JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
WHERE l.payable = 1;

-- over = what of this line lies beyond the cap; its share of the amount without a product of two scaled columns
INSERT INTO hit
SELECT j.rule_code, j.point, '明确违规', 'person', j.who, j.fixmedins_code || '|' || CAST(j.day AS TEXT) || '|' || j.point,
  'fee_list_d', j.bkkp_sn, CASE WHEN j.over > 0 THEN 'accused' ELSE 'related' END,
  (j.inscp_amt // j.cnt) * j.over + ((j.inscp_amt % j.cnt) * j.over) // j.cnt,
  '当日合计数量' || CAST(j.total // 10000 AS TEXT) || '，上限' || CAST(j.cap // 10000 AS TEXT)
FROM (
  SELECT q.rule_code AS rule_code, q.point AS point, q.who AS who, q.fixmedins_code AS fixmedins_code, q.day AS day, q.bkkp_sn AS bkkp_sn,
    q.inscp_amt AS inscp_amt, q.cnt AS cnt, q.cap AS cap, q.total AS total,
    CASE WHEN q.upto <= q.cap THEN 0 WHEN q.upto - q.cap >= q.cnt THEN q.cnt ELSE q.upto - q.cap END AS over
  FROM judged_quantity_per_day AS q
  WHERE q.total > q.cap AND q.cnt > 0
) AS j
