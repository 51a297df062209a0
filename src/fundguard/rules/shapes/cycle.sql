/*
name: cycle
title: 周期限次
about: 一个周期内只支付一次的项目，距上一次应付不足周期天数又收费；从上一次应付的日期滚动计算，同一人、同一机构。
scope: patient_window
window: rolling
lookback_days: 90
subject: person
knowledge: cycle
*/
CREATE TEMP TABLE ranked_cycle AS
SELECT k.rule_code AS rule_code, k.point AS point, k.days AS days, l.who AS who, l.fixmedins_code AS fixmedins_code, l.day AS day,
  l.bkkp_sn AS bkkp_sn, l.inscp_amt AS inscp_amt,
  row_number() OVER (PARTITION BY k.rule_code, k.point, l.who, l.fixmedins_code ORDER BY l.day, l.minute, l.bkkp_sn) AS position
FROM line AS l
JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
WHERE l.payable = 1;

CREATE TEMP TABLE judged_cycle AS
WITH RECURSIVE walked AS (
  SELECT r.rule_code AS rule_code, r.point AS point, r.who AS who, r.fixmedins_code AS fixmedins_code, r.position AS position,
    r.day AS last_day, r.bkkp_sn AS last_line, r.bkkp_sn AS bkkp_sn, 0 AS over
  FROM ranked_cycle AS r
  WHERE r.position = 1
  UNION ALL
  SELECT n.rule_code, n.point, n.who, n.fixmedins_code, n.position,
    CASE WHEN n.day - w.last_day >= n.days THEN n.day ELSE w.last_day END,
    CASE WHEN n.day - w.last_day >= n.days THEN n.bkkp_sn ELSE w.last_line END,
    n.bkkp_sn,
    CASE WHEN n.day - w.last_day >= n.days THEN 0 ELSE 1 END
  FROM walked AS w
  JOIN ranked_cycle AS n ON n.rule_code = w.rule_code AND n.point = w.point AND n.who = w.who
    AND n.fixmedins_code = w.fixmedins_code AND n.position = w.position + 1
)
SELECT w.rule_code AS rule_code, w.point AS point, w.who AS who, w.fixmedins_code AS fixmedins_code, w.last_day AS last_day,
  w.last_line AS last_line, w.bkkp_sn AS bkkp_sn
FROM walked AS w
WHERE w.over = 1;

INSERT INTO hit
SELECT j.rule_code, j.point, '明确违规', 'person', j.who, j.fixmedins_code || '|' || j.point || '|' || CAST(j.last_day AS TEXT),
  'fee_list_d', j.bkkp_sn, 'accused', r.inscp_amt, '距上次应付' || CAST(r.day - j.last_day AS TEXT) || '天，周期' || CAST(r.days AS TEXT) || '天'
FROM judged_cycle AS j
JOIN ranked_cycle AS r ON r.rule_code = j.rule_code AND r.point = j.point AND r.bkkp_sn = j.bkkp_sn;

INSERT INTO hit
SELECT DISTINCT j.rule_code, j.point, '明确违规', 'person', j.who, j.fixmedins_code || '|' || j.point || '|' || CAST(j.last_day AS TEXT),
  'fee_list_d', j.last_line, 'related', 0, '上一次应付的收费'
FROM judged_cycle AS j
