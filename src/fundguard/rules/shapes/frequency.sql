/*
name: frequency
title: 就诊频次
about: 同一人一个自然月（或自然年）内某种就诊方式的次数超过阈值；阈值由各地设定，各次按其就诊日的阈值。列出超出阈值之后的各次就诊。
scope: patient_window
window: month
lookback_days: 366
subject: person
knowledge: none
parameters:
  way: {type: text, about: 就诊方式}
  limit: {type: int, about: 每个周期的次数上限（含）}
  period: {type: text, default: month, one_of: [month, year], about: 计次的周期，自然月或自然年}
*/
CREATE TEMP TABLE judged_frequency AS
SELECT v.rule_code AS rule_code, v.who AS who, v.span AS span, v.mdtrt_id AS mdtrt_id, v.inscp_amt AS inscp_amt, v.limit_count AS limit_count, v.period AS period,
  row_number() OVER (PARTITION BY v.rule_code, v.who, v.span ORDER BY v.begin_day, v.begin_min, v.mdtrt_id) AS position,
  count(*) OVER (PARTITION BY v.rule_code, v.who, v.span) AS total
FROM (
  SELECT k.rule_code AS rule_code, e.who AS who, e.mdtrt_id AS mdtrt_id, e.inscp_amt AS inscp_amt, k.limit_count AS limit_count, k.period AS period,
    e.begin_day AS begin_day, e.begin_min AS begin_min, CASE WHEN k.period = 'year' THEN c.year ELSE c.month END AS span
  FROM encounter AS e
  JOIN calendar AS c ON c.day = e.begin_day
  JOIN (
    SELECT p.rule_code AS rule_code, p.way AS way, p."limit" AS limit_count, p.period AS period, p.from_day AS from_day, p.to_day AS to_day FROM {knowledge} AS p
  ) AS k ON k.way = e.way AND e.begin_day >= k.from_day AND e.begin_day < k.to_day
  WHERE e.newborn = 0
) AS v;

INSERT INTO hit
SELECT j.rule_code, '', '可疑', 'person', j.who, CAST(j.span AS TEXT), 'mdtrt_d', j.mdtrt_id,
  CASE WHEN j.position > j.limit_count THEN 'accused' ELSE 'related' END,
  CASE WHEN j.position > j.limit_count THEN j.inscp_amt ELSE 0 END,
  CASE WHEN j.period = 'year' THEN '当年' ELSE '当月' END || CAST(j.total AS TEXT) || '次，阈值' || CAST(j.limit_count AS TEXT) || '次'
FROM judged_frequency AS j
WHERE EXISTS (
  SELECT 1 FROM judged_frequency AS o
  WHERE o.rule_code = j.rule_code AND o.who = j.who AND o.span = j.span AND o.position > o.limit_count
)
