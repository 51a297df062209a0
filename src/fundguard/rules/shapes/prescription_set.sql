/*
name: prescription_set
title: 整方核对
about: 一张处方的全部饮片都在“单独使用不予支付”清单内（只有一味也算）时，清单内饮片不应支付。整张处方无论支付与否都要看全。
scope: encounter
window: none
lookback_days: 0
subject: line
knowledge: herb
*/
CREATE TEMP TABLE judged_prescription_set AS
SELECT k.rule_code AS rule_code, k.point AS point, l.bkkp_sn AS bkkp_sn, l.mdtrt_id AS mdtrt_id, l.fixmedins_code AS fixmedins_code,
  l.day AS day, l.inscp_amt AS inscp_amt, l.rx_drord_no AS rx_drord_no, x.herbs AS herbs, x.outside AS outside
FROM line AS l
JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
LEFT JOIN (
  SELECT y.mdtrt_id AS mdtrt_id, y.rx_drord_no AS rx_drord_no, count(DISTINCT y.item) AS herbs, sum(CASE WHEN h.item IS NULL THEN 1 ELSE 0 END) AS outside
  FROM line AS y
  LEFT JOIN (SELECT DISTINCT z.item AS item FROM {knowledge} AS z) AS h ON h.item = y.item
  WHERE y.item >= 'T' AND y.item < 'U' AND y.rx_drord_no IS NOT NULL AND y.cnt > 0
  GROUP BY y.mdtrt_id, y.rx_drord_no
) AS x ON x.mdtrt_id = l.mdtrt_id AND x.rx_drord_no = l.rx_drord_no
WHERE l.payable = 1;

INSERT INTO hit
SELECT j.rule_code, j.point, '明确违规', 'line', j.bkkp_sn, j.mdtrt_id, 'fee_list_d', j.bkkp_sn, 'accused', j.inscp_amt,
  '处方内饮片' || CAST(j.herbs AS TEXT) || '味，均在清单内'
FROM judged_prescription_set AS j
WHERE j.rx_drord_no IS NOT NULL AND j.outside = 0;

INSERT INTO unknown
SELECT j.rule_code, 'rx_drord_no', 'fee_list_d', j.bkkp_sn, j.fixmedins_code, j.day
FROM judged_prescription_set AS j
WHERE j.rx_drord_no IS NULL
