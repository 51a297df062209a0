/*
name: sale_check
title: 药品销售记录核对
about: 由基金支付的药品销售，没有采集追溯码，或处方药没有处方号。一家机构一个自然月列一条，逐日列出第一笔；不计金额。当月无人上传追溯码，或该机构当月从不填写处方号的，为未能判断。
scope: population
window: month
lookback_days: 31
subject: institution_period
knowledge: none
parameters:
  lacks: {type: text, one_of: [trace, prescription], about: 缺少追溯码或处方号}
*/
-- sales that a fund paid and nobody took back; split packs carry no code of their own, herbs none at all
CREATE TEMP TABLE insured_sale AS
SELECT s.medins_prod_sel_no AS sale, s.fixmedins_code AS fixmedins_code, s.sel_retn_time_day AS day, c.month AS month, s.rx_flag AS rx_flag, s.rxno AS rxno,
  CASE WHEN s.trdn_flag = '1' THEN 1 ELSE 0 END AS split
FROM sale_3505 AS s
JOIN paid AS p ON p.setl_id = s.setl_id
JOIN calendar AS c ON c.day = s.sel_retn_time_day
WHERE s.sel_retn_cnt > 0 AND (s.med_list_codg < 'C' OR s.med_list_codg >= 'D') AND (s.med_list_codg < 'T' OR s.med_list_codg >= 'U')
  AND NOT EXISTS (SELECT 1 FROM sale_return_3506 AS r WHERE r.medins_prod_sel_no = s.medins_prod_sel_no);

CREATE TEMP TABLE scanned_sale AS
SELECT DISTINCT t.medins_prod_sel_no AS sale
FROM drugtracinfo AS t
WHERE t.inf_type = '3505' AND t.drug_trac_codg IS NOT NULL;

CREATE TEMP TABLE checked_sale AS
SELECT i.sale AS sale, i.fixmedins_code AS fixmedins_code, i.day AS day, i.month AS month, 'trace' AS lacks,
  CASE WHEN t.sale IS NULL THEN 1 ELSE 0 END AS missing
FROM insured_sale AS i
LEFT JOIN scanned_sale AS t ON t.sale = i.sale
WHERE i.split = 0
UNION ALL
SELECT i.sale, i.fixmedins_code, i.day, i.month, 'prescription', CASE WHEN i.rxno IS NULL THEN 1 ELSE 0 END
FROM insured_sale AS i
WHERE i.rx_flag = '1';

-- whether absence tells anything: of trace codes where anybody sends them that month, of prescriptions where this institution does
CREATE TEMP TABLE sale_month AS
SELECT m.fixmedins_code AS fixmedins_code, m.month AS month, m.lacks AS lacks, m.first_sale AS first_sale, m.first_day AS first_day, m.missing AS missing, m.sales AS sales,
  CASE WHEN m.lacks = 'trace' THEN sum(m.sales - m.missing) OVER (PARTITION BY m.lacks, m.month) ELSE m.sales - m.missing END AS told
FROM (
  SELECT c.fixmedins_code AS fixmedins_code, c.month AS month, c.lacks AS lacks, min(c.sale) AS first_sale, min(c.day) AS first_day,
    sum(c.missing) AS missing, count(*) AS sales
  FROM checked_sale AS c
  GROUP BY c.fixmedins_code, c.month, c.lacks
) AS m;

-- Above: from the data alone.

INSERT INTO hit
SELECT k.rule_code, '', '可疑', 'institution_period', m.fixmedins_code, CAST(m.month AS TEXT), 'sale_3505', d.sale, 'accused', 0,
  '当日' || CAST(d.missing AS TEXT) || '笔，当月' || CAST(m.sales AS TEXT) || '笔中' || CAST(m.missing AS TEXT) || '笔'
FROM sale_month AS m
JOIN {knowledge} AS k ON k.lacks = m.lacks AND m.first_day >= k.from_day AND m.first_day < k.to_day
JOIN (
  SELECT c.fixmedins_code AS fixmedins_code, c.month AS month, c.lacks AS lacks, min(c.sale) AS sale, count(*) AS missing
  FROM checked_sale AS c
  WHERE c.missing = 1
  GROUP BY c.fixmedins_code, c.month, c.lacks, c.day
) AS d ON d.fixmedins_code = m.fixmedins_code AND d.month = m.month AND d.lacks = m.lacks
WHERE m.told > 0;

INSERT INTO unknown
SELECT k.rule_code, CASE WHEN k.lacks = 'trace' THEN 'drug_trac_codg' ELSE 'rxno' END, 'sale_3505', m.first_sale, m.fixmedins_code, m.first_day
FROM sale_month AS m
JOIN {knowledge} AS k ON k.lacks = m.lacks AND m.first_day >= k.from_day AND m.first_day < k.to_day
WHERE m.told = 0
