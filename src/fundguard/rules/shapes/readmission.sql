/*
name: readmission
title: 短期再入院
about: 同一人、同一机构、主诊断同一类目，出院后规定天数内再次住院。转院、放化疗、透析及列明的计划治疗不列。
scope: patient_window
window: rolling
lookback_days: 60
subject: encounter
knowledge: none
parameters:
  days: {type: int, about: 出院到再入院的天数上限（含）}
  same_diagnosis: {type: int, default: 1, about: 1 要求主诊断前三位相同，0 不要求}
*/
CREATE TEMP TABLE judged_readmission AS
SELECT k.rule_code AS rule_code, s.mdtrt_id AS mdtrt_id, s.former_id AS former_id, s.fixmedins_code AS fixmedins_code, s.begin_day AS begin_day,
  s.inscp_amt AS inscp_amt, s.begin_day - s.former_end AS gap, s.main_diagnosis AS main_diagnosis, k.same_diagnosis AS same_diagnosis,
  CASE
    WHEN k.same_diagnosis = 1 AND s.main_diagnosis <> s.former_diagnosis THEN 0
    WHEN s.former_end IS NULL THEN NULL
    WHEN k.same_diagnosis = 0 OR s.main_diagnosis = s.former_diagnosis THEN 1
  END AS same
FROM (
  SELECT e.mdtrt_id AS mdtrt_id, e.fixmedins_code AS fixmedins_code, e.begin_day AS begin_day, e.inscp_amt AS inscp_amt, e.main_diagnosis AS main_diagnosis,
    lag(e.mdtrt_id, 1) OVER (PARTITION BY e.who, e.fixmedins_code ORDER BY e.begin_day, e.begin_min, e.mdtrt_id) AS former_id,
    lag(e.end_day, 1) OVER (PARTITION BY e.who, e.fixmedins_code ORDER BY e.begin_day, e.begin_min, e.mdtrt_id) AS former_end,
    lag(e.main_diagnosis, 1) OVER (PARTITION BY e.who, e.fixmedins_code ORDER BY e.begin_day, e.begin_min, e.mdtrt_id) AS former_diagnosis,
    lag(e.dscg_way, 1) OVER (PARTITION BY e.who, e.fixmedins_code ORDER BY e.begin_day, e.begin_min, e.mdtrt_id) AS former_way
  FROM encounter AS e
  WHERE e.way = 'inpatient'
) AS s
CROSS JOIN {knowledge} AS k
WHERE s.former_id IS NOT NULL
  AND s.begin_day >= k.from_day AND s.begin_day < k.to_day
  AND (s.former_end IS NULL OR (s.begin_day >= s.former_end AND s.begin_day - s.former_end <= k.days))
  AND (s.former_way IS NULL OR s.former_way <> '2')
  AND NOT EXISTS (SELECT 1 FROM planned_diagnosis AS p WHERE p.prefix = s.main_diagnosis OR p.prefix = s.former_diagnosis)
  AND NOT EXISTS (
    SELECT 1 FROM setl_diag_list_d AS d
    JOIN planned_diagnosis AS p ON p.prefix = substr(d.diag_code, 1, 3)
    WHERE d.mdtrt_id = s.mdtrt_id OR d.mdtrt_id = s.former_id
  );

INSERT INTO hit
SELECT j.rule_code, '', '可疑', 'encounter', j.mdtrt_id, j.former_id, 'mdtrt_d', j.mdtrt_id, 'accused', j.inscp_amt,
  '距上次出院' || CAST(j.gap AS TEXT) || '天' || CASE WHEN j.same_diagnosis = 1 THEN '，主诊断同为' || j.main_diagnosis ELSE '' END
FROM judged_readmission AS j
WHERE j.same = 1;

INSERT INTO hit
SELECT j.rule_code, '', '可疑', 'encounter', j.mdtrt_id, j.former_id, 'mdtrt_d', j.former_id, 'related', 0, '上一次住院'
FROM judged_readmission AS j
WHERE j.same = 1;

INSERT INTO unknown
SELECT j.rule_code, CASE WHEN j.gap IS NULL THEN 'endtime' ELSE 'dscg_maindiag_code' END, 'mdtrt_d', j.mdtrt_id, j.fixmedins_code, j.begin_day
FROM judged_readmission AS j
WHERE j.same IS NULL
