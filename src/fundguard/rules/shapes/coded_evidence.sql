/*
name: coded_evidence
title: 编码与收费互证
about: 住院病案的诊断或手术编码，应有相应的收费作为依据；手术的收费也应有相应的手术编码。只提示核对编码，不计违规金额。诊断不是 ICD-10 编码的，以及从不上传手术信息的机构，不判。
scope: encounter
window: encounter
lookback_days: 0
subject: encounter
knowledge: evidence
parameters:
  kind: {type: text, one_of: [diagnosis, operation], about: 核对的编码}
*/
-- What each point speaks of, once; its items are evidence of it.
CREATE TEMP TABLE evidence_point AS
SELECT DISTINCT k.rule_code AS rule_code, k.point AS point, k.kind AS kind, k.from_code AS from_code, k.to_code AS to_code, k.from_day AS from_day, k.to_day AS to_day
FROM {knowledge} AS k;

CREATE TEMP TABLE evidence_charge AS
SELECT k.rule_code AS rule_code, k.point AS point, l.mdtrt_id AS mdtrt_id, max(l.payable) AS payable, min(CASE WHEN l.payable = 1 THEN l.bkkp_sn END) AS bkkp_sn
FROM line AS l
JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
WHERE l.way = 'inpatient' AND l.cnt > 0
GROUP BY k.rule_code, k.point, l.mdtrt_id;

CREATE TEMP TABLE evidence_record AS
SELECT p.rule_code AS rule_code, p.point AS point, e.mdtrt_id AS mdtrt_id, 'mdtrt_d' AS ref_table, e.mdtrt_id AS ref_key, e.dscg_maindiag_code AS code
FROM encounter AS e
JOIN evidence_point AS p ON e.dscg_maindiag_code >= p.from_code AND e.dscg_maindiag_code < p.to_code AND e.begin_day >= p.from_day AND e.begin_day < p.to_day
WHERE e.way = 'inpatient' AND p.kind = 'diagnosis' AND instr(e.dscg_maindiag_code, ':') = 0
UNION ALL
SELECT p.rule_code, p.point, e.mdtrt_id, 'oprninfo', o.oprn_info_id, o.oprn_oprt_code
FROM encounter AS e
JOIN oprninfo AS o ON o.mdtrt_id = e.mdtrt_id
JOIN evidence_point AS p ON o.oprn_oprt_code >= p.from_code AND o.oprn_oprt_code < p.to_code AND e.begin_day >= p.from_day AND e.begin_day < p.to_day
WHERE e.way = 'inpatient' AND p.kind = 'operation';

INSERT INTO hit
SELECT r.rule_code, r.point, '可疑', 'encounter', r.mdtrt_id, r.point, r.ref_table, r.ref_key, 'accused', 0, '编码' || r.code || '，没有相应收费'
FROM evidence_record AS r
WHERE NOT EXISTS (SELECT 1 FROM evidence_charge AS c WHERE c.rule_code = r.rule_code AND c.point = r.point AND c.mdtrt_id = r.mdtrt_id);

-- A charge for an operation without its code: only where the institution sends codes of operations at all.
CREATE TEMP TABLE evidence_sender AS
SELECT DISTINCT e.fixmedins_code AS fixmedins_code
FROM encounter AS e
JOIN oprninfo AS o ON o.mdtrt_id = e.mdtrt_id;

CREATE TEMP TABLE judged_coded_evidence AS
SELECT c.rule_code AS rule_code, c.point AS point, c.mdtrt_id AS mdtrt_id, c.bkkp_sn AS bkkp_sn, e.fixmedins_code AS fixmedins_code, e.begin_day AS begin_day,
  CASE WHEN s.fixmedins_code IS NULL THEN 0 ELSE 1 END AS sends
FROM evidence_charge AS c
JOIN evidence_point AS p ON p.rule_code = c.rule_code AND p.point = c.point AND p.kind = 'operation'
JOIN encounter AS e ON e.mdtrt_id = c.mdtrt_id
LEFT JOIN evidence_sender AS s ON s.fixmedins_code = e.fixmedins_code
WHERE c.payable = 1
  AND NOT EXISTS (SELECT 1 FROM evidence_record AS r WHERE r.rule_code = c.rule_code AND r.point = c.point AND r.mdtrt_id = c.mdtrt_id);

INSERT INTO hit
SELECT j.rule_code, j.point, '可疑', 'encounter', j.mdtrt_id, j.point, 'fee_list_d', j.bkkp_sn, 'accused', 0, '有手术收费，没有相应手术编码'
FROM judged_coded_evidence AS j
WHERE j.sends = 1;

INSERT INTO unknown
SELECT j.rule_code, 'oprn_oprt_code', 'mdtrt_d', j.mdtrt_id, j.fixmedins_code, j.begin_day
FROM judged_coded_evidence AS j
WHERE j.sends = 0;

INSERT INTO unknown
SELECT DISTINCT p.rule_code, 'dscg_maindiag_code', 'mdtrt_d', e.mdtrt_id, e.fixmedins_code, e.begin_day
FROM encounter AS e
CROSS JOIN evidence_point AS p
WHERE p.kind = 'diagnosis' AND e.way = 'inpatient' AND (e.dscg_maindiag_code IS NULL OR instr(e.dscg_maindiag_code, ':') > 0)
