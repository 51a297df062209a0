/*
name: after_death
title: 死亡后发生服务
about: 费用发生日晚于死亡日期；死亡前发生、之后才结算的，以及住院当夜费用次日补记的不列。各来源死亡日期不一致时，自最早的日期起为未能判断。
scope: line
window: none
lookback_days: 0
subject: encounter
knowledge: none
parameters:
  stay_days_after: {type: int, default: 1, about: 住院费用可在死亡后几天内补记}
*/
INSERT INTO hit
SELECT k.rule_code, '', '可疑', 'encounter', l.mdtrt_id, 'death', 'fee_list_d', l.bkkp_sn, 'accused', l.inscp_amt,
  '发生在登记死亡日之后' || CAST(l.day - d.death_day AS TEXT) || '天'
FROM line AS l
JOIN death AS d ON d.psn_key = l.psn_key
CROSS JOIN {knowledge} AS k
WHERE l.payable = 1 AND l.newborn = 0 AND l.day > d.death_day + CASE WHEN l.way = 'inpatient' THEN k.stay_days_after ELSE 0 END;

INSERT INTO unknown
SELECT k.rule_code, 'die_date', 'fee_list_d', l.bkkp_sn, l.fixmedins_code, l.day
FROM line AS l
JOIN death AS d ON d.psn_key = l.psn_key
CROSS JOIN {knowledge} AS k
WHERE l.payable = 1 AND l.newborn = 0 AND d.death_day IS NULL
  AND l.day > d.earliest_day + CASE WHEN l.way = 'inpatient' THEN k.stay_days_after ELSE 0 END
