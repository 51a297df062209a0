/*
name: stock_balance
title: 进销存核对
about: 两次盘存之间，销售数量大于“期初盘存＋购进－购进退货－期末盘存”。缺期初或期末盘存、各批号不在同日盘存的不判。需现场核实，金额按超出数量占医保明细数量的比例估计。
scope: cross_patient
window: period
lookback_days: 400
subject: item_stock_period
knowledge: none
parameters:
  items: {type: text, default: drug, one_of: [drug, consumable], about: 药品或耗材}
*/
CREATE TEMP TABLE stock_lot AS
SELECT i.fixmedins_code AS fixmedins_code, i.med_list_codg AS item, i.invdate_day AS day, coalesce(i.manu_lotnum, '') AS lot,
  -- a batch counted without a number makes the whole count unknown
  CASE WHEN count(*) = count(i.inv_cnt) THEN sum(i.inv_cnt) END AS cnt, min(i.medins_prod_inv_no) AS no
FROM stock_count_3501 AS i
GROUP BY i.fixmedins_code, i.med_list_codg, i.invdate_day, coalesce(i.manu_lotnum, '');

-- A lot that was counted before and after a day but not on it was on the shelf: that day's count is a part of the stock.
CREATE TEMP TABLE stock_part AS
SELECT DISTINCT d.fixmedins_code AS fixmedins_code, d.item AS item, d.day AS day
FROM stock_lot AS d
JOIN (
  SELECT l.fixmedins_code AS fixmedins_code, l.item AS item, l.lot AS lot, min(l.day) AS first_day, max(l.day) AS last_day
  FROM stock_lot AS l
  GROUP BY l.fixmedins_code, l.item, l.lot
) AS s ON s.fixmedins_code = d.fixmedins_code AND s.item = d.item AND s.first_day < d.day AND s.last_day > d.day
WHERE NOT EXISTS (
  SELECT 1 FROM stock_lot AS o WHERE o.fixmedins_code = d.fixmedins_code AND o.item = d.item AND o.day = d.day AND o.lot = s.lot
);

-- Two counts without a lot in common may be two parts of one count: what was in stock between them is not known.
CREATE TEMP TABLE stock_period AS
SELECT c.fixmedins_code AS fixmedins_code, c.item AS item, c.day AS from_day, c.next_day AS to_day, c.next_cnt AS closing, c.next_no AS closing_no, c.no AS opening_no,
  CASE WHEN EXISTS (
    SELECT 1 FROM stock_lot AS a
    JOIN stock_lot AS b ON b.fixmedins_code = a.fixmedins_code AND b.item = a.item AND b.lot = a.lot
    WHERE a.fixmedins_code = c.fixmedins_code AND a.item = c.item AND a.day = c.day AND b.day = c.next_day
  ) THEN c.cnt END AS opening
FROM (
  SELECT s.fixmedins_code AS fixmedins_code, s.item AS item, s.day AS day, s.cnt AS cnt, s.no AS no,
    lead(s.day, 1) OVER (PARTITION BY s.fixmedins_code, s.item ORDER BY s.day, s.no) AS next_day,
    lead(s.cnt, 1) OVER (PARTITION BY s.fixmedins_code, s.item ORDER BY s.day, s.no) AS next_cnt,
    lead(s.no, 1) OVER (PARTITION BY s.fixmedins_code, s.item ORDER BY s.day, s.no) AS next_no
  FROM (
    SELECT l.fixmedins_code AS fixmedins_code, l.item AS item, l.day AS day,
      CASE WHEN count(*) = count(l.cnt) AND count(p.day) = 0 THEN sum(l.cnt) END AS cnt, min(l.no) AS no
    FROM stock_lot AS l
    LEFT JOIN stock_part AS p ON p.fixmedins_code = l.fixmedins_code AND p.item = l.item AND p.day = l.day
    GROUP BY l.fixmedins_code, l.item, l.day
  ) AS s
) AS c
WHERE c.next_day IS NOT NULL;

-- The first day on or after each day on which anybody counted: movements between two such days belong to the same periods.
CREATE TEMP TABLE stock_span AS
SELECT c.day AS day, min(i.day) AS count_day
FROM calendar AS c
JOIN (SELECT DISTINCT s.invdate_day AS day FROM stock_count_3501 AS s) AS i ON i.day >= c.day
WHERE c.day >= (SELECT min(s.invdate_day) FROM stock_count_3501 AS s)
GROUP BY c.day;

CREATE TEMP TABLE stock_move AS
SELECT m.fixmedins_code AS fixmedins_code, m.item AS item, t.count_day AS day, sum(m.received) AS received, sum(m.sold) AS sold
FROM (
  SELECT p.fixmedins_code AS fixmedins_code, p.med_list_codg AS item, p.purc_retn_stoin_time_day AS day, abs(p.purc_retn_cnt) AS received, 0 AS sold FROM purchase_3503 AS p
  UNION ALL
  SELECT p.fixmedins_code, p.med_list_codg, p.purc_retn_stoin_time_day, -abs(p.purc_retn_cnt), 0 FROM purchase_return_3504 AS p
  UNION ALL
  SELECT h.fixmedins_code, h.med_list_codg, h.inv_chg_time_day, h.cnt, 0 FROM stock_change_3502 AS h
  UNION ALL
  SELECT s.fixmedins_code, s.med_list_codg, s.sel_retn_time_day, 0, abs(s.sel_retn_cnt) FROM sale_3505 AS s
  UNION ALL
  SELECT r.fixmedins_code, r.med_list_codg, r.sel_retn_time_day, 0, -abs(r.sel_retn_cnt) FROM sale_return_3506 AS r
) AS m
JOIN stock_span AS t ON t.day = m.day
GROUP BY m.fixmedins_code, m.item, t.count_day;

-- a count is taken at the end of its day: movements belong to the days after it
CREATE TEMP TABLE judged_stock_balance AS
SELECT b.fixmedins_code AS fixmedins_code, b.item AS item, b.from_day AS from_day, b.to_day AS to_day, b.opening_no AS opening_no, b.closing_no AS closing_no,
  b.sold AS sold, b.opening + b.received - b.closing AS available
FROM (
  SELECT p.fixmedins_code AS fixmedins_code, p.item AS item, p.from_day AS from_day, p.to_day AS to_day, p.opening AS opening, p.closing AS closing,
    p.opening_no AS opening_no, p.closing_no AS closing_no, coalesce(sum(m.received), 0) AS received, coalesce(sum(m.sold), 0) AS sold
  FROM stock_period AS p
  LEFT JOIN stock_move AS m ON m.fixmedins_code = p.fixmedins_code AND m.item = p.item AND m.day > p.from_day AND m.day <= p.to_day
  GROUP BY p.fixmedins_code, p.item, p.from_day, p.to_day, p.opening, p.closing, p.opening_no, p.closing_no
) AS b
WHERE b.sold > b.opening + b.received - b.closing;

CREATE TEMP TABLE stock_charge AS
SELECT j.fixmedins_code AS fixmedins_code, j.item AS item, j.from_day AS from_day, f.setl_id AS setl_id, f.mdtrt_id AS mdtrt_id, f.cnt AS cnt, f.inscp_amt AS inscp_amt
FROM fee_list_d AS f
JOIN judged_stock_balance AS j ON f.fixmedins_code = j.fixmedins_code AND f.med_list_codg = j.item AND f.fee_ocur_time_day > j.from_day AND f.fee_ocur_time_day <= j.to_day;

CREATE TEMP TABLE judged_stock_claims AS
SELECT f.fixmedins_code AS fixmedins_code, f.item AS item, f.from_day AS from_day, sum(f.cnt) AS cnt, sum(f.inscp_amt) AS inscp_amt
FROM stock_charge AS f
JOIN paid AS p ON p.setl_id = f.setl_id
JOIN mdtrt_d AS m ON m.mdtrt_id = f.mdtrt_id
GROUP BY f.fixmedins_code, f.item, f.from_day
HAVING sum(f.cnt) > 0 AND sum(f.inscp_amt) > 0;

-- Above: from the data alone.

INSERT INTO hit
SELECT k.rule_code, '', '可疑', 'item_stock_period', j.fixmedins_code || '|' || j.item, CAST(j.from_day AS TEXT) || '-' || CAST(j.to_day AS TEXT),
  'stock_count_3501', j.closing_no, 'accused',
  CASE WHEN j.sold - j.available >= c.cnt THEN c.inscp_amt ELSE (c.inscp_amt // c.cnt) * (j.sold - j.available) + ((c.inscp_amt % c.cnt) * (j.sold - j.available)) // c.cnt END,
  '售出' || CAST(j.sold // 10000 AS TEXT) || '，可供' || CAST(j.available // 10000 AS TEXT)
FROM judged_stock_balance AS j
CROSS JOIN {knowledge} AS k
JOIN judged_stock_claims AS c ON c.fixmedins_code = j.fixmedins_code AND c.item = j.item AND c.from_day = j.from_day
WHERE (k.items = 'consumable' AND j.item >= 'C' AND j.item < 'D') OR (k.items = 'drug' AND (j.item < 'C' OR j.item >= 'D'));

INSERT INTO hit
SELECT k.rule_code, '', '可疑', 'item_stock_period', j.fixmedins_code || '|' || j.item, CAST(j.from_day AS TEXT) || '-' || CAST(j.to_day AS TEXT),
  'stock_count_3501', j.opening_no, 'related', 0, '期初盘存'
FROM judged_stock_balance AS j
CROSS JOIN {knowledge} AS k
JOIN judged_stock_claims AS c ON c.fixmedins_code = j.fixmedins_code AND c.item = j.item AND c.from_day = j.from_day
WHERE (k.items = 'consumable' AND j.item >= 'C' AND j.item < 'D') OR (k.items = 'drug' AND (j.item < 'C' OR j.item >= 'D'));

INSERT INTO unknown
SELECT k.rule_code, 'inv_cnt', 'stock_count_3501', min(s.medins_prod_inv_no), s.fixmedins_code, min(s.invdate_day)
FROM stock_count_3501 AS s
CROSS JOIN {knowledge} AS k
WHERE NOT EXISTS (SELECT 1 FROM stock_period AS p WHERE p.fixmedins_code = s.fixmedins_code AND p.item = s.med_list_codg)
GROUP BY k.rule_code, s.fixmedins_code, s.med_list_codg;

INSERT INTO unknown
SELECT k.rule_code, 'inv_cnt', 'stock_count_3501', CASE WHEN p.opening IS NULL THEN p.opening_no ELSE p.closing_no END, p.fixmedins_code, p.from_day
FROM stock_period AS p
CROSS JOIN {knowledge} AS k
WHERE p.opening IS NULL OR p.closing IS NULL
