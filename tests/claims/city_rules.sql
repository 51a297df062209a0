-- The rules of the synthetic city in plain SQL, written without the product's engine: one statement a rule, each giving
-- the keys of the accused rows. `fee`, `visit`, `bill`, `person`, `place` are the latest valid rows; `paid` holds the lines
-- that a fund paid for, net of refunds; `limits` the price list. A statement starts at a line `-- CODE`.

-- N01
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) WHERE rule = 'N01' AND insutype IN ('310', '390');
-- N02
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N02' AND insutype <> '510' AND NOT (insutype = '310' AND med_type IN ('51', '52'));
-- N03
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) WHERE rule = 'N03' AND day >= DATE '2026-05-11';
-- N04
SELECT p.bkkp_sn FROM paid p JOIN limits l USING (med_list_codg)
WHERE l.rule = 'N04' AND p.day >= DATE '2026-05-11' AND NOT EXISTS (
    SELECT 1 FROM fee f LEFT JOIN limits o USING (med_list_codg)
    WHERE f.rx_drord_no = p.rx_drord_no AND f.list_type = '102' AND o.rule IS DISTINCT FROM 'N04');
-- N07
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N07' AND day >= born + to_years(CAST("limit" AS INTEGER));
-- N10
SELECT bkkp_sn FROM (
    SELECT bkkp_sn, "limit", dense_rank() OVER (PARTITION BY mdtrt_id, partner ORDER BY day) AS nth
    FROM paid JOIN limits USING (med_list_codg) WHERE rule = 'N10') WHERE nth > CAST("limit" AS INTEGER);
-- N12
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) JOIN place USING (fixmedins_code)
WHERE rule = 'N12' AND place.lmtpric_hosp_lv < "limit";
-- N13
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N13' AND med_type NOT IN ('21', '24', '25', '28', '52') AND NOT ("limit" LIKE '急诊%' AND med_type = '13');
-- N23
SELECT bkkp_sn FROM (
    SELECT bkkp_sn, "limit", dense_rank() OVER (PARTITION BY mdtrt_id, med_list_codg ORDER BY day) AS nth
    FROM paid JOIN limits USING (med_list_codg) WHERE rule = 'N23' AND day >= DATE '2026-01-06')
WHERE nth > CAST("limit" AS INTEGER);
-- N25
SELECT DISTINCT b.bkkp_sn FROM paid a JOIN limits l USING (med_list_codg)
JOIN paid b ON b.psn_no = a.psn_no AND b.fixmedins_code = a.fixmedins_code AND b.day = a.day AND b.med_list_codg = l.partner
WHERE l.rule = 'N25' AND a.day >= DATE '2025-12-12';
-- N27
SELECT bkkp_sn FROM (
    SELECT bkkp_sn, "limit", sum(cnt) OVER (
        PARTITION BY psn_no, fixmedins_code, med_list_codg, day ORDER BY fee_ocur_time, bkkp_sn) AS running
    FROM paid JOIN limits USING (med_list_codg) WHERE rule = 'N27' AND day >= DATE '2026-01-06')
WHERE running > CAST("limit" AS INTEGER);
-- N31
SELECT bkkp_sn FROM (
    SELECT bkkp_sn, psn_no, day, "limit",
        lag(day) OVER w AS before, lag(day, 2) OVER w AS two_before
    FROM paid JOIN limits USING (med_list_codg) WHERE rule = 'N31' AND day >= DATE '2026-01-06'
    WINDOW w AS (PARTITION BY psn_no, med_list_codg ORDER BY day, bkkp_sn))
WHERE day - before < CAST("limit" AS INTEGER)
    AND (two_before IS NULL OR day - two_before < CAST("limit" AS INTEGER));
-- N36
SELECT bkkp_sn FROM fee f WHERE med_list_codg IS NULL OR abs(det_item_fee_sumamt - cnt * pric) > 0.006
    OR (cnt < 0 AND init_feedetl_sn IS NULL AND NOT EXISTS (
        SELECT 1 FROM fee o WHERE o.mdtrt_id = f.mdtrt_id AND o.med_list_codg = f.med_list_codg
            AND o.day = f.day AND o.cnt + f.cnt >= 0 AND o.cnt > 0));
-- N42
SELECT bkkp_sn FROM paid JOIN visit USING (mdtrt_id)
WHERE paid.med_type IN ('21', '24', '25', '28', '52')
    AND (day < CAST(begntime AS DATE) OR day > CAST(endtime AS DATE) + 1);
-- N43
SELECT c.medins_prod_inv_no FROM count c JOIN count o ON o.fixmedins_code = c.fixmedins_code
    AND o.med_list_codg = c.med_list_codg AND o.invdate = date_trunc('month', c.invdate) - INTERVAL 1 DAY
LEFT JOIN stock s ON s.fixmedins_code = c.fixmedins_code AND s.med_list_codg = c.med_list_codg
    AND s.month = date_trunc('month', c.invdate)
WHERE s.sold > o.inv_cnt + s.bought - c.inv_cnt AND c.med_list_codg NOT LIKE 'C%';
-- N49
SELECT b.mdtrt_id FROM stay a JOIN stay b USING (psn_no, fixmedins_code)
WHERE b.begin >= a.finish AND b.begin > a.begin AND b.begin - a.finish <= 15
    AND a.illness = b.illness AND a.illness NOT IN ('Z51', 'Z49') AND a.dscg_way <> '2' AND b.funded;
-- N50
SELECT mdtrt_id FROM (
    SELECT mdtrt_id, row_number() OVER (PARTITION BY psn_no, date_trunc('month', begntime) ORDER BY begntime) AS nth
    FROM visit WHERE funded AND med_type IN ('11', '13', '14')) WHERE nth > 30;
-- N65
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N65' AND nwb_flag = '0' AND day >= born + INTERVAL 14 YEAR;
-- N67
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule IN ('N67', 'N02') AND sex IN ('1', '2') AND sex <> CASE rule WHEN 'N02' THEN '2' ELSE "limit" END;
-- N80
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N80' AND nwb_flag = '0'
    AND day > CASE WHEN "limit" = '28d' THEN born + INTERVAL 28 DAY ELSE born + INTERVAL 14 YEAR - INTERVAL 1 DAY END;
-- N81
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N81' AND nwb_flag = '0' AND sex IN ('1', '2') AND sex <> "limit";
-- L001
SELECT b.mdtrt_id FROM stay a JOIN stay b USING (psn_no)
WHERE a.mdtrt_id <> b.mdtrt_id AND a.begin <= b.begin AND b.begin < a.finish AND a.funded AND b.funded
    AND a.nwb_flag = '0' AND b.nwb_flag = '0' AND (a.begin < b.begin OR a.mdtrt_id < b.mdtrt_id);
-- L002
SELECT DISTINCT p.bkkp_sn FROM paid p JOIN stay s USING (psn_no)
WHERE p.med_type IN ('11', '13', '14', '41') AND p.fixmedins_code <> s.fixmedins_code AND s.funded
    AND p.nwb_flag = '0' AND p.day > s.begin AND p.day < s.finish;
-- L003
SELECT bkkp_sn FROM paid JOIN person USING (psn_no) WHERE day > person.die_date;
-- L004
SELECT later.bkkp_sn FROM sold later WHERE EXISTS (
    SELECT 1 FROM sold earlier WHERE earlier.drug_trac_codg = later.drug_trac_codg AND earlier.setl_id <> later.setl_id
        AND earlier.sel_retn_time < later.sel_retn_time AND NOT EXISTS (
            SELECT 1 FROM returned r WHERE r.drug_trac_codg = earlier.drug_trac_codg
                AND r.sel_retn_time BETWEEN earlier.sel_retn_time AND later.sel_retn_time));
