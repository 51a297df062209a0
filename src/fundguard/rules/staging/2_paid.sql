-- Settlements net of their refunds for which a fund still pays. Package settlements of prenatal care (51) and
-- assistance-only settlements (setl_type 3) are not judged by item. A view: each reader asks for few settlements.
CREATE TEMP TABLE refunded AS
SELECT s.init_setl_id AS setl_id, sum(abs(s.inscp_amt)) AS inscp_amt, sum(abs(s.fund_pay_sumamt)) AS fund_pay_sumamt
FROM setl_d AS s
WHERE s.refd_setl_flag = '1' AND s.init_setl_id IS NOT NULL
GROUP BY s.init_setl_id;

CREATE TEMP VIEW paid AS
SELECT
  s.setl_id AS setl_id,
  s.mdtrt_id AS mdtrt_id,
  s.insutype AS insutype,
  s.lmtpric_hosp_lv AS lmtpric_hosp_lv,
  s.hosp_lv AS hosp_lv,
  CASE WHEN s.gend = '1' OR s.gend = '2' THEN s.gend END AS sex,
  s.brdy_day AS birth_day,
  CASE WHEN s.nwb_flag = '1' THEN 1 ELSE 0 END AS newborn,
  s.inscp_amt - coalesce(r.inscp_amt, 0) AS inscp_amt,
  s.fund_pay_sumamt - coalesce(r.fund_pay_sumamt, 0) AS fund_pay_sumamt
FROM setl_d AS s
LEFT JOIN refunded AS r ON r.setl_id = s.setl_id
WHERE (s.refd_setl_flag IS NULL OR s.refd_setl_flag = '0')
  AND (s.setl_type IS NULL OR s.setl_type <> '3')
  AND (s.med_type IS NULL OR s.med_type <> '51')
  AND s.fund_pay_sumamt - coalesce(r.fund_pay_sumamt, 0) > 0
  AND s.inscp_amt - coalesce(r.inscp_amt, 0) > 0;

CREATE TEMP TABLE stay AS
SELECT m.mdtrt_id AS mdtrt_id, m.psn_key AS psn_key, m.begntime_day AS begin_day, m.endtime_day AS end_day
FROM mdtrt_d AS m
JOIN med_way AS w ON w.med_type = substr(m.med_type, 1, 2)
WHERE w.way = 'inpatient';

-- Visits anywhere during a stay, and how often each person came.
CREATE TEMP TABLE visit_during_stay AS
SELECT DISTINCT m.mdtrt_id AS mdtrt_id
FROM mdtrt_d AS m
JOIN stay AS s ON s.psn_key = m.psn_key AND m.begntime_day > s.begin_day AND (m.begntime_day < s.end_day OR s.end_day IS NULL);

CREATE TEMP TABLE visitor AS
SELECT m.psn_key AS psn_key, count(*) AS visits
FROM mdtrt_d AS m
WHERE m.psn_key IS NOT NULL
GROUP BY m.psn_key;

-- How many charges stand under each practitioner of an institution: the gate asks whether one code stands for all of them.
CREATE TEMP VIEW practised AS
SELECT f.fixmedins_code AS fixmedins_code, f.bilg_dr_code AS dr_code, count(*) AS lines
FROM fee_list_d AS f
WHERE f.bilg_dr_code IS NOT NULL
GROUP BY f.fixmedins_code, f.bilg_dr_code;

-- Above: from the data alone.
