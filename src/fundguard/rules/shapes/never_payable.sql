/*
name: never_payable
title: 不予支付清单
about: 清单内的项目无论怎样使用都不应由基金支付。
scope: line
window: none
lookback_days: 0
subject: line
knowledge: herb
*/
INSERT INTO hit
SELECT k.rule_code, k.point, '明确违规', 'line', l.bkkp_sn, l.mdtrt_id, 'fee_list_d', l.bkkp_sn, 'accused', l.inscp_amt, '清单内项目'
FROM line AS l
JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
WHERE l.payable = 1
