/*
name: pair
title: 不得同时收费
about: 两组项目在同一日（同一机构）、同一次就诊的同一日、同一次就诊或同一张处方内都收了费；保留规定的一边（或金额较大的一边），列出另一边。知识中的例外项目当日也收费的，不列。
scope: patient_window
window: day
lookback_days: 1
subject: person
knowledge: pair
*/
-- charges of either side with what both sides must share; NULL: the charge does not say
CREATE TEMP TABLE side_pair AS
SELECT s.rule_code AS rule_code, s.point AS point, s.verdict AS verdict, s.shared_in AS shared_in, s.keep AS keep, s.side AS side, l.who AS who,
  l.psn_key AS psn_key, l.mdtrt_id AS mdtrt_id, l.fixmedins_code AS fixmedins_code, l.day AS day, l.bkkp_sn AS bkkp_sn, l.item AS item, l.inscp_amt AS inscp_amt,
  CASE s.shared_in
    WHEN 'day' THEN l.fixmedins_code || '|' || CAST(l.day AS TEXT)
    WHEN 'session' THEN l.mdtrt_id || '|' || CAST(l.day AS TEXT)
    WHEN 'encounter' THEN l.mdtrt_id
    ELSE l.mdtrt_id || '|' || l.rx_drord_no
  END AS shared
FROM line AS l
JOIN (
  SELECT k.rule_code AS rule_code, k.point AS point, k.gravest AS verdict, k."window" AS shared_in, k.keep AS keep, 'a' AS side, k.code_a AS item, k.from_day AS from_day, k.to_day AS to_day
  FROM {knowledge} AS k
  UNION
  SELECT k.rule_code, k.point, k.gravest, k."window", k.keep, 'b', k.code_b, k.from_day, k.to_day
  FROM {knowledge} AS k
) AS s ON s.item = l.item AND l.day >= s.from_day AND l.day < s.to_day
WHERE l.payable = 1;

CREATE TEMP TABLE met_pair AS
SELECT a.rule_code AS rule_code, a.point AS point, a.who AS who, a.shared AS shared, a.verdict AS verdict, a.shared_in AS shared_in, a.item AS item_a, b.item AS item_b,
  CASE WHEN a.keep = 'dear' AND a.amount < b.amount THEN 'a' ELSE 'b' END AS accused
FROM (
  SELECT x.rule_code AS rule_code, x.point AS point, x.who AS who, x.shared AS shared, x.verdict AS verdict, x.shared_in AS shared_in, x.keep AS keep,
    min(x.item) AS item, sum(x.inscp_amt) AS amount
  FROM side_pair AS x
  WHERE x.side = 'a'
  GROUP BY x.rule_code, x.point, x.who, x.shared, x.verdict, x.shared_in, x.keep
) AS a
JOIN (
  SELECT y.rule_code AS rule_code, y.point AS point, y.who AS who, y.shared AS shared, min(y.item) AS item, sum(y.inscp_amt) AS amount
  FROM side_pair AS y
  WHERE y.side = 'b'
  GROUP BY y.rule_code, y.point, y.who, y.shared
) AS b ON b.rule_code = a.rule_code AND b.point = a.point AND b.who = a.who AND b.shared = a.shared;

-- what makes both payable, charged to anybody's account of that person on such a day, wherever and by whomever paid
CREATE TEMP TABLE excepted_pair AS
SELECT DISTINCT x.rule_code AS rule_code, x.point AS point, x.who AS who, x.shared AS shared
FROM (
  SELECT DISTINCT s.rule_code AS rule_code, s.point AS point, s.who AS who, s.shared AS shared, s.psn_key AS psn_key, s.day AS day, k.unless AS item
  FROM met_pair AS m
  JOIN side_pair AS s ON s.rule_code = m.rule_code AND s.point = m.point AND s.who = m.who AND s.shared = m.shared
  JOIN {knowledge} AS k ON k.rule_code = s.rule_code AND k.point = s.point
  WHERE k.unless IS NOT NULL
) AS x
JOIN fee_list_d AS f ON f.psn_key = x.psn_key AND f.fee_ocur_time_day = x.day AND f.med_list_codg = x.item
WHERE f.cnt > 0;

INSERT INTO hit
SELECT m.rule_code, m.point, m.verdict, 'person', m.who, m.shared || '|' || m.point, 'fee_list_d', s.bkkp_sn,
  CASE WHEN s.side = m.accused THEN 'accused' ELSE 'related' END,
  CASE WHEN s.side = m.accused THEN s.inscp_amt ELSE 0 END,
  CASE WHEN s.side <> m.accused THEN '保留的项目' || s.item
    ELSE CASE m.shared_in WHEN 'prescription' THEN '同一处方' WHEN 'encounter' THEN '同次就诊' ELSE '同日' END || '已收' ||
      CASE WHEN m.accused = 'b' THEN m.item_a ELSE m.item_b END || '，又收' || s.item END
FROM met_pair AS m
JOIN side_pair AS s ON s.rule_code = m.rule_code AND s.point = m.point AND s.who = m.who AND s.shared = m.shared
WHERE NOT EXISTS (
  SELECT 1 FROM excepted_pair AS x
  WHERE x.rule_code = m.rule_code AND x.point = m.point AND x.who = m.who AND x.shared = m.shared
);

-- both on one day of an encounter, but one of them under no prescription
INSERT INTO unknown
SELECT DISTINCT a.rule_code, 'rx_drord_no', 'fee_list_d', a.bkkp_sn, a.fixmedins_code, a.day
FROM side_pair AS a
JOIN side_pair AS b ON b.rule_code = a.rule_code AND b.point = a.point AND b.who = a.who AND b.mdtrt_id = a.mdtrt_id AND b.day = a.day AND b.side <> a.side
WHERE a.shared IS NULL
