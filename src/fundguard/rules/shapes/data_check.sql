/*
name: data_check
title: 明细数据核对
about: 数量、单价、金额自相矛盾，或缺少项目编码，或负数明细找不到原费用。只提示核对，不计违规金额。
scope: line
window: none
lookback_days: 0
subject: line
knowledge: none
parameters:
  mark: {type: text, default: "", about: 导入时所作的标记}
*/
INSERT INTO hit
SELECT k.rule_code, '', '可疑', 'line', l.bkkp_sn, l.mdtrt_id, 'fee_list_d', l.bkkp_sn, 'accused', 0, '数量×单价与金额不符'
FROM line AS l
CROSS JOIN {knowledge} AS k
WHERE l.payable = 1 AND instr(l.marks, k.mark) > 0;

INSERT INTO hit
SELECT k.rule_code, '', '可疑', 'line', l.bkkp_sn, l.mdtrt_id, 'fee_list_d', l.bkkp_sn, 'accused', 0, '医疗目录编码为空'
FROM line AS l
CROSS JOIN {knowledge} AS k
WHERE l.payable = 1 AND l.item IS NULL;

CREATE TEMP TABLE unmatched_refund AS
SELECT r.bkkp_sn AS bkkp_sn, r.mdtrt_id AS mdtrt_id, r.item AS item, r.day AS day
FROM refund AS r
JOIN encounter AS e ON e.mdtrt_id = r.mdtrt_id
WHERE NOT EXISTS (SELECT 1 FROM refund_original AS o WHERE o.bkkp_sn = r.init_feedetl_sn);

CREATE TEMP TABLE charged_that_day AS
SELECT DISTINCT r.bkkp_sn AS bkkp_sn
FROM unmatched_refund AS r
JOIN fee_list_d AS o ON o.mdtrt_id = r.mdtrt_id AND o.med_list_codg = r.item AND o.fee_ocur_time_day = r.day AND o.cnt > 0;

INSERT INTO hit
SELECT k.rule_code, '', '可疑', 'line', r.bkkp_sn, r.mdtrt_id, 'fee_list_d', r.bkkp_sn, 'accused', 0, '负数明细无原费用'
FROM unmatched_refund AS r
CROSS JOIN {knowledge} AS k
WHERE NOT EXISTS (SELECT 1 FROM charged_that_day AS o WHERE o.bkkp_sn = r.bkkp_sn)
