/*
name: peer_share
title: 与同级同类机构比较
about: 机构一个季度的某项占比，既达到参考值，又达到同级同类机构中位数的规定倍数。级别未登记、可比机构过少、数据量不足或所需项目漏填较多的不判。只作统计提示，不指向个人，不计金额。
scope: population
window: quarter
lookback_days: 400
subject: institution_period
knowledge: none
parameters:
  measure: {type: text, one_of: [drug, exam, consumable, treatment, ct, mr, infection, readmission, light_stay], about: 比较的占比}
  reference: {type: int, about: 占比的参考值（万分比，含）}
  times: {type: int, about: 同级同类机构中位数的倍数（万分比，须超过）}
  others: {type: int, about: 除本机构外至少有几家可比机构}
  least: {type: int, about: 一个季度至少有多少费用（分）或出院人次}
  fewest: {type: int, default: 1, about: 占比的分子至少达到此数（分或人次）}
  missing: {type: int, default: 500, about: 所需项目漏填的部分超过此比例即不判（万分比）}
  days: {type: int, default: 31, about: 出院到再入院的天数上限（含）}
  exam_share: {type: int, default: 10000, about: 检查化验费占住院费用达到此比例，且无手术，为检查为主的住院（万分比）}
*/
CREATE TEMP TABLE peer_quarter AS
SELECT q.span AS span, min(q.day) AS first_day, max(q.day) AS last_day
FROM (SELECT c.day AS day, c.year * 10 + (c.month % 100 + 2) // 3 AS span FROM calendar AS c) AS q
GROUP BY q.span;

-- Hospitals and what they are compared with: the same level for price limits and the same kind. Clinics have no level.
CREATE TEMP TABLE peer_institution AS
SELECT f.fixmedins_code AS fixmedins_code, f.lmtpric_hosp_lv || '|' || coalesce(m.medins_type, '') AS peers
FROM fixmedins_b AS f
LEFT JOIN medins_info_b AS m ON m.medins_code = f.fixmedins_code
WHERE f.fixmedins_type = '1' AND (f.hosp_lv IS NULL OR f.hosp_lv <> '11');

-- One scan over the charges. In the national numbering of services 2102 is magnetic resonance, 2103 computed tomography.
CREATE TEMP TABLE peer_charge AS
SELECT f.fixmedins_code AS fixmedins_code, c.year * 10 + (c.month % 100 + 2) // 3 AS span, substr(f.med_chrgitm_type, 1, 2) AS category,
  CASE
    WHEN f.med_list_codg >= '002103' AND f.med_list_codg < '002104' THEN 'ct'
    WHEN f.med_list_codg >= '002102' AND f.med_list_codg < '002103' THEN 'mr'
    ELSE ''
  END AS imaging,
  sum(f.det_item_fee_sumamt) AS fen
FROM fee_list_d AS f
JOIN peer_institution AS i ON i.fixmedins_code = f.fixmedins_code
JOIN calendar AS c ON c.day = f.fee_ocur_time_day
GROUP BY f.fixmedins_code, c.year * 10 + (c.month % 100 + 2) // 3, substr(f.med_chrgitm_type, 1, 2),
  CASE
    WHEN f.med_list_codg >= '002103' AND f.med_list_codg < '002104' THEN 'ct'
    WHEN f.med_list_codg >= '002102' AND f.med_list_codg < '002103' THEN 'mr'
    ELSE ''
  END;

CREATE TEMP TABLE peer_cost AS
SELECT c.fixmedins_code AS fixmedins_code, c.span AS span, sum(c.fen) AS whole,
  sum(CASE WHEN c.category IS NULL THEN c.fen ELSE 0 END) AS unnamed,
  sum(CASE WHEN c.category >= '09' AND c.category < '12' THEN c.fen ELSE 0 END) AS drug,
  sum(CASE WHEN c.category >= '03' AND c.category < '05' THEN c.fen ELSE 0 END) AS exam,
  sum(CASE WHEN c.category = '08' THEN c.fen ELSE 0 END) AS consumable,
  sum(CASE WHEN c.category = '05' THEN c.fen ELSE 0 END) AS treatment,
  sum(CASE WHEN c.imaging = 'ct' THEN c.fen ELSE 0 END) AS ct,
  sum(CASE WHEN c.imaging = 'mr' THEN c.fen ELSE 0 END) AS mr
FROM peer_charge AS c
GROUP BY c.fixmedins_code, c.span;

CREATE TEMP TABLE peer_stay_cost AS
SELECT f.mdtrt_id AS mdtrt_id, sum(f.det_item_fee_sumamt) AS whole,
  sum(CASE WHEN f.med_chrgitm_type IS NULL THEN f.det_item_fee_sumamt ELSE 0 END) AS unnamed,
  sum(CASE WHEN f.med_chrgitm_type >= '03' AND f.med_chrgitm_type < '05' THEN f.det_item_fee_sumamt ELSE 0 END) AS exam,
  sum(CASE WHEN f.med_chrgitm_type >= '06' AND f.med_chrgitm_type < '07' THEN f.det_item_fee_sumamt ELSE 0 END) AS surgery
FROM fee_list_d AS f
JOIN stay AS s ON s.mdtrt_id = f.mdtrt_id
GROUP BY f.mdtrt_id;

-- A diagnosis that was not there on admission (4) and is an infection.
CREATE TEMP TABLE peer_infected AS
SELECT d.mdtrt_id AS mdtrt_id, max(CASE WHEN d.adm_cond IS NULL THEN 0 ELSE 1 END) AS told, max(CASE WHEN d.adm_cond = '4' AND r.from_code IS NOT NULL THEN 1 ELSE 0 END) AS infected
FROM setl_diag_list_d AS d
JOIN stay AS s ON s.mdtrt_id = d.mdtrt_id
LEFT JOIN infection_diagnosis AS r ON d.diag_code >= r.from_code AND d.diag_code < r.to_code
GROUP BY d.mdtrt_id;

-- Above: from the data alone.

CREATE TEMP TABLE peer_stay AS
SELECT e.mdtrt_id AS mdtrt_id, e.fixmedins_code AS fixmedins_code, c.year * 10 + (c.month % 100 + 2) // 3 AS span, e.end_day AS end_day, e.dscg_way AS dscg_way,
  e.main_diagnosis AS main_diagnosis,
  lead(e.begin_day, 1) OVER (PARTITION BY e.who, e.fixmedins_code ORDER BY e.begin_day, e.begin_min, e.mdtrt_id) AS next_day,
  lead(e.mdtrt_id, 1) OVER (PARTITION BY e.who, e.fixmedins_code ORDER BY e.begin_day, e.begin_min, e.mdtrt_id) AS next_id
FROM encounter AS e
JOIN peer_institution AS i ON i.fixmedins_code = e.fixmedins_code
JOIN calendar AS c ON c.day = e.end_day
WHERE e.way = 'inpatient';

-- Returns that nobody planned; who was transferred or died is not expected back.
CREATE TEMP TABLE peer_return AS
SELECT s.mdtrt_id AS mdtrt_id, s.next_day - s.end_day AS gap
FROM peer_stay AS s
WHERE s.next_day >= s.end_day AND (s.dscg_way IS NULL OR s.dscg_way <> '2')
  AND NOT EXISTS (SELECT 1 FROM planned_diagnosis AS p WHERE p.prefix = s.main_diagnosis)
  AND NOT EXISTS (
    SELECT 1 FROM mdtrt_d AS m
    JOIN planned_diagnosis AS p ON p.prefix = substr(m.dscg_maindiag_code, 1, 3)
    WHERE m.mdtrt_id = s.next_id
  )
  AND NOT EXISTS (
    SELECT 1 FROM setl_diag_list_d AS d
    JOIN planned_diagnosis AS p ON p.prefix = substr(d.diag_code, 1, 3)
    WHERE d.mdtrt_id = s.mdtrt_id OR d.mdtrt_id = s.next_id
  );

-- An institution without the apparatus is no peer in imaging.
CREATE TEMP TABLE peer_part AS
SELECT k.rule_code AS rule_code, c.fixmedins_code AS fixmedins_code, c.span AS span, c.whole AS whole, c.whole AS counted,
  CASE k.measure WHEN 'drug' THEN c.drug WHEN 'exam' THEN c.exam WHEN 'consumable' THEN c.consumable WHEN 'treatment' THEN c.treatment WHEN 'ct' THEN c.ct ELSE c.mr END AS part,
  CASE WHEN k.measure = 'ct' OR k.measure = 'mr' THEN 0 ELSE c.unnamed END AS unnamed, 'med_chrgitm_type' AS field
FROM peer_cost AS c
JOIN peer_quarter AS q ON q.span = c.span
JOIN {knowledge} AS k ON q.first_day >= k.from_day AND q.first_day < k.to_day
WHERE k.measure IN ('drug', 'exam', 'consumable', 'treatment') OR (k.measure = 'ct' AND c.ct > 0) OR (k.measure = 'mr' AND c.mr > 0)
UNION ALL
SELECT k.rule_code, s.fixmedins_code, s.span, count(*), count(*), sum(coalesce(n.infected, 0)), count(*) - sum(coalesce(n.told, 0)), 'adm_cond'
FROM peer_stay AS s
JOIN peer_quarter AS q ON q.span = s.span
JOIN {knowledge} AS k ON q.first_day >= k.from_day AND q.first_day < k.to_day AND k.measure = 'infection'
LEFT JOIN peer_infected AS n ON n.mdtrt_id = s.mdtrt_id
GROUP BY k.rule_code, s.fixmedins_code, s.span
UNION ALL
SELECT k.rule_code, s.fixmedins_code, s.span, count(*), count(*), sum(CASE WHEN r.gap <= k.days THEN 1 ELSE 0 END), 0, 'dscg_way'
FROM peer_stay AS s
JOIN peer_quarter AS q ON q.span = s.span
JOIN {knowledge} AS k ON q.first_day >= k.from_day AND q.first_day < k.to_day AND k.measure = 'readmission'
LEFT JOIN peer_return AS r ON r.mdtrt_id = s.mdtrt_id
WHERE s.dscg_way IS NULL OR s.dscg_way <> '5'
GROUP BY k.rule_code, s.fixmedins_code, s.span
UNION ALL
SELECT k.rule_code, s.fixmedins_code, s.span, count(*), count(*),
  sum(CASE WHEN n.whole > 0 AND n.exam * 10000 >= n.whole * k.exam_share AND n.surgery = 0 AND o.mdtrt_id IS NULL THEN 1 ELSE 0 END),
  sum(CASE WHEN n.unnamed > 0 THEN 1 ELSE 0 END), 'med_chrgitm_type'
FROM peer_stay AS s
JOIN peer_quarter AS q ON q.span = s.span
JOIN {knowledge} AS k ON q.first_day >= k.from_day AND q.first_day < k.to_day AND k.measure = 'light_stay'
LEFT JOIN peer_stay_cost AS n ON n.mdtrt_id = s.mdtrt_id
LEFT JOIN (SELECT DISTINCT p.mdtrt_id AS mdtrt_id FROM oprninfo AS p) AS o ON o.mdtrt_id = s.mdtrt_id
GROUP BY k.rule_code, s.fixmedins_code, s.span;

-- What keeps an institution out of the comparison, the first that applies; `no` is the institution.
CREATE TEMP TABLE peer_compared AS
SELECT p.rule_code AS rule_code, p.fixmedins_code AS no, q.first_day AS first_day, q.last_day AS last_day, i.peers AS peers,
  p.part AS part, CASE WHEN p.part > 0 THEN (p.part * 10000) // p.whole ELSE 0 END AS share,
  k.reference AS reference, k.times AS times, k.others AS others, k.fewest AS fewest,
  CASE
    WHEN i.peers IS NULL THEN 'lmtpric_hosp_lv'
    WHEN p.counted < k.least THEN '数据量'
    WHEN p.unnamed * 10000 > p.whole * k.missing THEN p.field
  END AS obstacle
FROM peer_part AS p
JOIN peer_quarter AS q ON q.span = p.span
JOIN peer_institution AS i ON i.fixmedins_code = p.fixmedins_code
JOIN {knowledge} AS k ON k.rule_code = p.rule_code AND q.first_day >= k.from_day AND q.first_day < k.to_day
WHERE p.whole > 0;

-- Where they are even the higher of the two middle shares is the median.
CREATE TEMP TABLE judged_peer_share AS
SELECT r.rule_code AS rule_code, r.no AS no, r.first_day AS first_day, r.last_day AS last_day, r.share AS share, r.place AS place, r.total AS total, r.others AS others,
  CASE WHEN r.share >= r.reference AND r.part >= r.fewest THEN r.times END AS times,
  max(CASE WHEN r.place = r.total // 2 + 1 THEN r.share ELSE 0 END) OVER (PARTITION BY r.rule_code, r.peers, r.first_day) AS median
FROM (
  SELECT c.rule_code AS rule_code, c.no AS no, c.first_day AS first_day, c.last_day AS last_day, c.peers AS peers, c.part AS part, c.share AS share,
    c.reference AS reference, c.times AS times, c.others AS others, c.fewest AS fewest,
    row_number() OVER (PARTITION BY c.rule_code, c.peers, c.first_day ORDER BY c.share, c.no) AS place,
    count(*) OVER (PARTITION BY c.rule_code, c.peers, c.first_day) AS total
  FROM peer_compared AS c
  WHERE c.obstacle IS NULL
) AS r;

INSERT INTO hit
SELECT j.rule_code, '', '统计', 'institution_period', j.no, CAST(j.first_day AS TEXT) || '-' || CAST(j.last_day AS TEXT),
  'fixmedins_b', j.no, 'accused', 0,
  '占比' || CAST(j.share // 100 AS TEXT) || '.' || CAST((j.share % 100) // 10 AS TEXT) || '%，同级同类' || CAST(j.total AS TEXT) || '家机构中居第'
    || CAST(j.total - j.place + 1 AS TEXT) || '位，中位数' || CAST(j.median // 100 AS TEXT) || '.' || CAST((j.median % 100) // 10 AS TEXT) || '%'
FROM judged_peer_share AS j
WHERE j.total > j.others AND j.share * 10000 > j.median * j.times;

INSERT INTO unknown
SELECT c.rule_code, c.obstacle, 'fixmedins_b', c.no, c.no, c.first_day
FROM peer_compared AS c
WHERE c.obstacle IS NOT NULL;

INSERT INTO unknown
SELECT j.rule_code, '可比机构', 'fixmedins_b', j.no, j.no, j.first_day
FROM judged_peer_share AS j
WHERE j.total <= j.others
