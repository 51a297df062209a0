/*
name: need
title: 缺少应有项目
about: 收了某项目，却在同一自然日、同一次就诊（含前后一日）或此前规定天数内，没有任何一项应当同时（或先行）使用的项目；应有项目无论由谁支付、在哪家机构都算。此前记录短于回溯天数的不判。
scope: patient_window
window: rolling
lookback_days: 366
subject: line
knowledge: need
*/
CREATE TEMP TABLE asked_need AS
SELECT DISTINCT k.rule_code AS rule_code, k.point AS point, k.gravest AS verdict, k."window" AS sought_in, l.bkkp_sn AS bkkp_sn, l.mdtrt_id AS mdtrt_id, l.psn_key AS psn_key,
  l.fixmedins_code AS fixmedins_code, l.day AS day, l.inscp_amt AS inscp_amt,
  CASE k."window" WHEN 'day' THEN l.day WHEN 'before' THEN l.day - k.days WHEN 'encounter' THEN CASE WHEN l.begin_day < l.day THEN l.begin_day - 1 ELSE l.day - 1 END END AS from_day,
  CASE WHEN k."window" = 'encounter' THEN CASE WHEN l.end_day > l.day THEN l.end_day + 1 ELSE l.day + 1 END ELSE l.day END AS to_day
FROM line AS l
JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
WHERE l.payable = 1;

-- net of what was taken back within the time
CREATE TEMP TABLE met_need AS
SELECT a.rule_code AS rule_code, a.point AS point, a.bkkp_sn AS bkkp_sn
FROM asked_need AS a
JOIN {knowledge} AS k ON k.rule_code = a.rule_code AND k.point = a.point
JOIN fee_list_d AS f ON f.psn_key = a.psn_key AND f.med_list_codg = k.needs AND f.fee_ocur_time_day >= a.from_day AND f.fee_ocur_time_day <= a.to_day
GROUP BY a.rule_code, a.point, a.bkkp_sn
HAVING sum(f.cnt) > 0;

CREATE TEMP TABLE known_need AS
SELECT m.psn_key AS psn_key, min(m.begntime_day) AS since
FROM mdtrt_d AS m
JOIN (SELECT DISTINCT a.psn_key AS psn_key FROM asked_need AS a WHERE a.sought_in = 'before') AS q ON q.psn_key = m.psn_key
GROUP BY m.psn_key;

-- charges without a code may be what is sought; somebody known for less than the time may have had it before
CREATE TEMP TABLE judged_need AS
SELECT a.rule_code AS rule_code, a.point AS point, a.verdict AS verdict, a.sought_in AS sought_in, a.bkkp_sn AS bkkp_sn, a.mdtrt_id AS mdtrt_id, a.fixmedins_code AS fixmedins_code, a.day AS day, a.inscp_amt AS inscp_amt,
  CASE
    WHEN EXISTS (SELECT 1 FROM line AS y WHERE y.psn_key = a.psn_key AND y.item IS NULL AND y.day >= a.from_day AND y.day <= a.to_day) THEN 'med_list_codg'
    WHEN a.sought_in = 'before' AND NOT EXISTS (SELECT 1 FROM known_need AS h WHERE h.psn_key = a.psn_key AND h.since <= a.from_day) THEN 'begntime'
  END AS missing
FROM asked_need AS a
WHERE NOT EXISTS (SELECT 1 FROM met_need AS m WHERE m.rule_code = a.rule_code AND m.point = a.point AND m.bkkp_sn = a.bkkp_sn);

INSERT INTO hit
SELECT j.rule_code, j.point, j.verdict, 'line', j.bkkp_sn, j.mdtrt_id, 'fee_list_d', j.bkkp_sn, 'accused', j.inscp_amt,
  CASE j.sought_in WHEN 'before' THEN '规定天数内未见应先使用的项目' WHEN 'day' THEN '当日未见应同时收费的项目' ELSE '就诊期间未见应同时收费的项目' END
FROM judged_need AS j
WHERE j.missing IS NULL;

INSERT INTO unknown
SELECT j.rule_code, j.missing, 'fee_list_d', j.bkkp_sn, j.fixmedins_code, j.day
FROM judged_need AS j
WHERE j.missing IS NOT NULL
