/*
name: perioperative_drug
title: 围手术期预防用药
about: 清洁手术的住院，从手术当天起使用了不作预防用的抗菌药物，或预防用药超过规定天数。有感染诊断的视为治疗用药，不列；没有手术日期的不判。列出的费用从手术当天算起。
scope: encounter
window: encounter
lookback_days: 0
subject: encounter
knowledge: prophylaxis
*/
-- The first clean operation of a stay; a stay with any operation beyond the point's range is not clean.
CREATE TEMP TABLE clean_stay AS
SELECT k.rule_code AS rule_code, k.point AS point, e.mdtrt_id AS mdtrt_id, e.fixmedins_code AS fixmedins_code, e.begin_day AS begin_day, k.days AS days,
  CASE WHEN count(*) = count(o.oprn_oprt_date_day) THEN min(o.oprn_oprt_date_day) END AS first_day,
  CASE WHEN count(*) = count(o.oprn_oprt_date_day) THEN max(o.oprn_oprt_date_day) END AS last_day
FROM (
  SELECT DISTINCT p.rule_code AS rule_code, p.point AS point, p.from_operation AS from_operation, p.to_operation AS to_operation, p.days AS days, p.from_day AS from_day, p.to_day AS to_day
  FROM {knowledge} AS p
) AS k
JOIN oprninfo AS o ON o.oprn_oprt_code >= k.from_operation AND o.oprn_oprt_code < k.to_operation
JOIN encounter AS e ON e.mdtrt_id = o.mdtrt_id AND e.begin_day >= k.from_day AND e.begin_day < k.to_day
WHERE e.way = 'inpatient'
  AND NOT EXISTS (SELECT 1 FROM oprninfo AS x WHERE x.mdtrt_id = o.mdtrt_id AND (x.oprn_oprt_code < k.from_operation OR x.oprn_oprt_code >= k.to_operation))
  AND NOT EXISTS (
    SELECT 1 FROM infection_diagnosis AS i
    WHERE e.dscg_maindiag_code >= i.from_code AND e.dscg_maindiag_code < i.to_code
  )
  AND NOT EXISTS (
    SELECT 1 FROM setl_diag_list_d AS d
    JOIN infection_diagnosis AS i ON d.diag_code >= i.from_code AND d.diag_code < i.to_code
    WHERE d.mdtrt_id = e.mdtrt_id
  )
GROUP BY k.rule_code, k.point, e.mdtrt_id, e.fixmedins_code, e.begin_day, k.days;

-- days = 0: no drug for prevention; else that many days from the day of the last operation on
CREATE TEMP TABLE judged_perioperative_drug AS
SELECT s.rule_code AS rule_code, s.point AS point, s.mdtrt_id AS mdtrt_id, s.fixmedins_code AS fixmedins_code, l.bkkp_sn AS bkkp_sn, l.day AS day, l.inscp_amt AS inscp_amt,
  s.days AS days, l.day - s.last_day AS since, s.first_day AS first_day,
  CASE WHEN s.first_day IS NULL THEN NULL WHEN s.days = 0 AND l.day >= s.first_day THEN 1 WHEN s.days > 0 AND l.day >= s.last_day + s.days THEN 1 ELSE 0 END AS beyond
FROM clean_stay AS s
JOIN line AS l ON l.mdtrt_id = s.mdtrt_id
WHERE l.payable = 1
  AND EXISTS (SELECT 1 FROM {knowledge} AS k WHERE k.rule_code = s.rule_code AND k.point = s.point AND k.item = l.item);

INSERT INTO hit
SELECT j.rule_code, j.point, '可疑', 'encounter', j.mdtrt_id, j.point, 'fee_list_d', j.bkkp_sn, 'accused', j.inscp_amt,
  CASE WHEN j.days = 0 THEN '不作预防用的抗菌药物' ELSE '术后第' || CAST(j.since AS TEXT) || '天仍在使用，预防至多' || CAST(j.days AS TEXT) || '天' END
FROM judged_perioperative_drug AS j
WHERE j.beyond = 1;

INSERT INTO unknown
SELECT DISTINCT j.rule_code, 'oprn_oprt_date', 'mdtrt_d', j.mdtrt_id, j.fixmedins_code, j.day
FROM judged_perioperative_drug AS j
WHERE j.beyond IS NULL
