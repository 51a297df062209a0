/*
name: record_code
title: 编码与人员核对
about: 诊断或手术操作编码只可能属于某一性别或年龄，与本次就诊的患者核对。编码不收费，不计违规金额。
scope: encounter
window: none
lookback_days: 0
subject: encounter
knowledge: record_code
parameters:
  sure: {type: int, default: 0, about: 1 时命中为明确违规，0 时为可疑}
*/
CREATE TEMP TABLE judged_record_code AS
SELECT j.rule_code AS rule_code, j.point AS point, j.sure AS sure, j.mdtrt_id AS mdtrt_id, j.fixmedins_code AS fixmedins_code,
  j.begin_day AS begin_day, j.ref_table AS ref_table, j.ref_key AS ref_key,
  CASE WHEN j.ref_table = 'oprninfo' THEN '手术操作编码' ELSE '诊断编码' END || j.code AS code_seen,
  CASE WHEN j.limit_sex IS NULL THEN '就诊日年龄=' || CAST(j.age AS TEXT) || '岁' WHEN j.sex = '1' THEN '性别=男' ELSE '性别=女' END AS person_seen,
  CASE WHEN j.limit_sex IS NULL THEN 'brdy' ELSE 'gend' END AS field,
  CASE
    WHEN j.newborn = 1 THEN 0
    WHEN j.sex <> j.limit_sex OR j.age < j.age_from_years OR j.age >= j.age_to_years THEN 1
    WHEN (j.limit_sex IS NOT NULL AND j.sex IS NULL) OR (j.limit_sex IS NULL AND j.age IS NULL) THEN NULL
    ELSE 0
  END AS answer
FROM (
  SELECT k.rule_code AS rule_code, k.point AS point, k.sure AS sure, k.sex AS limit_sex, k.age_from_years AS age_from_years, k.age_to_years AS age_to_years,
    e.mdtrt_id AS mdtrt_id, e.fixmedins_code AS fixmedins_code, e.begin_day AS begin_day, e.newborn AS newborn, e.sex AS sex,
    CASE WHEN c.ymd >= b.ymd THEN (c.ymd - b.ymd) // 10000 END AS age,
    v.ref_table AS ref_table, v.ref_key AS ref_key, v.code AS code
  FROM coded_visit AS v
  JOIN {knowledge} AS k ON k.point = v.point
  JOIN encounter AS e ON e.mdtrt_id = v.mdtrt_id
  LEFT JOIN calendar AS c ON c.day = e.begin_day
  LEFT JOIN calendar AS b ON b.day = e.birth_day
  WHERE e.begin_day >= k.from_day AND e.begin_day < k.to_day
) AS j;

INSERT INTO hit
SELECT DISTINCT j.rule_code, j.point, CASE WHEN j.sure = 1 THEN '明确违规' ELSE '可疑' END, 'encounter', j.mdtrt_id, j.point,
  'mdtrt_d', j.mdtrt_id, 'accused', 0, j.person_seen
FROM judged_record_code AS j
WHERE j.answer = 1;

INSERT INTO hit
SELECT j.rule_code, j.point, CASE WHEN j.sure = 1 THEN '明确违规' ELSE '可疑' END, 'encounter', j.mdtrt_id, j.point,
  j.ref_table, j.ref_key, 'related', 0, j.code_seen
FROM judged_record_code AS j
WHERE j.answer = 1 AND j.ref_table <> 'mdtrt_d';

INSERT INTO unknown
SELECT DISTINCT j.rule_code, j.field, 'mdtrt_d', j.mdtrt_id, j.fixmedins_code, j.begin_day
FROM judged_record_code AS j
WHERE j.answer IS NULL
