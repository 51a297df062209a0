/*
name: same_group
title: 同组项目
about: 同一人在同一次就诊的同一日（或同一机构的同一日）收了同组的两种及以上项目。应付比例为零时，金额最大的一种保留，其余全额列出；否则以定价上限为原价，超出比例的部分最大的一种保留，其余列出超出部分。
scope: patient_window
window: day
lookback_days: 1
subject: person
knowledge: item_group
parameters:
  within: {type: text, one_of: [session, day], about: session 同一次就诊的同一日；day 同一机构的同一日（跨就诊）}
  share: {type: int, about: 第二种及以后应付的比例（万分比）}
*/
CREATE TEMP TABLE member_group AS
SELECT k.rule_code AS rule_code, k.point AS point, k.gravest AS verdict, k.group_name AS group_name, k.share AS share, l.who AS who, l.fixmedins_code AS fixmedins_code, l.day AS day,
  l.bkkp_sn AS bkkp_sn, l.inscp_amt AS inscp_amt,
  CASE WHEN k.within = 'day' THEN l.fixmedins_code ELSE l.mdtrt_id END || '|' || CAST(l.day AS TEXT) AS shared
FROM line AS l
JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
WHERE l.payable = 1;

CREATE TEMP TABLE crowded_group AS
SELECT g.rule_code AS rule_code, g.group_name AS group_name, g.who AS who, g.shared AS shared, count(DISTINCT g.point) AS points
FROM member_group AS g
GROUP BY g.rule_code, g.group_name, g.who, g.shared
HAVING count(DISTINCT g.point) > 1;

-- prices in fen; a quantity below one is itself a discount
CREATE TEMP TABLE priced_group AS
SELECT p.rule_code AS rule_code, p.point AS point, p.verdict AS verdict, p.group_name AS group_name, p.who AS who, p.fixmedins_code AS fixmedins_code, p.day AS day, p.shared AS shared, p.points AS points,
  p.bkkp_sn AS bkkp_sn,
  CASE
    WHEN p.share = 0 THEN p.inscp_amt
    WHEN p.listed IS NULL THEN NULL
    WHEN p.charged <= (p.listed * p.share) // 10000 THEN 0
    ELSE (p.inscp_amt // p.charged) * (p.charged - (p.listed * p.share) // 10000) + ((p.inscp_amt % p.charged) * (p.charged - (p.listed * p.share) // 10000)) // p.charged
  END AS excess
FROM (
  SELECT g.rule_code AS rule_code, g.point AS point, g.verdict AS verdict, g.group_name AS group_name, g.share AS share, g.who AS who, g.fixmedins_code AS fixmedins_code, g.day AS day, g.shared AS shared,
    c.points AS points, g.bkkp_sn AS bkkp_sn, g.inscp_amt AS inscp_amt, f.pric_uplmt_amt // 10000 AS listed,
    CASE WHEN f.cnt > 0 AND f.cnt < 10000 THEN ((f.pric // 10000) * f.cnt) // 10000 ELSE f.pric // 10000 END AS charged
  FROM member_group AS g
  JOIN crowded_group AS c ON c.rule_code = g.rule_code AND c.group_name = g.group_name AND c.who = g.who AND c.shared = g.shared
  JOIN fee_list_d AS f ON f.bkkp_sn = g.bkkp_sn
) AS p;

-- one kind is kept: the one with the largest excess
CREATE TEMP TABLE ranked_group AS
SELECT s.rule_code AS rule_code, s.point AS point, s.group_name AS group_name, s.who AS who, s.shared AS shared, s.unpriced AS unpriced,
  row_number() OVER (PARTITION BY s.rule_code, s.group_name, s.who, s.shared ORDER BY s.excess DESC, s.bkkp_sn) AS place,
  sum(s.unpriced) OVER (PARTITION BY s.rule_code, s.group_name, s.who, s.shared) AS all_unpriced
FROM (
  SELECT p.rule_code AS rule_code, p.point AS point, p.group_name AS group_name, p.who AS who, p.shared AS shared, min(p.bkkp_sn) AS bkkp_sn,
    coalesce(sum(p.excess), 0) AS excess, max(CASE WHEN p.excess IS NULL THEN 1 ELSE 0 END) AS unpriced
  FROM priced_group AS p
  GROUP BY p.rule_code, p.point, p.group_name, p.who, p.shared
) AS s;

CREATE TEMP TABLE judged_group AS
SELECT p.rule_code AS rule_code, p.point AS point, p.verdict AS verdict, p.group_name AS group_name, p.who AS who, p.fixmedins_code AS fixmedins_code, p.day AS day, p.shared AS shared, p.points AS points,
  p.bkkp_sn AS bkkp_sn, r.all_unpriced AS all_unpriced, CASE WHEN r.place = 1 THEN 0 ELSE p.excess END AS excess
FROM priced_group AS p
JOIN ranked_group AS r ON r.rule_code = p.rule_code AND r.point = p.point AND r.group_name = p.group_name AND r.who = p.who AND r.shared = p.shared;

INSERT INTO hit
SELECT j.rule_code, j.point, j.verdict, 'person', j.who, j.shared || '|' || j.group_name, 'fee_list_d', j.bkkp_sn,
  CASE WHEN j.excess > 0 THEN 'accused' ELSE 'related' END, j.excess, '同组' || CAST(j.points AS TEXT) || '种：' || j.group_name
FROM judged_group AS j
WHERE j.all_unpriced = 0
  AND EXISTS (
    SELECT 1 FROM judged_group AS o
    WHERE o.rule_code = j.rule_code AND o.group_name = j.group_name AND o.who = j.who AND o.shared = j.shared AND o.excess > 0
  );

INSERT INTO unknown
SELECT j.rule_code, 'pric_uplmt_amt', 'fee_list_d', j.bkkp_sn, j.fixmedins_code, j.day
FROM judged_group AS j
WHERE j.all_unpriced > 0
