/*
name: routine_item
title: 检查检验普遍开展
about: 一个季度内，一家医院某项检查或检验的住院患者覆盖率，既达到参考值，又超过同级同类机构合计覆盖率的规定倍数。级别未登记、可比机构过少、住院人次不足的不判。只作统计提示，不指向个人，不计金额。
scope: population
window: quarter
lookback_days: 100
subject: institution_period
knowledge: none
parameters:
  reference: {type: int, about: 覆盖率的参考值（万分比，含）}
  times: {type: int, about: 同级同类机构合计覆盖率的倍数（万分比，须超过）}
  others: {type: int, about: 除本机构外至少有几家可比机构}
  least: {type: int, about: 一个季度至少有多少出院人次}
*/
-- 03 examinations, 04 laboratory tests
CREATE TEMP TABLE routine_charge AS
SELECT DISTINCT f.mdtrt_id AS mdtrt_id, f.med_list_codg AS item
FROM fee_list_d AS f
JOIN stay AS s ON s.mdtrt_id = f.mdtrt_id
WHERE f.med_chrgitm_type >= '03' AND f.med_chrgitm_type < '05' AND f.med_list_codg IS NOT NULL AND f.cnt > 0;

CREATE TEMP TABLE routine_institution AS
SELECT f.fixmedins_code AS fixmedins_code, f.lmtpric_hosp_lv || '|' || coalesce(m.medins_type, '') AS peers
FROM fixmedins_b AS f
LEFT JOIN medins_info_b AS m ON m.medins_code = f.fixmedins_code
WHERE f.fixmedins_type = '1' AND (f.hosp_lv IS NULL OR f.hosp_lv <> '11');

CREATE TEMP TABLE routine_quarter AS
SELECT q.span AS span, min(q.day) AS first_day, max(q.day) AS last_day
FROM (SELECT c.day AS day, c.year * 10 + (c.month % 100 + 2) // 3 AS span FROM calendar AS c) AS q
GROUP BY q.span;

-- Above: from the data alone.

CREATE TEMP TABLE routine_stay AS
SELECT e.mdtrt_id AS mdtrt_id, e.fixmedins_code AS fixmedins_code, i.peers AS peers, c.year * 10 + (c.month % 100 + 2) // 3 AS span
FROM encounter AS e
JOIN routine_institution AS i ON i.fixmedins_code = e.fixmedins_code
JOIN calendar AS c ON c.day = e.end_day
WHERE e.way = 'inpatient' AND e.newborn = 0;

CREATE TEMP TABLE routine_size AS
SELECT s.fixmedins_code AS fixmedins_code, s.peers AS peers, s.span AS span, s.stays AS stays,
  sum(s.stays) OVER (PARTITION BY s.peers, s.span) - s.stays AS other_stays,
  count(*) OVER (PARTITION BY s.peers, s.span) - 1 AS others
FROM (
  SELECT t.fixmedins_code AS fixmedins_code, t.peers AS peers, t.span AS span, count(*) AS stays
  FROM routine_stay AS t
  GROUP BY t.fixmedins_code, t.peers, t.span
) AS s;

CREATE TEMP TABLE judged_routine_item AS
SELECT u.item AS item, z.fixmedins_code AS fixmedins_code, z.span AS span, z.stays AS stays, z.other_stays AS other_stays, z.others AS others, u.users AS users,
  sum(u.users) OVER (PARTITION BY z.peers, z.span, u.item) - u.users AS other_users
FROM (
  SELECT s.fixmedins_code AS fixmedins_code, s.span AS span, c.item AS item, count(*) AS users
  FROM routine_stay AS s
  JOIN routine_charge AS c ON c.mdtrt_id = s.mdtrt_id
  GROUP BY s.fixmedins_code, s.span, c.item
) AS u
JOIN routine_size AS z ON z.fixmedins_code = u.fixmedins_code AND z.span = u.span
WHERE z.peers IS NOT NULL;

INSERT INTO hit
SELECT k.rule_code, '', '统计', 'institution_period', j.fixmedins_code || '|' || j.item, CAST(q.first_day AS TEXT) || '-' || CAST(q.last_day AS TEXT),
  'fixmedins_b', j.fixmedins_code, 'accused', 0,
  '项目' || j.item || '：住院' || CAST(j.stays AS TEXT) || '人次中' || CAST(j.users AS TEXT) || '人次开展，其他同级同类机构' || CAST(j.other_stays AS TEXT) || '人次中'
    || CAST(j.other_users AS TEXT) || '人次'
FROM judged_routine_item AS j
JOIN routine_quarter AS q ON q.span = j.span
JOIN {knowledge} AS k ON q.first_day >= k.from_day AND q.first_day < k.to_day
WHERE j.stays >= k.least AND j.others >= k.others AND j.users * 10000 >= j.stays * k.reference
  AND j.users * j.other_stays * 10000 > j.other_users * j.stays * k.times;

INSERT INTO unknown
SELECT k.rule_code, CASE WHEN z.peers IS NULL THEN 'lmtpric_hosp_lv' WHEN z.stays < k.least THEN '数据量' ELSE '可比机构' END, 'fixmedins_b', z.fixmedins_code, z.fixmedins_code, q.first_day
FROM routine_size AS z
JOIN routine_quarter AS q ON q.span = z.span
JOIN {knowledge} AS k ON q.first_day >= k.from_day AND q.first_day < k.to_day
WHERE z.peers IS NULL OR z.stays < k.least OR z.others < k.others
