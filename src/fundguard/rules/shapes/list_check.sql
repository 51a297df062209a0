/*
name: list_check
title: 结算清单核对
about: 住院结算清单缺项或自相矛盾：缺主要诊断、出院早于入院、年龄与出生日期相差两岁以上、住院天数与入出院日期不符、金额合计与分项不符。只提示核对，不计违规金额；从不填写主要诊断的机构，缺项不判。
scope: encounter
window: encounter
lookback_days: 0
subject: encounter
knowledge: none
parameters:
  sums: {type: text, default: "sum:", about: 导入时对金额合计所作的标记}
*/
CREATE TEMP TABLE list_stay AS
SELECT e.mdtrt_id AS mdtrt_id, e.fixmedins_code AS fixmedins_code, e.begin_day AS begin_day, e.end_day AS end_day, e.newborn AS newborn,
  CASE WHEN e.dscg_maindiag_code IS NULL AND d.mdtrt_id IS NULL THEN 0 ELSE 1 END AS diagnosed
FROM encounter AS e
LEFT JOIN (SELECT DISTINCT l.mdtrt_id AS mdtrt_id FROM setl_diag_list_d AS l WHERE l.maindiag_flag = '1') AS d ON d.mdtrt_id = e.mdtrt_id
WHERE e.way = 'inpatient';

CREATE TEMP TABLE list_told AS
SELECT s.fixmedins_code AS fixmedins_code, max(s.diagnosed) AS diagnosed
FROM list_stay AS s
GROUP BY s.fixmedins_code;

CREATE TEMP TABLE list_settled AS
SELECT t.mdtrt_id AS mdtrt_id, s.marks AS marks, s.age AS age, s.brdy_day AS birth_day, t.begin_day AS begin_day, t.newborn AS newborn
FROM list_stay AS t
JOIN needed_paid AS p ON p.mdtrt_id = t.mdtrt_id
JOIN setl_d AS s ON s.setl_id = p.setl_id;

-- Age is in tenths of a year: two years of tolerance, and the leap days.
CREATE TEMP TABLE judged_list_check AS
SELECT s.mdtrt_id AS mdtrt_id, '缺主要诊断' AS fault
FROM list_stay AS s
JOIN list_told AS t ON t.fixmedins_code = s.fixmedins_code
WHERE s.diagnosed = 0 AND t.diagnosed = 1
UNION ALL
SELECT s.mdtrt_id, '出院早于入院'
FROM list_stay AS s
WHERE s.end_day < s.begin_day
UNION ALL
SELECT s.mdtrt_id, '住院天数与入出院日期不符'
FROM list_stay AS s
JOIN mdtrt_d AS m ON m.mdtrt_id = s.mdtrt_id
WHERE s.end_day >= s.begin_day AND abs(m.ipt_days - (s.end_day - s.begin_day)) > 1
UNION ALL
SELECT DISTINCT s.mdtrt_id, '年龄与出生日期不符'
FROM list_settled AS s
WHERE s.newborn = 0 AND abs((s.begin_day - s.birth_day) * 10 - s.age * 365) > 7300 + 250;

CREATE TEMP TABLE judged_list_sum AS
SELECT DISTINCT k.rule_code AS rule_code, s.mdtrt_id AS mdtrt_id
FROM list_settled AS s
CROSS JOIN {knowledge} AS k
WHERE instr(s.marks, k.sums) > 0;

INSERT INTO hit
SELECT k.rule_code, '', '可疑', 'encounter', j.mdtrt_id, 'list', 'mdtrt_d', j.mdtrt_id, 'accused', 0, j.fault
FROM judged_list_check AS j
CROSS JOIN {knowledge} AS k;

INSERT INTO hit
SELECT j.rule_code, '', '可疑', 'encounter', j.mdtrt_id, 'list', 'mdtrt_d', j.mdtrt_id, 'accused', 0, '金额合计与分项不符'
FROM judged_list_sum AS j;

INSERT INTO unknown
SELECT k.rule_code, 'dscg_maindiag_code', 'mdtrt_d', s.mdtrt_id, s.fixmedins_code, s.begin_day
FROM list_stay AS s
JOIN list_told AS t ON t.fixmedins_code = s.fixmedins_code
CROSS JOIN {knowledge} AS k
WHERE s.diagnosed = 0 AND t.diagnosed = 0;

INSERT INTO unknown
SELECT k.rule_code, 'endtime', 'mdtrt_d', s.mdtrt_id, s.fixmedins_code, s.begin_day
FROM list_stay AS s
CROSS JOIN {knowledge} AS k
WHERE s.end_day IS NULL
