-- Encounters that a rule will look at: those of touched charges and of refunds without an original, all stays, visits elsewhere
-- during a stay, those with a code that may not be the person's, and those of persons who come often.
CREATE TEMP TABLE needed AS
SELECT t.mdtrt_id AS mdtrt_id FROM touched AS t WHERE t.mdtrt_id IS NOT NULL AND t.negative = 0
UNION
SELECT r.mdtrt_id FROM refund_by_day AS r WHERE r.mdtrt_id IS NOT NULL
UNION
SELECT s.mdtrt_id FROM stay AS s
UNION
SELECT v.mdtrt_id FROM visit_during_stay AS v
UNION
SELECT c.mdtrt_id FROM coded_visit AS c
UNION
SELECT m.mdtrt_id
FROM mdtrt_d AS m
JOIN (SELECT v.psn_key AS psn_key FROM visitor AS v WHERE v.visits > (SELECT min(l.visits) FROM visit_limit AS l)) AS o ON o.psn_key = m.psn_key;

CREATE TEMP TABLE needed_paid AS
SELECT p.setl_id AS setl_id, p.mdtrt_id AS mdtrt_id, p.insutype AS insutype, p.lmtpric_hosp_lv AS lmtpric_hosp_lv, p.hosp_lv AS hosp_lv,
  p.sex AS sex, p.birth_day AS birth_day, p.newborn AS newborn, p.inscp_amt AS inscp_amt
FROM paid AS p
JOIN needed AS n ON n.mdtrt_id = p.mdtrt_id;

CREATE TEMP TABLE paid_encounter AS
SELECT
  p.mdtrt_id AS mdtrt_id,
  sum(p.inscp_amt) AS inscp_amt,
  CASE WHEN min(p.insutype) = max(p.insutype) THEN min(p.insutype) END AS insutype,
  CASE WHEN min(p.lmtpric_hosp_lv) = max(p.lmtpric_hosp_lv) THEN min(p.lmtpric_hosp_lv) END AS lmtpric_hosp_lv,
  min(p.hosp_lv) AS hosp_lv,
  CASE WHEN min(p.sex) = max(p.sex) THEN min(p.sex) END AS sex,
  CASE WHEN min(p.sex) <> max(p.sex) THEN 1 ELSE 0 END AS sex_contradicts,
  CASE WHEN min(p.birth_day) = max(p.birth_day) THEN min(p.birth_day) END AS birth_day,
  CASE WHEN min(p.birth_day) <> max(p.birth_day) THEN 1 ELSE 0 END AS birth_contradicts,
  max(p.newborn) AS newborn
FROM needed_paid AS p
GROUP BY p.mdtrt_id;

-- Apart, so that no guess at sizes makes the engine gather all encounters to look up these few.
CREATE TEMP TABLE paid_visit AS
SELECT m.mdtrt_id AS mdtrt_id, m.psn_key AS psn_key, m.nwb_flag AS nwb_flag, m.fixmedins_code AS fixmedins_code, m.med_type AS med_type,
  m.begntime_day AS begntime_day, m.begntime_min AS begntime_min, m.endtime_day AS endtime_day, m.inhosp_stas AS inhosp_stas,
  m.dscg_maindiag_code AS dscg_maindiag_code, m.dscg_way AS dscg_way
FROM mdtrt_d AS m
JOIN paid_encounter AS x ON x.mdtrt_id = m.mdtrt_id;

-- Valid encounters for which a fund paid, with what the rules read of the person and the institution. `who` keeps a
-- newborn apart from the mother on whose account it is billed. A patient still in hospital is not judged.
CREATE TEMP TABLE encounter AS
SELECT
  m.mdtrt_id AS mdtrt_id,
  m.psn_key AS psn_key,
  m.psn_key || CASE WHEN x.newborn = 1 OR m.nwb_flag = '1' THEN '#newborn' ELSE '' END AS who,
  CASE WHEN x.newborn = 1 OR m.nwb_flag = '1' THEN 1 ELSE 0 END AS newborn,
  m.fixmedins_code AS fixmedins_code,
  m.med_type AS med_type,
  w.way AS way,
  m.begntime_day AS begin_day,
  m.begntime_min AS begin_min,
  m.endtime_day AS end_day,
  -- the three-character category exists in ICD-10 only; a foreign code system carries its name and a colon
  CASE WHEN instr(m.dscg_maindiag_code, ':') = 0 THEN substr(m.dscg_maindiag_code, 1, 3) END AS main_diagnosis,
  m.dscg_maindiag_code AS dscg_maindiag_code,
  m.dscg_way AS dscg_way,
  x.inscp_amt AS inscp_amt,
  x.insutype AS insutype,
  CASE
    WHEN f.fixmedins_type = '2' OR coalesce(x.hosp_lv, f.hosp_lv) = '11' THEN 0
    WHEN coalesce(x.lmtpric_hosp_lv, f.lmtpric_hosp_lv) = '1' THEN 1
    WHEN coalesce(x.lmtpric_hosp_lv, f.lmtpric_hosp_lv) = '2' THEN 2
    WHEN coalesce(x.lmtpric_hosp_lv, f.lmtpric_hosp_lv) = '3' THEN 3
  END AS level,
  CASE WHEN x.sex_contradicts = 1 OR p.sex <> x.sex THEN NULL ELSE coalesce(p.sex, x.sex) END AS sex,
  CASE WHEN x.birth_contradicts = 1 OR p.birth_day <> x.birth_day THEN NULL ELSE coalesce(p.birth_day, x.birth_day) END AS birth_day
FROM paid_visit AS m
JOIN paid_encounter AS x ON x.mdtrt_id = m.mdtrt_id
LEFT JOIN person AS p ON p.psn_key = m.psn_key
LEFT JOIN fixmedins_b AS f ON f.fixmedins_code = m.fixmedins_code
LEFT JOIN med_way AS w ON w.med_type = substr(m.med_type, 1, 2)
WHERE m.psn_key IS NOT NULL AND (m.inhosp_stas IS NULL OR m.inhosp_stas <> '1');
