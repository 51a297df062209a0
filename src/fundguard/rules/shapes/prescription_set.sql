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
-- every herb of the encounter, also those refunded or paid by the patient: they tell what the prescription was
CREATE TEMP TABLE prescribed_herb AS
SELECT q.rule_code AS rule_code, y.mdtrt_id AS mdtrt_id, y.rx_drord_no AS rx_drord_no, y.day AS day, y.item AS item,
  CASE WHEN y.item IS NULL THEN 1 ELSE 0 END AS unread,
  CASE WHEN y.item IS NOT NULL AND h.item IS NULL THEN 1 ELSE 0 END AS outside
FROM line AS y
CROSS JOIN (SELECT DISTINCT z.rule_code AS rule_code FROM {knowledge} AS z) AS q
LEFT JOIN {knowledge} AS h ON h.rule_code = q.rule_code AND h.item = y.item AND y.day >= h.from_day AND y.day < h.to_day
WHERE y.item IS NULL OR (y.item >= 'T' AND y.item < 'U');

-- answer: 1 hit, 0 clear, NULL could not evaluate. A herb outside the list on the same day under another number leaves open
-- whether the numbers are prescriptions at all: some institutions number every order.
CREATE TEMP TABLE judged_prescription_set AS
SELECT j.rule_code AS rule_code, j.point AS point, j.bkkp_sn AS bkkp_sn, j.mdtrt_id AS mdtrt_id, j.fixmedins_code AS fixmedins_code,
  j.day AS day, j.inscp_amt AS inscp_amt, j.herbs AS herbs,
  CASE WHEN j.unread > 0 THEN 'med_list_codg' ELSE 'rx_drord_no' END AS field,
  CASE WHEN j.outside > 0 THEN 0 WHEN j.outside IS NULL OR j.unread > 0 OR j.outside_that_day > 0 THEN NULL ELSE 1 END AS answer
FROM (
  SELECT k.rule_code AS rule_code, k.point AS point, l.bkkp_sn AS bkkp_sn, l.mdtrt_id AS mdtrt_id, l.fixmedins_code AS fixmedins_code,
    l.day AS day, l.inscp_amt AS inscp_amt, x.herbs AS herbs, x.unread AS unread, x.outside AS outside, d.outside AS outside_that_day
  FROM line AS l
  JOIN {knowledge} AS k ON k.item = l.item AND l.day >= k.from_day AND l.day < k.to_day
  LEFT JOIN (
    SELECT p.rule_code AS rule_code, p.mdtrt_id AS mdtrt_id, p.rx_drord_no AS rx_drord_no, count(DISTINCT p.item) AS herbs,
      sum(p.unread) AS unread, sum(p.outside) AS outside
    FROM prescribed_herb AS p
    WHERE p.rx_drord_no IS NOT NULL
    GROUP BY p.rule_code, p.mdtrt_id, p.rx_drord_no
  ) AS x ON x.rule_code = k.rule_code AND x.mdtrt_id = l.mdtrt_id AND x.rx_drord_no = l.rx_drord_no
  LEFT JOIN (
    SELECT p.rule_code AS rule_code, p.mdtrt_id AS mdtrt_id, p.day AS day, sum(p.outside) AS outside
    FROM prescribed_herb AS p
    GROUP BY p.rule_code, p.mdtrt_id, p.day
  ) AS d ON d.rule_code = k.rule_code AND d.mdtrt_id = l.mdtrt_id AND d.day = l.day
  WHERE l.payable = 1
) AS j;

INSERT INTO hit
SELECT j.rule_code, j.point, '明确违规', 'line', j.bkkp_sn, j.mdtrt_id, 'fee_list_d', j.bkkp_sn, 'accused', j.inscp_amt,
  '处方内饮片' || CAST(j.herbs AS TEXT) || '味，均在清单内'
FROM judged_prescription_set AS j
WHERE j.answer = 1;

INSERT INTO unknown
SELECT j.rule_code, j.field, 'fee_list_d', j.bkkp_sn, j.fixmedins_code, j.day
FROM judged_prescription_set AS j
WHERE j.answer IS NULL
