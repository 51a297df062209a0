/*
name: elsewhere_during_stay
title: 住院期间外出就医购药
about: 住院期间（入院日、出院日除外）在其他机构发生门诊或购药结算。
scope: patient_window
window: rolling
lookback_days: 366
subject: encounter
knowledge: none
*/
CREATE TEMP TABLE judged_elsewhere_during_stay AS
SELECT k.rule_code AS rule_code, o.mdtrt_id AS mdtrt_id, s.mdtrt_id AS stay_id, o.inscp_amt AS inscp_amt, o.way AS way, o.begin_day - s.begin_day + 1 AS stay_day
FROM encounter AS s
JOIN encounter AS o ON o.who = s.who AND o.fixmedins_code <> s.fixmedins_code AND o.begin_day > s.begin_day AND o.begin_day < s.end_day
CROSS JOIN {knowledge} AS k
WHERE s.way = 'inpatient' AND o.way <> 'inpatient';

INSERT INTO hit
SELECT j.rule_code, '', '可疑', 'encounter', j.mdtrt_id, j.stay_id, 'mdtrt_d', j.mdtrt_id, 'accused', j.inscp_amt,
  '住院第' || CAST(j.stay_day AS TEXT) || '天在院外' || CASE WHEN j.way = 'pharmacy' THEN '购药' ELSE '就诊' END
FROM judged_elsewhere_during_stay AS j;

INSERT INTO hit
SELECT j.rule_code, '', '可疑', 'encounter', j.mdtrt_id, j.stay_id, 'mdtrt_d', j.stay_id, 'related', 0, '当时的住院'
FROM judged_elsewhere_during_stay AS j;

INSERT INTO unknown
SELECT k.rule_code, 'endtime', 'mdtrt_d', e.mdtrt_id, e.fixmedins_code, e.begin_day
FROM encounter AS e
CROSS JOIN {knowledge} AS k
WHERE e.way = 'inpatient' AND e.end_day IS NULL
