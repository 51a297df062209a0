-- As city_rules.sql: records, uploads, antibiotics, purchases and stays, and shares against peers (`costly`, `frequent`).

-- N35
SELECT mdtrt_id FROM visit WHERE funded AND inhosp_stas = '0' AND med_type IN ('21', '24', '25', '28', '52')
    AND (dscg_maindiag_code IS NULL OR CAST(endtime AS DATE) < CAST(begntime AS DATE));
-- N37
SELECT s.mdtrt_id FROM stay s WHERE s.funded AND s.illness = 'I21'
    AND NOT EXISTS (SELECT 1 FROM fee f WHERE f.mdtrt_id = s.mdtrt_id AND f.med_list_codg = '003107099002200');
-- N38
SELECT o.oprn_info_id FROM oprninfo o JOIN stay s USING (mdtrt_id)
JOIN (VALUES ('47.0900', '003310099003800'), ('13.4100', '003311099004400')) c(code, item) ON c.code = o.oprn_oprt_code
WHERE s.funded AND NOT EXISTS (SELECT 1 FROM fee f WHERE f.mdtrt_id = o.mdtrt_id AND f.med_list_codg = c.item)
UNION ALL
SELECT p.bkkp_sn FROM paid p JOIN stay s USING (mdtrt_id)
JOIN (VALUES ('47.0900', '003310099003800'), ('13.4100', '003311099004400')) c(code, item) ON c.item = p.med_list_codg
WHERE NOT EXISTS (SELECT 1 FROM oprninfo o WHERE o.mdtrt_id = p.mdtrt_id AND o.oprn_oprt_code = c.code);
-- N40
SELECT o.oprn_info_id FROM oprninfo o JOIN stay s USING (mdtrt_id)
WHERE s.funded AND o.oprn_oprt_code = '43.4105' AND s.illness = 'C16';
-- N41
SELECT DISTINCT fixmedins_code FROM paid WHERE CAST(crte_time AS DATE) - day > 3;
-- N44
SELECT p.bkkp_sn FROM paid p JOIN oprninfo o USING (mdtrt_id) WHERE o.oprn_oprt_code = '53.0000'
    AND ((p.med_list_codg = 'XJ01DCH033A001010190033' AND p.day >= CAST(o.oprn_oprt_date AS DATE))
    OR (p.med_list_codg = 'XB01ACF031A001010190031' AND p.day > CAST(o.oprn_oprt_date AS DATE)));
-- N45
SELECT bkkp_sn FROM paid WHERE med_list_codg = 'XJ01DHA911A001010190911' AND med_type IN ('11', '14');
-- N48
SELECT c.medins_prod_inv_no FROM count c JOIN count o ON o.fixmedins_code = c.fixmedins_code
    AND o.med_list_codg = c.med_list_codg AND o.invdate = date_trunc('month', c.invdate) - INTERVAL 1 DAY
LEFT JOIN stock s ON s.fixmedins_code = c.fixmedins_code AND s.med_list_codg = c.med_list_codg
    AND s.month = date_trunc('month', c.invdate)
WHERE s.sold > o.inv_cnt + s.bought - c.inv_cnt AND c.med_list_codg LIKE 'C%';
-- N51
SELECT mdtrt_id FROM (
    SELECT mdtrt_id, row_number() OVER (PARTITION BY psn_no, date_trunc('month', begntime) ORDER BY begntime) AS nth
    FROM visit WHERE funded AND med_type = '41') WHERE nth > 20;
-- N52
SELECT mdtrt_id FROM (
    SELECT mdtrt_id, row_number() OVER (PARTITION BY psn_no, year(begin) ORDER BY begin) AS nth
    FROM stay WHERE funded AND nwb_flag = '0') WHERE nth > 10;
-- N53
SELECT fixmedins_code FROM frequent('light', 0.2);
-- N56
SELECT fixmedins_code FROM costly(['09', '10', '11'], '-', 0.35);
-- N57
SELECT fixmedins_code FROM costly(['03', '04'], '-', 0.4);
-- N58
SELECT fixmedins_code FROM costly(['08'], '-', 0.25);
-- N59
SELECT fixmedins_code FROM costly(['05'], '-', 0.45);
-- N60
SELECT fixmedins_code FROM costly(['-'], '002103', 0.08);
-- N61
SELECT fixmedins_code FROM costly(['-'], '002102', 0.05);
-- N62
SELECT fixmedins_code FROM frequent('infected', 0.05);
-- N63
SELECT fixmedins_code FROM frequent('again', 0.08);
