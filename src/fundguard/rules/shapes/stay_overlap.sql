/*
name: stay_overlap
title: 住院时间重叠
about: 同一人两次住院的时间重叠超过转院当天一日。
scope: patient_window
window: rolling
lookback_days: 366
subject: encounter
knowledge: none
parameters:
  shared_days: {type: int, default: 1, about: 允许共有的天数（转院当日）}
*/
CREATE TEMP TABLE judged_stay_overlap AS
SELECT k.rule_code AS rule_code, b.mdtrt_id AS mdtrt_id, a.mdtrt_id AS former_id, b.inscp_amt AS inscp_amt,
  CASE WHEN a.end_day < b.end_day THEN a.end_day ELSE b.end_day END - b.begin_day + 1 AS days
FROM encounter AS a
JOIN encounter AS b ON b.who = a.who AND b.way = 'inpatient' AND (b.begin_day > a.begin_day OR (b.begin_day = a.begin_day AND b.mdtrt_id > a.mdtrt_id))
CROSS JOIN {knowledge} AS k
WHERE a.way = 'inpatient'
  AND b.begin_day <= a.end_day
  AND CASE WHEN a.end_day < b.end_day THEN a.end_day ELSE b.end_day END - b.begin_day + 1 > k.shared_days;

INSERT INTO hit
SELECT j.rule_code, '', '可疑', 'encounter', j.mdtrt_id, j.former_id, 'mdtrt_d', j.mdtrt_id, 'accused', j.inscp_amt, '重叠' || CAST(j.days AS TEXT) || '天'
FROM judged_stay_overlap AS j;

INSERT INTO hit
SELECT j.rule_code, '', '可疑', 'encounter', j.mdtrt_id, j.former_id, 'mdtrt_d', j.former_id, 'related', 0, '先入院的一次'
FROM judged_stay_overlap AS j;

INSERT INTO unknown
SELECT k.rule_code, 'endtime', 'mdtrt_d', e.mdtrt_id, e.fixmedins_code, e.begin_day
FROM encounter AS e
CROSS JOIN {knowledge} AS k
WHERE e.way = 'inpatient' AND e.end_day IS NULL
