/*
name: kinds
title: 品种数
about: 同一次就诊的同一日（或同一张处方）内药品或饮片的品种数超过本地上限；同一药品的不同编码算一种。列出超出上限的后开品种。
scope: encounter
window: day
lookback_days: 0
subject: encounter
knowledge: none
parameters:
  counts: {type: text, one_of: [drug, herb], about: drug 西药和中成药；herb 中药饮片}
  within: {type: text, one_of: [day, prescription], about: 计数的范围}
  limit: {type: int, about: 品种数上限（含）}
*/
CREATE TEMP TABLE counted_kinds AS
SELECT k.rule_code AS rule_code, k.gravest AS verdict, k.within AS counted_in, k.limit_count AS limit_count, l.bkkp_sn AS bkkp_sn, l.who AS who, l.mdtrt_id AS mdtrt_id, l.fixmedins_code AS fixmedins_code, l.day AS day, l.minute AS minute, l.inscp_amt AS inscp_amt,
  CASE WHEN k.within = 'day' THEN CAST(l.day AS TEXT) ELSE l.rx_drord_no END AS shared,
  -- the part of the code that names the drug: form, strength, package and maker come after it
  CASE WHEN l.item >= 'X' AND l.item < 'Y' THEN substr(l.item, 1, 10) WHEN l.item >= 'Z' THEN substr(l.item, 1, 11) ELSE l.item END AS kind
FROM line AS l
JOIN (
  SELECT q.rule_code AS rule_code, q.gravest AS gravest, q.counts AS counts, q.within AS within, q."limit" AS limit_count, q.from_day AS from_day, q.to_day AS to_day
  FROM {knowledge} AS q
) AS k ON l.day >= k.from_day AND l.day < k.to_day
  AND ((k.counts = 'herb' AND l.item >= 'T' AND l.item < 'U')
    OR (k.counts = 'drug' AND ((l.item >= 'X' AND l.item < 'Y') OR (l.item >= 'Z' AND l.item < 'a'))))
WHERE l.payable = 1;

-- kinds in the order in which they were first charged
CREATE TEMP TABLE ranked_kinds AS
SELECT s.rule_code AS rule_code, s.who AS who, s.mdtrt_id AS mdtrt_id, s.shared AS shared, s.kind AS kind,
  row_number() OVER (PARTITION BY s.rule_code, s.who, s.mdtrt_id, s.shared ORDER BY s.minute, s.bkkp_sn) AS place,
  count(*) OVER (PARTITION BY s.rule_code, s.who, s.mdtrt_id, s.shared) AS kinds
FROM (
  SELECT c.rule_code AS rule_code, c.who AS who, c.mdtrt_id AS mdtrt_id, c.shared AS shared, c.kind AS kind, min(c.minute) AS minute, min(c.bkkp_sn) AS bkkp_sn
  FROM counted_kinds AS c
  WHERE c.shared IS NOT NULL
  GROUP BY c.rule_code, c.who, c.mdtrt_id, c.shared, c.kind
) AS s;

INSERT INTO hit
SELECT c.rule_code, '', c.verdict, 'encounter', c.mdtrt_id, c.shared, 'fee_list_d', c.bkkp_sn,
  CASE WHEN r.place > c.limit_count THEN 'accused' ELSE 'related' END, CASE WHEN r.place > c.limit_count THEN c.inscp_amt ELSE 0 END,
  CAST(r.kinds AS TEXT) || '种，上限' || CAST(c.limit_count AS TEXT) || '种'
FROM counted_kinds AS c
JOIN ranked_kinds AS r ON r.rule_code = c.rule_code AND r.who = c.who AND r.mdtrt_id = c.mdtrt_id AND r.shared = c.shared AND r.kind = c.kind
WHERE r.kinds > c.limit_count;

-- too many on one day, but nobody says under which prescription
INSERT INTO unknown
SELECT c.rule_code, 'rx_drord_no', 'fee_list_d', c.bkkp_sn, c.fixmedins_code, c.day
FROM counted_kinds AS c
JOIN (
  SELECT d.rule_code AS rule_code, d.who AS who, d.mdtrt_id AS mdtrt_id, d.day AS day, max(d.limit_count) AS limit_count, count(DISTINCT d.kind) AS kinds
  FROM counted_kinds AS d
  WHERE d.shared IS NULL
  GROUP BY d.rule_code, d.who, d.mdtrt_id, d.day
) AS u ON u.rule_code = c.rule_code AND u.who = c.who AND u.mdtrt_id = c.mdtrt_id AND u.day = c.day
WHERE c.shared IS NULL AND u.kinds > u.limit_count
