/*
name: price_limit
title: 限定单价
about: 收费单价高于本地按机构级别规定的最高价；已由患者负担的超限价部分不计，列出范围内的超出部分。无等级的机构不按级别判。
scope: line
window: none
lookback_days: 0
subject: line
knowledge: price
*/
CREATE TEMP TABLE judged_price AS
SELECT k.rule_code AS rule_code, k.point AS point, k.gravest AS verdict, l.bkkp_sn AS bkkp_sn, l.mdtrt_id AS mdtrt_id, l.fixmedins_code AS fixmedins_code, l.day AS day, l.inscp_amt AS inscp_amt, l.level AS level,
  f.det_item_fee_sumamt - coalesce(f.overlmt_selfpay, 0) AS charged,
  -- rounded up, so that a price with parts of a fen is not too high by them
  ((CASE l.level WHEN 1 THEN k.level_1_fen WHEN 2 THEN k.level_2_fen WHEN 3 THEN k.level_3_fen END) * f.cnt + 9999) // 10000 AS allowed
FROM line AS l
JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
JOIN fee_list_d AS f ON f.bkkp_sn = l.bkkp_sn
WHERE l.payable = 1;

INSERT INTO hit
SELECT j.rule_code, j.point, j.verdict, 'line', j.bkkp_sn, j.mdtrt_id, 'fee_list_d', j.bkkp_sn, 'accused',
  (j.inscp_amt // j.charged) * (j.charged - j.allowed) + ((j.inscp_amt % j.charged) * (j.charged - j.allowed)) // j.charged,
  '计费' || CAST(j.charged AS TEXT) || '分，按限价为' || CAST(j.allowed AS TEXT) || '分'
FROM judged_price AS j
WHERE j.charged > j.allowed AND j.charged > 0;

INSERT INTO unknown
SELECT j.rule_code, 'lmtpric_hosp_lv', 'fee_list_d', j.bkkp_sn, j.fixmedins_code, j.day
FROM judged_price AS j
WHERE j.level IS NULL
