/*
name: supply_days
title: 开药天数
about: 一次开药的天数超过该就诊方式的上限；金额只计超出的天数。住院只看出院带药；没有写明天数的不判。
scope: line
window: none
lookback_days: 0
subject: line
knowledge: none
parameters:
  outpatient: {type: int, about: 门诊和购药的天数上限（含）}
  emergency: {type: int, about: 急诊的天数上限（含）}
  chronic: {type: int, about: 门诊慢特病的天数上限（含）}
  take_home: {type: int, about: 出院带药的天数上限（含）}
*/
CREATE TEMP TABLE long_supply AS
SELECT j.rule_code AS rule_code, j.verdict AS verdict, j.bkkp_sn AS bkkp_sn, j.mdtrt_id AS mdtrt_id, j.fixmedins_code AS fixmedins_code, j.day AS day, j.inscp_amt AS inscp_amt, j.days AS days, j.way AS way, j.days_limit AS days_limit
FROM (
  SELECT k.rule_code AS rule_code, k.gravest AS verdict, l.bkkp_sn AS bkkp_sn, l.mdtrt_id AS mdtrt_id, l.fixmedins_code AS fixmedins_code, l.day AS day, l.inscp_amt AS inscp_amt, l.supply_days AS days, l.way AS way,
    CASE WHEN l.way = 'inpatient' THEN k.take_home WHEN l.way = 'emergency' THEN k.emergency WHEN l.med_type >= '14' AND l.med_type < '15' THEN k.chronic ELSE k.outpatient END AS days_limit
  FROM line AS l
  JOIN {knowledge} AS k ON l.day >= k.from_day AND l.day < k.to_day
  WHERE l.payable = 1 AND l.supply_days > 1 AND l.way IS NOT NULL
    AND ((l.item >= 'T' AND l.item < 'U') OR (l.item >= 'X' AND l.item < 'Y') OR (l.item >= 'Z' AND l.item < 'a'))
) AS j
WHERE j.days > j.days_limit;

-- only of the few that are too long is it asked whether a stay's drug was taken home
CREATE TEMP TABLE judged_supply_days AS
SELECT j.rule_code AS rule_code, j.verdict AS verdict, j.bkkp_sn AS bkkp_sn, j.mdtrt_id AS mdtrt_id, j.fixmedins_code AS fixmedins_code, j.day AS day, j.inscp_amt AS inscp_amt, j.days AS days, j.days_limit AS days_limit,
  CASE WHEN j.way = 'inpatient' THEN f.dscg_tkdrug_flag ELSE '1' END AS take_home
FROM long_supply AS j
JOIN fee_list_d AS f ON f.bkkp_sn = j.bkkp_sn;

INSERT INTO hit
SELECT j.rule_code, '', j.verdict, 'line', j.bkkp_sn, j.mdtrt_id, 'fee_list_d', j.bkkp_sn, 'accused',
  (j.inscp_amt // j.days) * (j.days - j.days_limit) + ((j.inscp_amt % j.days) * (j.days - j.days_limit)) // j.days,
  '开药' || CAST(j.days AS TEXT) || '天，上限' || CAST(j.days_limit AS TEXT) || '天'
FROM judged_supply_days AS j
WHERE j.take_home = '1';

INSERT INTO unknown
SELECT j.rule_code, 'dscg_tkdrug_flag', 'fee_list_d', j.bkkp_sn, j.fixmedins_code, j.day
FROM judged_supply_days AS j
WHERE j.take_home IS NULL
