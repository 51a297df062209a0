/*
name: code_set
title: 编码范围核对
about: 收费项目限定（或禁止）用于某些诊断、科室或门诊慢特病种，逐条费用与本次就诊的诊断、开单与执行科室、结算病种核对。
scope: encounter
window: none
lookback_days: 0
subject: line
knowledge: code_set
parameters:
  against: {type: text, one_of: [diagnosis, department, disease], about: 与什么编码核对}
  sure: {type: int, default: 0, about: 1 时命中为明确违规，0 时为可疑}
*/
-- A newborn billed on the mother's account may carry her diagnoses. Only visits for chronic diseases (14) have a list of drugs.
CREATE TEMP TABLE asked_code_set AS
SELECT k.rule_code AS rule_code, k.point AS point, k.mode AS mode, k.against AS against, k.sure AS sure,
  l.bkkp_sn AS bkkp_sn, l.mdtrt_id AS mdtrt_id, l.setl_id AS setl_id, l.fixmedins_code AS fixmedins_code, l.day AS day,
  l.inscp_amt AS inscp_amt
FROM line AS l
JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
WHERE l.payable = 1 AND (l.newborn = 0 OR k.against = 'department')
  AND (k.against <> 'disease' OR (l.med_type >= '14' AND l.med_type < '15'));

-- Diagnoses of Chinese medicine have codes of their own that look like those of the ICD. A department that is not told leaves
-- open where the item was ordered or done; a disease is told by the charge, the settlement or the encounter.
CREATE TEMP TABLE told_code AS
SELECT a.bkkp_sn AS bkkp_sn, a.against AS against, d.diag_code AS code
FROM asked_code_set AS a
JOIN setl_diag_list_d AS d ON d.mdtrt_id = a.mdtrt_id
WHERE a.against = 'diagnosis' AND d.diag_code IS NOT NULL AND (d.diag_type IS NULL OR d.diag_type = '1')
UNION
SELECT a.bkkp_sn, a.against, CASE a.against WHEN 'diagnosis' THEN m.dscg_maindiag_code ELSE m.dise_no END
FROM asked_code_set AS a
JOIN mdtrt_d AS m ON m.mdtrt_id = a.mdtrt_id
WHERE (a.against = 'diagnosis' AND m.dscg_maindiag_code IS NOT NULL) OR (a.against = 'disease' AND m.dise_no IS NOT NULL)
UNION
SELECT a.bkkp_sn, a.against, s.dise_no
FROM asked_code_set AS a
JOIN setl_d AS s ON s.setl_id = a.setl_id
WHERE a.against = 'disease' AND s.dise_no IS NOT NULL
UNION
SELECT a.bkkp_sn, a.against, f.dise_codg
FROM asked_code_set AS a
JOIN fee_list_d AS f ON f.bkkp_sn = a.bkkp_sn
WHERE a.against = 'disease' AND f.dise_codg IS NOT NULL
UNION
SELECT a.bkkp_sn, a.against, f.bilg_dept_codg
FROM asked_code_set AS a
JOIN fee_list_d AS f ON f.bkkp_sn = a.bkkp_sn
WHERE a.against = 'department'
UNION
SELECT a.bkkp_sn, a.against, f.acord_dept_codg
FROM asked_code_set AS a
JOIN fee_list_d AS f ON f.bkkp_sn = a.bkkp_sn
WHERE a.against = 'department';

-- `unread`: no code, one of a foreign system (its name and a colon), a department that is not of the national list (A01 …).
CREATE TEMP TABLE read_code AS
SELECT a.rule_code AS rule_code, a.point AS point, a.bkkp_sn AS bkkp_sn, t.code AS code,
  CASE WHEN EXISTS (SELECT 1 FROM code_range AS r WHERE r.point = a.point AND t.code >= r.from_code AND t.code < r.to_code) THEN 1 ELSE 0 END AS matched,
  CASE WHEN t.code IS NULL OR instr(t.code, ':') > 0 OR (a.against = 'department' AND (t.code < 'A' OR t.code >= 'B')) THEN 1 ELSE 0 END AS unread,
  CASE WHEN a.against = 'disease' AND NOT EXISTS (
    SELECT 1 FROM code_range AS r WHERE r.rule_code = a.rule_code AND t.code >= r.from_code AND t.code < r.to_code
  ) THEN 1 ELSE 0 END AS unlisted
FROM asked_code_set AS a
LEFT JOIN told_code AS t ON t.bkkp_sn = a.bkkp_sn AND t.against = a.against;

-- Weeks of gestation tell of a pregnancy (Z33) without any diagnosis.
CREATE TEMP TABLE expecting AS
SELECT a.rule_code AS rule_code, a.point AS point, a.bkkp_sn AS bkkp_sn
FROM asked_code_set AS a
JOIN mdtrt_d AS m ON m.mdtrt_id = a.mdtrt_id
WHERE a.against = 'diagnosis' AND a.mode = 'forbid' AND m.geso_val > 0
  AND EXISTS (SELECT 1 FROM code_range AS r WHERE r.point = a.point AND 'Z33' >= r.from_code AND 'Z33' < r.to_code);

-- 1 hit, 0 clear, NULL could not evaluate; a disease without a list of its own is clear
CREATE TEMP TABLE judged_code_set AS
SELECT a.rule_code AS rule_code, a.point AS point, a.sure AS sure, a.bkkp_sn AS bkkp_sn, a.mdtrt_id AS mdtrt_id,
  a.fixmedins_code AS fixmedins_code, a.day AS day, a.inscp_amt AS inscp_amt,
  CASE a.against WHEN 'diagnosis' THEN 'diag_code' WHEN 'disease' THEN 'dise_codg' ELSE 'acord_dept_codg' END AS field,
  CASE a.against WHEN 'diagnosis' THEN '诊断' WHEN 'disease' THEN '病种' ELSE '科室' END
    || CASE WHEN e.bkkp_sn IS NOT NULL THEN '：有孕周记录'
      WHEN a.mode = 'forbid' THEN '=' || coalesce(c.found, '')
      ELSE '=' || coalesce(c.first_code, '') || CASE WHEN c.codes > 1 THEN '等' ELSE '' END
    END AS seen,
  CASE
    WHEN a.mode = 'forbid' AND (c.matched = 1 OR e.bkkp_sn IS NOT NULL) THEN 1
    WHEN c.matched = 1 OR c.unlisted = 1 THEN 0
    WHEN c.unread = 1 THEN NULL
    WHEN a.mode = 'forbid' THEN 0
    ELSE 1
  END AS answer
FROM asked_code_set AS a
JOIN (
  SELECT r.rule_code AS rule_code, r.point AS point, r.bkkp_sn AS bkkp_sn, count(*) AS codes, min(r.code) AS first_code,
    min(CASE WHEN r.matched = 1 THEN r.code END) AS found, max(r.matched) AS matched, max(r.unread) AS unread,
    max(CASE WHEN r.code IS NULL THEN 0 ELSE r.unlisted END) AS unlisted
  FROM read_code AS r
  GROUP BY r.rule_code, r.point, r.bkkp_sn
) AS c ON c.rule_code = a.rule_code AND c.point = a.point AND c.bkkp_sn = a.bkkp_sn
LEFT JOIN expecting AS e ON e.rule_code = a.rule_code AND e.point = a.point AND e.bkkp_sn = a.bkkp_sn;

INSERT INTO hit
SELECT j.rule_code, j.point, CASE WHEN j.sure = 1 THEN '明确违规' ELSE '可疑' END, 'line', j.bkkp_sn, j.mdtrt_id,
  'fee_list_d', j.bkkp_sn, 'accused', j.inscp_amt, j.seen
FROM judged_code_set AS j
WHERE j.answer = 1;

INSERT INTO unknown
SELECT j.rule_code, j.field, 'fee_list_d', j.bkkp_sn, j.fixmedins_code, j.day
FROM judged_code_set AS j
WHERE j.answer IS NULL
