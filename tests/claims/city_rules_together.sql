-- As city_rules.sql: what must not or must come together, quantities, prices and amounts beyond a limit.

-- N05
SELECT bkkp_sn FROM paid p WHERE hilist_name = '艾普拉唑肠溶片' AND day >= DATE '2026-01-01'
    AND (SELECT min(begntime) FROM visit v WHERE v.psn_no = p.psn_no) < day - 89
    AND NOT EXISTS (SELECT 1 FROM fee f WHERE f.psn_no = p.psn_no AND f.hilist_name = '奥美拉唑肠溶胶囊'
        AND f.cnt > 0 AND f.day BETWEEN p.day - 90 AND p.day);
-- N09
SELECT bkkp_sn FROM paid WHERE list_type IN ('101', '102')
    AND prd_days > CASE med_type WHEN '13' THEN 7 WHEN '14' THEN 84 ELSE 30 END;
-- N14
SELECT bkkp_sn FROM paid JOIN place USING (fixmedins_code) WHERE hilist_name = '中频脉冲治疗（示例）'
    AND day >= DATE '2026-01-01' AND pric > CASE place.lmtpric_hosp_lv WHEN '1' THEN 24 WHEN '2' THEN 30 WHEN '3' THEN 36 END;
-- N15
SELECT b.bkkp_sn FROM paid a JOIN paid b USING (mdtrt_id, day) JOIN limits l ON l.med_list_codg = a.med_list_codg
JOIN limits m ON m.med_list_codg = b.med_list_codg
WHERE l.rule = 'N15' AND m.rule = 'N15' AND a.med_list_codg <> b.med_list_codg AND a.pric > b.pric
    AND a.pric > a.pric_uplmt_amt * 0.75 AND b.pric > b.pric_uplmt_amt * 0.75;
-- N26
SELECT bkkp_sn FROM (
    SELECT bkkp_sn, sum(inscp_amt) OVER (PARTITION BY psn_no, fixmedins_code, day ORDER BY fee_ocur_time) AS running,
        count(DISTINCT med_list_codg) OVER (PARTITION BY psn_no, fixmedins_code, day) AS parts
    FROM paid WHERE day >= DATE '2026-01-01'
        AND hilist_name IN ('肌钙蛋白测定（示例）', '肌红蛋白测定（示例）', '肌酸激酶同工酶测定（示例）'))
WHERE parts = 3 AND running > 60;
-- N28
SELECT bkkp_sn FROM (
    SELECT bkkp_sn, sum(p.inscp_amt * s.fund_pay_sumamt / s.inscp_amt) OVER (
        PARTITION BY p.psn_no, p.fixmedins_code, year(day) ORDER BY p.fee_ocur_time) AS running
    FROM paid p JOIN setl_d s USING (setl_id)
    WHERE p.hilist_name = '体外冲击波治疗（示例）' AND day >= DATE '2026-01-01') WHERE running > 1000;
-- N30
SELECT b.bkkp_sn FROM paid a JOIN paid b USING (mdtrt_id, day)
WHERE a.hilist_name = '中心静脉置管（示例）' AND b.hilist_name IN ('静脉穿刺包（示例）', '导引导丝（示例）')
    AND a.day >= DATE '2026-01-01' AND NOT EXISTS (SELECT 1 FROM fee f WHERE f.psn_no = a.psn_no AND f.day = a.day
        AND f.hilist_name = '超声引导（示例）' AND f.cnt > 0);
-- N34
SELECT bkkp_sn FROM (
    SELECT bkkp_sn, sum(p.inscp_amt * s.fund_pay_sumamt / s.inscp_amt) OVER (
        PARTITION BY p.mdtrt_id ORDER BY p.fee_ocur_time) AS running
    FROM paid p JOIN setl_d s USING (setl_id)
    WHERE p.hilist_name = '人工关节（示例）' AND day >= DATE '2026-01-01') WHERE running > 10000;
-- N46
SELECT bkkp_sn FROM (
    SELECT bkkp_sn, dense_rank() OVER (PARTITION BY mdtrt_id, day ORDER BY first_time, name) AS nth FROM (
        SELECT bkkp_sn, mdtrt_id, day, regexp_replace(hilist_name, '（.*', '') AS name,
            min(fee_ocur_time) OVER (PARTITION BY mdtrt_id, day, hilist_name) AS first_time
        FROM paid WHERE list_type = '101')) WHERE nth > 10;
-- N64
SELECT bkkp_sn FROM paid p JOIN visit v USING (mdtrt_id)
WHERE p.hilist_name = '示例含碘造影剂注射液' AND p.day >= DATE '2026-01-01' AND NOT EXISTS (
    SELECT 1 FROM fee f WHERE f.psn_no = p.psn_no AND f.hilist_name = 'CT增强扫描（示例）'
        AND f.day BETWEEN CAST(v.begntime AS DATE) - 1 AND CAST(v.endtime AS DATE) + 1);
-- N68
SELECT bkkp_sn FROM (
    SELECT bkkp_sn, sum(cnt / prd_days) OVER w AS running, count(*) OVER w - count(prd_days) OVER w AS unstated
    FROM paid WHERE hilist_name = '示例助眠片' AND day >= DATE '2026-01-01'
    WINDOW w AS (PARTITION BY psn_no, fixmedins_code, day)) WHERE running > 2 AND unstated = 0;
-- N69
SELECT b.bkkp_sn FROM paid a JOIN paid b USING (psn_no, fixmedins_code, day)
WHERE a.hilist_name LIKE '示例他汀甲片%' AND b.hilist_name = '示例他汀乙片' AND a.day >= DATE '2026-01-01';
-- N74
SELECT a.bkkp_sn FROM paid a JOIN paid b USING (psn_no, fixmedins_code, day)
WHERE a.hilist_name = '示例大环内酯片' AND b.hilist_name = '示例他汀丙片' AND a.day >= DATE '2026-01-01';
-- N75
SELECT b.bkkp_sn FROM paid a JOIN paid b USING (mdtrt_id, rx_drord_no)
WHERE a.hilist_name = '藜芦' AND b.hilist_name = '细辛' AND a.day >= DATE '2026-01-01';
-- N76
SELECT bkkp_sn FROM (
    SELECT bkkp_sn, row_number() OVER (PARTITION BY mdtrt_id, rx_drord_no ORDER BY fee_ocur_time) AS nth
    FROM paid WHERE list_type = '102' AND day >= DATE '2026-02-12') WHERE nth > 20;
-- N77
SELECT bkkp_sn FROM paid WHERE hilist_name = '制附子' AND cnt / prd_days > 15 AND day >= DATE '2026-01-01';
-- N84
SELECT bkkp_sn FROM paid p JOIN visit v USING (mdtrt_id)
WHERE p.hilist_name = '血管支架（示例）' AND p.day >= DATE '2026-01-01' AND NOT EXISTS (
    SELECT 1 FROM fee f WHERE f.psn_no = p.psn_no AND f.hilist_name = '血管支架置入术（示例）'
        AND f.day BETWEEN CAST(v.begntime AS DATE) - 1 AND CAST(v.endtime AS DATE) + 1);
-- N86
SELECT bkkp_sn FROM (
    SELECT bkkp_sn, mdtrt_id, sum(cnt) OVER (PARTITION BY mdtrt_id ORDER BY fee_ocur_time) AS running
    FROM paid WHERE hilist_name = '骨折固定螺钉（示例）' AND day >= DATE '2026-01-01')
JOIN (SELECT mdtrt_id, sum(cnt) AS operations FROM fee WHERE hilist_name = '骨折切开复位内固定术（示例）' GROUP BY ALL)
    USING (mdtrt_id) WHERE running > 8 * operations;
