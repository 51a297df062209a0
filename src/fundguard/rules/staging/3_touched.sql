-- Which charges any rule could be about, found on few columns before anything is netted (a refund only makes less of them).

-- Charges of items that have a daily cap or stand in a pair: they are many, so six columns must do. With them herbs that a rule
-- knows: where one was charged the whole prescription is judged.
CREATE TEMP TABLE daily_charge AS
SELECT f.psn_key AS psn_key, f.fixmedins_code AS fixmedins_code, f.fee_ocur_time_day AS day, f.med_list_codg AS item, f.mdtrt_id AS mdtrt_id, f.cnt AS cnt
FROM fee_list_d AS f
JOIN (
  SELECT q.item AS item FROM daily_cap AS q
  UNION
  SELECT p.code_a FROM item_pair AS p
  UNION
  SELECT p.code_b FROM item_pair AS p
  UNION
  SELECT k.item FROM known_item AS k WHERE k.item >= 'T' AND k.item < 'U'
) AS i ON i.item = f.med_list_codg
WHERE f.cnt > 0 OR (f.med_list_codg >= 'T' AND f.med_list_codg < 'U');

-- Days on which more of an item was charged to a person at one institution than a day allows.
CREATE TEMP TABLE busy_day AS
SELECT f.psn_key AS psn_key, f.day AS day, f.item AS item
FROM daily_charge AS f
JOIN daily_cap AS q ON q.item = f.item
WHERE f.cnt > 0
GROUP BY f.psn_key, f.fixmedins_code, f.day, f.item
HAVING sum(f.cnt) > min(q.cap_e4);

-- Days on which both items of a pair were charged to a person at one institution.
CREATE TEMP TABLE paired_day AS
SELECT DISTINCT a.psn_key AS psn_key, a.day AS day, p.code_a AS item_a, p.code_b AS item_b
FROM item_pair AS p
JOIN daily_charge AS a ON a.item = p.code_a
JOIN daily_charge AS b ON b.item = p.code_b AND b.psn_key = a.psn_key AND b.fixmedins_code = a.fixmedins_code AND b.day = a.day
WHERE a.cnt > 0 AND b.cnt > 0;

CREATE TEMP TABLE watched_day AS
SELECT b.psn_key AS psn_key, b.day AS day, b.item AS item FROM busy_day AS b
UNION
SELECT d.psn_key, d.day, d.item_a FROM paired_day AS d
UNION
SELECT d.psn_key, d.day, d.item_b FROM paired_day AS d;

-- Encounters worth a look at charges that no rule names. `watched`: 2 all of them, 1 the herbs, as a prescription is judged whole;
-- else those outside the days that raise no question of time: a stay until the day after discharge, anything until death.
CREATE TEMP TABLE expected_time AS
SELECT t.mdtrt_id AS mdtrt_id, max(t.from_day) AS from_day, min(t.to_day) AS to_day, max(t.watched) AS watched
FROM (
  SELECT s.mdtrt_id AS mdtrt_id, s.begin_day AS from_day, s.end_day + 1 AS to_day, 0 AS watched FROM stay AS s
  UNION ALL
  SELECT m.mdtrt_id, NULL, d.earliest_day, 0 FROM mdtrt_d AS m JOIN death AS d ON d.psn_key = m.psn_key
  UNION ALL
  SELECT f.mdtrt_id, NULL, NULL, 2
  FROM daily_charge AS f
  JOIN watched_day AS w ON w.psn_key = f.psn_key AND w.day = f.day AND w.item = f.item
  UNION ALL
  SELECT DISTINCT f.mdtrt_id, NULL, NULL, 1
  FROM daily_charge AS f
  JOIN known_item AS k ON k.item = f.item
  WHERE k.item >= 'T' AND k.item < 'U'
  UNION ALL
  -- days with more charges of drugs or herbs than a limit allows kinds: charges are quicker to count, and never fewer
  SELECT f.mdtrt_id, NULL, NULL, 2
  FROM fee_list_d AS f
  JOIN kind_limit AS q ON q.letter = substr(f.med_list_codg, 1, 1)
  WHERE f.cnt > 0
  GROUP BY f.mdtrt_id, f.fee_ocur_time_day, q.counts
  HAVING count(*) > min(q.kinds)
) AS t
GROUP BY t.mdtrt_id;

DROP TABLE daily_charge;

-- One scan over the charges fetches them, and with them every negative line; also what a finding tells of a line, so that
-- publication need not look for it again.
CREATE TEMP TABLE touched AS
SELECT
  f.bkkp_sn AS bkkp_sn,
  f.mdtrt_id AS mdtrt_id,
  f.setl_id AS setl_id,
  f.med_list_codg AS item,
  f.fee_ocur_time_day AS day,
  f.fee_ocur_time_min AS minute,
  f.cnt AS cnt,
  f.inscp_amt AS inscp_amt,
  f.prd_days AS prd_days,
  f.rx_drord_no AS rx_drord_no,
  f.marks AS marks,
  f.init_feedetl_sn AS init_feedetl_sn,
  f.row_hash AS row_hash,
  f.psn_key AS psn_key,
  f.fixmedins_code AS fixmedins_code,
  f.bilg_dr_code AS dr_code,
  CASE WHEN f.cnt < 0 OR f.inscp_amt < 0 OR f.det_item_fee_sumamt < 0 THEN 1 ELSE 0 END AS negative
FROM fee_list_d AS f
LEFT JOIN known_item AS k ON k.item = f.med_list_codg
LEFT JOIN expected_time AS t ON t.mdtrt_id = f.mdtrt_id
WHERE k.item IS NOT NULL
  OR t.watched = 2
  OR (t.watched = 1 AND f.med_list_codg >= 'T' AND f.med_list_codg < 'U')
  OR f.fee_ocur_time_day < t.from_day
  OR f.fee_ocur_time_day > t.to_day
  OR f.cnt < 0
  OR f.inscp_amt < 0
  OR f.det_item_fee_sumamt < 0
  OR f.med_list_codg IS NULL
  -- more days of supply than the way of treatment allows; 13 is emergency, 14 chronic disease
  OR (f.prd_days > (SELECT min(s.chronic) FROM supply_limit AS s) AND f.med_type >= '14' AND f.med_type < '15')
  OR (f.prd_days > (SELECT min(s.emergency) FROM supply_limit AS s) AND f.med_type >= '13' AND f.med_type < '14')
  OR (f.prd_days > (SELECT min(s.other) FROM supply_limit AS s) AND (f.med_type < '13' OR f.med_type >= '15'))
  OR (f.prd_days > (SELECT min(s.least) FROM supply_limit AS s) AND f.med_type IS NULL)
  OR instr(f.marks, 'sum:') > 0;

-- Negative lines, apart: those that name an original we have, and those (naming none, or one nobody knows) that must be
-- set against the same encounter, item and day.
CREATE TEMP TABLE refund AS
SELECT
  t.bkkp_sn AS bkkp_sn,
  t.mdtrt_id AS mdtrt_id,
  t.item AS item,
  t.day AS day,
  t.init_feedetl_sn AS init_feedetl_sn,
  abs(t.cnt) AS cnt,
  abs(t.inscp_amt) AS inscp_amt
FROM touched AS t
WHERE t.negative = 1;

CREATE TEMP TABLE refund_original AS
SELECT o.bkkp_sn AS bkkp_sn
FROM fee_list_d AS o
JOIN (SELECT DISTINCT r.init_feedetl_sn AS bkkp_sn FROM refund AS r WHERE r.init_feedetl_sn IS NOT NULL) AS i ON i.bkkp_sn = o.bkkp_sn;

CREATE TEMP TABLE refund_by_line AS
SELECT r.init_feedetl_sn AS bkkp_sn, sum(r.cnt) AS cnt, sum(r.inscp_amt) AS inscp_amt
FROM refund AS r
WHERE r.init_feedetl_sn IS NOT NULL
GROUP BY r.init_feedetl_sn;

CREATE TEMP TABLE refund_by_day AS
SELECT r.mdtrt_id AS mdtrt_id, r.item AS item, r.day AS day, sum(r.cnt) AS cnt, sum(r.inscp_amt) AS inscp_amt
FROM refund AS r
LEFT JOIN refund_original AS o ON o.bkkp_sn = r.init_feedetl_sn
WHERE o.bkkp_sn IS NULL
GROUP BY r.mdtrt_id, r.item, r.day;
