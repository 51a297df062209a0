/*
name: diagnosis_operation
title: 诊断与手术不符
about: 一次住院的主要诊断与手术操作编码不可能相配。只提示核对编码，不计违规金额。其他诊断中有相配的、缺主要诊断或不是 ICD-10 编码的不判为不符。
scope: encounter
window: encounter
lookback_days: 0
subject: encounter
knowledge: mismatch
*/
CREATE TEMP TABLE operated_stay AS
SELECT k.rule_code AS rule_code, k.point AS point, e.mdtrt_id AS mdtrt_id, e.fixmedins_code AS fixmedins_code, e.begin_day AS begin_day, e.dscg_maindiag_code AS diagnosis,
  o.oprn_info_id AS oprn_info_id, o.oprn_oprt_code AS operation, k.from_diagnosis AS from_diagnosis, k.to_diagnosis AS to_diagnosis
FROM encounter AS e
JOIN oprninfo AS o ON o.mdtrt_id = e.mdtrt_id
JOIN {knowledge} AS k ON o.oprn_oprt_code >= k.from_operation AND o.oprn_oprt_code < k.to_operation AND e.begin_day >= k.from_day AND e.begin_day < k.to_day
WHERE e.way = 'inpatient';

-- Another diagnosis of the stay may be what was operated on.
CREATE TEMP TABLE judged_diagnosis_operation AS
SELECT s.rule_code AS rule_code, s.point AS point, s.mdtrt_id AS mdtrt_id, s.oprn_info_id AS oprn_info_id, s.operation AS operation, s.diagnosis AS diagnosis
FROM operated_stay AS s
WHERE s.diagnosis >= s.from_diagnosis AND s.diagnosis < s.to_diagnosis AND instr(s.diagnosis, ':') = 0
  AND NOT EXISTS (
    SELECT 1 FROM setl_diag_list_d AS d
    WHERE d.mdtrt_id = s.mdtrt_id AND (d.diag_code < s.from_diagnosis OR d.diag_code >= s.to_diagnosis)
  );

INSERT INTO hit
SELECT j.rule_code, j.point, '可疑', 'encounter', j.mdtrt_id, j.point, 'oprninfo', j.oprn_info_id, 'accused', 0, '手术' || j.operation || '，主要诊断' || j.diagnosis
FROM judged_diagnosis_operation AS j;

INSERT INTO hit
SELECT DISTINCT j.rule_code, j.point, '可疑', 'encounter', j.mdtrt_id, j.point, 'mdtrt_d', j.mdtrt_id, 'related', 0, '主要诊断' || j.diagnosis
FROM judged_diagnosis_operation AS j;

INSERT INTO unknown
SELECT DISTINCT s.rule_code, 'dscg_maindiag_code', 'mdtrt_d', s.mdtrt_id, s.fixmedins_code, s.begin_day
FROM operated_stay AS s
WHERE s.diagnosis IS NULL OR instr(s.diagnosis, ':') > 0
