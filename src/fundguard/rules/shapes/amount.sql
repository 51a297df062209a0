/*
name: amount
title: 限额
about: 同一知识点的全部编码，在同一机构的同一自然日、同一次就诊或一个自然年内金额合计超过限额；可以规定只在多种编码同时收费时核对（应合并收费而分开收费，限额为合并项目的价格）。列出超出限额的后发生费用，金额只计超出部分。
scope: patient_window
window: year
lookback_days: 366
subject: person
knowledge: amount
parameters:
  counts: {type: text, one_of: [fund, in_scope], about: fund 按基金支付的部分合计；in_scope 按范围内金额合计}
*/
CREATE TEMP TABLE counted_amount AS
SELECT c.rule_code AS rule_code, c.point AS point, c.verdict AS verdict, c.cap AS cap, c.parts AS parts, c.counted_in AS counted_in, c.who AS who, c.shared AS shared, c.bkkp_sn AS bkkp_sn, c.item AS item, c.minute AS minute,
  c.inscp_amt AS inscp_amt, c.counted AS counted
FROM (
  SELECT k.rule_code AS rule_code, k.point AS point, k.gravest AS verdict, k.cap_fen AS cap, k.parts AS parts, k."window" AS counted_in, l.who AS who, l.bkkp_sn AS bkkp_sn, l.item AS item, l.minute AS minute, l.inscp_amt AS inscp_amt,
    CASE k."window" WHEN 'day' THEN l.fixmedins_code || '|' || CAST(l.day AS TEXT) WHEN 'year' THEN l.fixmedins_code || '|' || CAST(l.year AS TEXT) ELSE l.mdtrt_id END AS shared,
    CASE WHEN k.counts = 'in_scope' THEN l.inscp_amt
      ELSE (l.inscp_amt // p.inscp_amt) * p.fund_pay_sumamt + ((l.inscp_amt % p.inscp_amt) * p.fund_pay_sumamt) // p.inscp_amt END AS counted
  FROM line AS l
  JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
  JOIN paid AS p ON p.setl_id = l.setl_id
  WHERE l.payable = 1
) AS c
WHERE c.counted > 0;

CREATE TEMP TABLE judged_amount AS
SELECT c.rule_code AS rule_code, c.point AS point, c.verdict AS verdict, c.cap AS cap, c.counted_in AS counted_in, c.who AS who, c.shared AS shared, c.bkkp_sn AS bkkp_sn, c.inscp_amt AS inscp_amt, c.counted AS counted, t.total AS total,
  sum(c.counted) OVER (PARTITION BY c.rule_code, c.point, c.who, c.shared ORDER BY c.minute, c.bkkp_sn) AS upto
FROM counted_amount AS c
JOIN (
  SELECT a.rule_code AS rule_code, a.point AS point, a.who AS who, a.shared AS shared, sum(a.counted) AS total
  FROM counted_amount AS a
  GROUP BY a.rule_code, a.point, a.who, a.shared
  HAVING sum(a.counted) > max(a.cap) AND count(DISTINCT a.item) >= coalesce(max(a.parts), 1)
) AS t ON t.rule_code = c.rule_code AND t.point = c.point AND t.who = c.who AND t.shared = c.shared;

-- over = what of this line lies beyond the cap, as counted; its share of the in-scope amount
INSERT INTO hit
SELECT j.rule_code, j.point, j.verdict, 'person', j.who, j.shared || '|' || j.point, 'fee_list_d', j.bkkp_sn,
  CASE WHEN j.over > 0 THEN 'accused' ELSE 'related' END,
  (j.inscp_amt // j.counted) * j.over + ((j.inscp_amt % j.counted) * j.over) // j.counted,
  CASE j.counted_in WHEN 'day' THEN '当日' WHEN 'year' THEN '当年' ELSE '本次就诊' END || '合计' || CAST(j.total AS TEXT) || '分，限额' || CAST(j.cap AS TEXT) || '分'
FROM (
  SELECT q.rule_code AS rule_code, q.point AS point, q.verdict AS verdict, q.counted_in AS counted_in, q.who AS who, q.shared AS shared, q.bkkp_sn AS bkkp_sn, q.inscp_amt AS inscp_amt, q.counted AS counted, q.total AS total, q.cap AS cap,
    CASE WHEN q.upto <= q.cap THEN 0 WHEN q.upto - q.cap >= q.counted THEN q.counted ELSE q.upto - q.cap END AS over
  FROM judged_amount AS q
) AS j
