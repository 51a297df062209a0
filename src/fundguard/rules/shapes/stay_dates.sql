/*
name: stay_dates
title: 计费日期核对
about: 住院费用发生日早于入院日，或晚于出院次日。
scope: encounter
window: encounter
lookback_days: 0
subject: line
knowledge: none
parameters:
  days_after: {type: int, default: 1, about: 出院后仍可计费的天数}
*/
INSERT INTO hit
SELECT k.rule_code, '', '明确违规', 'line', l.bkkp_sn, l.mdtrt_id, 'fee_list_d', l.bkkp_sn, 'accused', l.inscp_amt,
  CASE WHEN l.day < l.begin_day THEN '早于入院' || CAST(l.begin_day - l.day AS TEXT) || '天' ELSE '晚于出院' || CAST(l.day - l.end_day AS TEXT) || '天' END
FROM line AS l
CROSS JOIN {knowledge} AS k
WHERE l.payable = 1 AND l.way = 'inpatient' AND (l.day < l.begin_day OR l.day > l.end_day + k.days_after);

INSERT INTO unknown
SELECT k.rule_code, 'endtime', 'mdtrt_d', e.mdtrt_id, e.fixmedins_code, e.begin_day
FROM encounter AS e
CROSS JOIN {knowledge} AS k
WHERE e.way = 'inpatient' AND e.end_day IS NULL
