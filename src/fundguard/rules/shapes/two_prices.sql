/*
name: two_prices
title: 医保与自费两种价格
about: 同一机构、同一自然月、同一药品，由基金支付的销售单价高于当月自费销售的最高单价；金额为高出部分，不超过医保范围内金额。
scope: population
window: month
lookback_days: 31
subject: item_stock_period
knowledge: none
*/
CREATE TEMP TABLE private_price AS
SELECT s.fixmedins_code AS fixmedins_code, s.med_list_codg AS item, coalesce(s.fixmedins_hilist_id, '') AS own_item, c.month AS month, max(s.finl_trns_pric) AS pric
FROM sale_3505 AS s
JOIN calendar AS c ON c.day = s.sel_retn_time_day
WHERE s.mdtrt_setl_type = '2' AND s.sel_retn_cnt > 0 AND s.finl_trns_pric > 0 AND (s.trdn_flag IS NULL OR s.trdn_flag <> '1')
GROUP BY s.fixmedins_code, s.med_list_codg, coalesce(s.fixmedins_hilist_id, ''), c.month;

CREATE TEMP TABLE dearer_sale AS
SELECT s.medins_prod_sel_no AS sale, s.bkkp_sn AS bkkp_sn, s.setl_id AS setl_id, s.fixmedins_code AS fixmedins_code, s.med_list_codg AS item, c.month AS month,
  s.sel_retn_time_day AS day, s.sel_retn_cnt AS cnt, s.finl_trns_pric AS pric, v.pric AS private_pric
FROM sale_3505 AS s
JOIN calendar AS c ON c.day = s.sel_retn_time_day
JOIN private_price AS v ON v.fixmedins_code = s.fixmedins_code AND v.item = s.med_list_codg AND v.own_item = coalesce(s.fixmedins_hilist_id, '') AND v.month = c.month
WHERE s.mdtrt_setl_type = '1' AND s.sel_retn_cnt > 0 AND s.finl_trns_pric > v.pric AND (s.trdn_flag IS NULL OR s.trdn_flag <> '1')
  AND NOT EXISTS (SELECT 1 FROM sale_return_3506 AS r WHERE r.medins_prod_sel_no = s.medins_prod_sel_no);

-- 10^-6 yuan above // 10^4 = fen, times packs
CREATE TEMP TABLE judged_two_prices AS
SELECT d.sale AS sale, d.bkkp_sn AS bkkp_sn, d.fixmedins_code AS fixmedins_code, d.item AS item, d.month AS month, d.day AS day, d.pric AS pric, d.private_pric AS private_pric,
  f.inscp_amt AS inscp_amt, ((d.pric - d.private_pric) // 10000) * d.cnt // 10000 AS over
FROM dearer_sale AS d
JOIN fee_list_d AS f ON f.bkkp_sn = d.bkkp_sn
JOIN paid AS p ON p.setl_id = f.setl_id
WHERE f.inscp_amt > 0;

-- Above: from the data alone.

INSERT INTO hit
SELECT k.rule_code, '', '可疑', 'item_stock_period', j.fixmedins_code || '|' || j.item, CAST(j.month AS TEXT), 'sale_3505', j.sale, 'accused',
  CASE WHEN j.over < j.inscp_amt THEN j.over ELSE j.inscp_amt END,
  '医保单价' || CAST(j.pric // 10000 AS TEXT) || '分，自费最高' || CAST(j.private_pric // 10000 AS TEXT) || '分'
FROM judged_two_prices AS j
JOIN {knowledge} AS k ON j.day >= k.from_day AND j.day < k.to_day
WHERE j.over > 0;

INSERT INTO hit
SELECT k.rule_code, '', '可疑', 'item_stock_period', j.fixmedins_code || '|' || j.item, CAST(j.month AS TEXT), 'fee_list_d', j.bkkp_sn, 'related', 0, '该次销售的费用'
FROM judged_two_prices AS j
JOIN {knowledge} AS k ON j.day >= k.from_day AND j.day < k.to_day
WHERE j.over > 0
