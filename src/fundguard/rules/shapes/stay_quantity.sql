/*
name: stay_quantity
title: 住院时长限量
about: 按小时（或按日）计价的项目，一次住院合计的数量超过该次住院的小时数（或天数）；不足一小时按一小时计，入院、出院当日各计一日。列出超出之后的费用，金额只计超出部分。
scope: encounter
window: encounter
lookback_days: 366
subject: encounter
knowledge: stay_quantity
*/
CREATE TEMP TABLE use_in_stay AS
SELECT k.rule_code AS rule_code, k.point AS point, k.unit AS unit, k.each_e4 AS each_e4, l.mdtrt_id AS mdtrt_id, l.newborn AS newborn,
  l.fixmedins_code AS fixmedins_code, l.day AS day, l.minute AS minute, l.bkkp_sn AS bkkp_sn, l.cnt AS cnt, l.inscp_amt AS inscp_amt
FROM line AS l
JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
WHERE l.payable = 1 AND l.way = 'inpatient';

CREATE TEMP TABLE length_of_stay AS
SELECT m.mdtrt_id AS mdtrt_id, (m.endtime_min - m.begntime_min + 59) // 60 AS hours, m.endtime_day - m.begntime_day + 1 AS days
FROM mdtrt_d AS m
WHERE m.endtime_min >= m.begntime_min AND EXISTS (SELECT 1 FROM use_in_stay AS u WHERE u.mdtrt_id = m.mdtrt_id);

CREATE TEMP TABLE judged_stay_quantity AS
SELECT u.rule_code AS rule_code, u.point AS point, u.unit AS unit, u.mdtrt_id AS mdtrt_id, u.fixmedins_code AS fixmedins_code, u.day AS day,
  u.bkkp_sn AS bkkp_sn, u.cnt AS cnt, u.inscp_amt AS inscp_amt,
  CASE WHEN u.unit = 'hour' THEN s.hours ELSE s.days END AS units,
  CASE WHEN u.unit = 'hour' THEN s.hours ELSE s.days END * u.each_e4 AS cap,
  sum(u.cnt) OVER (PARTITION BY u.rule_code, u.point, u.mdtrt_id, u.newborn ORDER BY u.day, u.minute, u.bkkp_sn) AS upto,
  sum(u.cnt) OVER (PARTITION BY u.rule_code, u.point, u.mdtrt_id, u.newborn) AS total
FROM use_in_stay AS u
LEFT JOIN length_of_stay AS s ON s.mdtrt_id = u.mdtrt_id;

INSERT INTO hit
SELECT j.rule_code, j.point, '明确违规', 'encounter', j.mdtrt_id, j.point, 'fee_list_d', j.bkkp_sn,
  CASE WHEN j.over > 0 THEN 'accused' ELSE 'related' END,
  (j.inscp_amt // j.cnt) * j.over + ((j.inscp_amt % j.cnt) * j.over) // j.cnt,
  '合计数量' || CAST(j.total // 10000 AS TEXT) || '，住院' || CAST(j.units AS TEXT) || CASE WHEN j.unit = 'hour' THEN '小时' ELSE '天' END
FROM (
  SELECT q.rule_code AS rule_code, q.point AS point, q.unit AS unit, q.units AS units, q.mdtrt_id AS mdtrt_id, q.bkkp_sn AS bkkp_sn,
    q.inscp_amt AS inscp_amt, q.cnt AS cnt, q.total AS total,
    CASE WHEN q.upto <= q.cap THEN 0 WHEN q.upto - q.cap >= q.cnt THEN q.cnt ELSE q.upto - q.cap END AS over
  FROM judged_stay_quantity AS q
  WHERE q.total > q.cap AND q.cnt > 0
) AS j;

INSERT INTO unknown
SELECT j.rule_code, 'endtime', 'fee_list_d', j.bkkp_sn, j.fixmedins_code, j.day
FROM judged_stay_quantity AS j
WHERE j.cap IS NULL
