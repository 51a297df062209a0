/*
name: pair_same_day
title: 同日互斥收费
about: 项目A已包含项目B，同一人、同一机构、同一自然日又收B；保留A，列出B。
scope: patient_window
window: day
lookback_days: 1
subject: person
knowledge: pair
*/
CREATE TEMP TABLE judged_pair_same_day AS
SELECT k.rule_code AS rule_code, k.point AS point, a.who AS who, a.fixmedins_code AS fixmedins_code, a.day AS day,
  a.bkkp_sn AS kept, b.bkkp_sn AS accused, b.inscp_amt AS inscp_amt, k.code_a AS item_a, k.code_b AS item_b
FROM {knowledge} AS k
JOIN line AS a ON a.item = k.code_a AND a.payable = 1
JOIN line AS b ON b.item = k.code_b AND b.payable = 1 AND b.who = a.who AND b.fixmedins_code = a.fixmedins_code AND b.day = a.day
WHERE a.day >= k.from_day AND a.day < k.to_day AND a.bkkp_sn <> b.bkkp_sn;

INSERT INTO hit
SELECT DISTINCT j.rule_code, j.point, '明确违规', 'person', j.who, j.fixmedins_code || '|' || CAST(j.day AS TEXT) || '|' || j.point,
  'fee_list_d', j.accused, 'accused', j.inscp_amt, '同日已收' || j.item_a || '，又收' || j.item_b
FROM judged_pair_same_day AS j;

INSERT INTO hit
SELECT DISTINCT j.rule_code, j.point, '明确违规', 'person', j.who, j.fixmedins_code || '|' || CAST(j.day AS TEXT) || '|' || j.point,
  'fee_list_d', j.kept, 'related', 0, '保留的项目' || j.item_a
FROM judged_pair_same_day AS j
