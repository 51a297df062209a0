/*
name: cumulative_days
title: 支付疗程
about: 同一知识点（其全部编码视为同一药品或项目）在一次就诊（或一个自然年）内使用的不同自然日超过限定天数；超出之后各日的费用全额列出。
scope: encounter
window: encounter
lookback_days: 366
subject: encounter
knowledge: course
*/
CREATE TEMP TABLE judged_cumulative_days AS
SELECT d.rule_code AS rule_code, d.point AS point, d.days AS days, d.scope_key AS scope_key, d.subject_kind AS subject_kind, d.who AS who, d.mdtrt_id AS mdtrt_id,
  d.bkkp_sn AS bkkp_sn, d.inscp_amt AS inscp_amt,
  dense_rank() OVER (PARTITION BY d.rule_code, d.point, d.scope_key ORDER BY d.day) AS day_number
FROM (
  SELECT k.rule_code AS rule_code, k.point AS point, k.days AS days, l.who AS who, l.mdtrt_id AS mdtrt_id, l.day AS day,
    l.bkkp_sn AS bkkp_sn, l.inscp_amt AS inscp_amt,
    CASE WHEN k.scope = 'year' THEN 'person' ELSE 'encounter' END AS subject_kind,
    CASE WHEN k.scope = 'year' THEN l.who || '|' || l.fixmedins_code || '|' || CAST(l.year AS TEXT) ELSE l.mdtrt_id || CASE WHEN l.newborn = 1 THEN '#newborn' ELSE '' END END AS scope_key
  FROM line AS l
  JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
  WHERE l.payable = 1
) AS d;

INSERT INTO hit
SELECT j.rule_code, j.point, '明确违规', j.subject_kind, CASE WHEN j.subject_kind = 'person' THEN j.who ELSE j.mdtrt_id END, j.point || '|' || j.scope_key,
  'fee_list_d', j.bkkp_sn, 'accused', j.inscp_amt, '第' || CAST(j.day_number AS TEXT) || '个使用日，限' || CAST(j.days AS TEXT) || '天'
FROM judged_cumulative_days AS j
WHERE j.day_number > j.days;

INSERT INTO hit
SELECT j.rule_code, j.point, '明确违规', j.subject_kind, CASE WHEN j.subject_kind = 'person' THEN j.who ELSE j.mdtrt_id END, j.point || '|' || j.scope_key,
  'fee_list_d', j.bkkp_sn, 'related', 0, '第' || CAST(j.day_number AS TEXT) || '个使用日'
FROM judged_cumulative_days AS j
WHERE j.day_number <= j.days
  AND EXISTS (
    SELECT 1 FROM judged_cumulative_days AS o
    WHERE o.rule_code = j.rule_code AND o.point = j.point AND o.scope_key = j.scope_key AND o.day_number > o.days
  )
