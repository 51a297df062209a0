/*
name: drug_grade
title: 抗菌药物分级使用
about: 门诊使用特殊使用级抗菌药物；或住院开具医师的登记职称低于该级别抗菌药物的要求。急诊可能是抢救，不列；购药不列；开具医师没有登记职称的不判。
scope: line
window: none
lookback_days: 0
subject: line
knowledge: drug_grade
*/
-- Titles are coded from high to low (231 chief … 235 assistant): a special drug needs 232, a restricted one 233.
CREATE TEMP TABLE judged_drug_grade AS
SELECT j.rule_code AS rule_code, j.point AS point, j.bkkp_sn AS bkkp_sn, j.mdtrt_id AS mdtrt_id, j.fixmedins_code AS fixmedins_code, j.day AS day,
  j.inscp_amt AS inscp_amt, j.grade AS grade, j.way AS way,
  CASE
    WHEN j.way = 'outpatient' THEN CASE WHEN j.grade = 'special' THEN 1 ELSE 0 END
    WHEN j.way = 'inpatient' THEN CASE
      WHEN j.duty IS NULL OR j.duty < '231' OR j.duty > '235' THEN NULL
      WHEN j.grade = 'special' AND j.duty > '232' THEN 1
      WHEN j.grade = 'restricted' AND j.duty > '233' THEN 1
      ELSE 0 END
    ELSE 0
  END AS answer
FROM (
  SELECT k.rule_code AS rule_code, k.point AS point, k.grade AS grade, l.bkkp_sn AS bkkp_sn, l.mdtrt_id AS mdtrt_id, l.fixmedins_code AS fixmedins_code, l.day AS day,
    l.inscp_amt AS inscp_amt, l.way AS way, d.dr_pro_tech_duty AS duty
  FROM line AS l
  JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
  JOIN fee_list_d AS f ON f.bkkp_sn = l.bkkp_sn
  LEFT JOIN dr_info_b AS d ON d.dr_code = f.bilg_dr_code AND d.medins_code = f.fixmedins_code
  WHERE l.payable = 1
) AS j;

INSERT INTO hit
SELECT j.rule_code, j.point, '可疑', 'line', j.bkkp_sn, j.mdtrt_id, 'fee_list_d', j.bkkp_sn, 'accused', j.inscp_amt,
  CASE WHEN j.way = 'outpatient' THEN '门诊使用特殊使用级抗菌药物' ELSE '开具医师职称低于该级别抗菌药物的要求' END
FROM judged_drug_grade AS j
WHERE j.answer = 1;

INSERT INTO unknown
SELECT j.rule_code, 'dr_pro_tech_duty', 'fee_list_d', j.bkkp_sn, j.fixmedins_code, j.day
FROM judged_drug_grade AS j
WHERE j.answer IS NULL
