/*
name: attribute_limit
title: 属性限定
about: 收费项目限定了患者性别、年龄、险种、机构级别、就医方式或不得用于互联网诊疗，逐条费用核对。
scope: line
window: none
lookback_days: 0
subject: line
knowledge: limit
parameters:
  kind: {type: text, one_of: [sex, age, working, insurance, level, way, internet], about: 限定的属性}
  age_to: {type: int, default: null, about: 知识点未写上限时采用的年龄上限（岁，不含）}
  age_sure: {type: int, default: null, about: 从该年龄起为明确违规，之前为可疑（岁）}
  newborn_days: {type: int, default: 28, about: 新生儿项目的日龄上限（含，出生当天为0），超过为可疑}
  newborn_sure: {type: int, default: 1, about: 新生儿项目从该年龄起为明确违规（岁）}
  working_to_male: {type: int, default: null, about: 法定就业年龄上限，男（岁，不含）}
  working_to_female: {type: int, default: null, about: 法定就业年龄上限，女（岁，不含）}
  sure: {type: int, default: 1, about: 0 时命中一律为可疑}
*/
CREATE TEMP TABLE judged_attribute_limit AS
SELECT
  j.rule_code AS rule_code,
  j.point AS point,
  j.bkkp_sn AS bkkp_sn,
  j.mdtrt_id AS mdtrt_id,
  j.fixmedins_code AS fixmedins_code,
  j.day AS day,
  j.inscp_amt AS inscp_amt,
  j.sure AS sure,
  CASE j.kind WHEN 'sex' THEN 'gend' WHEN 'age' THEN 'brdy' WHEN 'working' THEN CASE WHEN j.age IS NULL THEN 'brdy' ELSE 'gend' END WHEN 'insurance' THEN 'insutype' WHEN 'level' THEN 'lmtpric_hosp_lv' ELSE 'med_type' END AS field,
  CASE j.kind
    WHEN 'sex' THEN CASE WHEN j.sex = '1' THEN '性别=男' ELSE '性别=女' END
    WHEN 'age' THEN '费用发生日年龄=' || CAST(j.age AS TEXT) || '岁'
    WHEN 'working' THEN CASE j.sex WHEN '1' THEN '男，' WHEN '2' THEN '女，' ELSE '' END || '费用发生日年龄=' || CAST(j.age AS TEXT) || '岁'
    WHEN 'insurance' THEN '险种=' || coalesce(j.insutype, '')
    WHEN 'level' THEN '机构限价等级=' || CAST(j.level AS TEXT)
    ELSE '医疗类别=' || coalesce(j.med_type, '')
  END AS seen,
  -- 0 clear, 1 suspect, 2 sure, NULL could not evaluate
  CASE j.kind
    WHEN 'sex' THEN CASE WHEN j.newborn = 1 THEN 0 WHEN j.sex IS NULL THEN NULL WHEN j.sex <> j.limit_sex THEN 2 ELSE 0 END
    WHEN 'age' THEN CASE
      WHEN j.newborn = 1 THEN 0
      WHEN j.age IS NULL THEN NULL
      WHEN j.age_group = 'newborn' THEN CASE WHEN j.age >= j.newborn_sure THEN 2 WHEN j.age_days > j.newborn_days THEN 1 ELSE 0 END
      WHEN j.age < j.limit_age_from THEN 1
      WHEN j.age >= j.limit_age_to THEN CASE WHEN j.age_sure IS NULL OR j.age >= j.age_sure THEN 2 ELSE 1 END
      ELSE 0 END
    WHEN 'insurance' THEN CASE WHEN j.insutype IS NULL THEN NULL WHEN j.insurance_hit IS NULL THEN 0 WHEN j.way_clear IS NOT NULL THEN 0 ELSE 2 END
    WHEN 'level' THEN CASE WHEN j.level IS NULL THEN NULL WHEN j.level = 0 THEN 0 WHEN j.level < j.level_min THEN 2 ELSE 0 END
    WHEN 'working' THEN CASE
      WHEN j.newborn = 1 THEN 0
      WHEN j.age IS NULL THEN NULL
      WHEN j.age >= j.working_to_male AND j.age >= j.working_to_female THEN 2
      WHEN j.age < j.working_to_male AND j.age < j.working_to_female THEN 0
      WHEN j.sex IS NULL THEN NULL
      WHEN j.age >= CASE WHEN j.sex = '1' THEN j.working_to_male ELSE j.working_to_female END THEN 2
      ELSE 0 END
    -- no national field tells a visit by internet from one at the counter; only a stay or an emergency is surely none
    WHEN 'internet' THEN CASE WHEN j.way = 'inpatient' OR j.way = 'emergency' THEN 0 END
    WHEN 'way' THEN CASE WHEN j.way IS NULL THEN NULL WHEN j.way_allowed IS NOT NULL THEN 0 ELSE 2 END
  END AS answer
FROM (
  SELECT
    k.rule_code AS rule_code, k.point AS point, k.kind AS kind, k.sex AS limit_sex, k.age_from_years AS limit_age_from,
    coalesce(k.age_to_years, k.age_to) AS limit_age_to, k.age_sure AS age_sure, k.age_group AS age_group, k.newborn_days AS newborn_days, k.newborn_sure AS newborn_sure,
    k.sure AS sure, k.working_to_male AS working_to_male, k.working_to_female AS working_to_female,
    CASE k.hosp_lv_min WHEN '2' THEN 2 WHEN '3' THEN 3 END AS level_min,
    l.bkkp_sn AS bkkp_sn, l.mdtrt_id AS mdtrt_id, l.fixmedins_code AS fixmedins_code, l.day AS day, l.inscp_amt AS inscp_amt,
    l.newborn AS newborn, l.sex AS sex, l.insutype AS insutype, l.level AS level, l.way AS way, l.med_type AS med_type,
    CASE WHEN l.birth_ymd IS NOT NULL AND l.ymd >= l.birth_ymd THEN (l.ymd - l.birth_ymd) // 10000 END AS age,
    l.day - l.birth_day AS age_days,
    i.insutype AS insurance_hit,
    m.med_type AS way_clear,
    w.way AS way_allowed
  FROM line AS l
  JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
  LEFT JOIN insurance_hit AS i ON i.rule_code = k.rule_code AND i.insutype = l.insutype
  LEFT JOIN insurance_clear AS m ON m.rule_code = k.rule_code AND m.med_type = l.med_type
  LEFT JOIN way_allowed AS w ON w.point = k.point AND w.way = l.way
  WHERE l.payable = 1
) AS j;

INSERT INTO hit
SELECT j.rule_code, j.point, CASE WHEN j.answer = 2 AND j.sure = 1 THEN '明确违规' ELSE '可疑' END, 'line', j.bkkp_sn, j.mdtrt_id,
  'fee_list_d', j.bkkp_sn, 'accused', j.inscp_amt, j.seen
FROM judged_attribute_limit AS j
WHERE j.answer >= 1;

INSERT INTO unknown
SELECT j.rule_code, j.field, 'fee_list_d', j.bkkp_sn, j.fixmedins_code, j.day
FROM judged_attribute_limit AS j
WHERE j.answer IS NULL
