-- As city_rules.sql: the published problem list.

-- L101
SELECT DISTINCT o.bkkp_sn FROM paid o JOIN paid k ON k.psn_no = o.psn_no AND k.fixmedins_code = o.fixmedins_code AND k.day = o.day
WHERE o.med_list_codg IN (SELECT unnest(['003107010220000']))
    AND k.med_list_codg IN (SELECT unnest(['003107010080000']));
-- L102
SELECT DISTINCT o.bkkp_sn FROM paid o JOIN paid k ON k.psn_no = o.psn_no AND k.fixmedins_code = o.fixmedins_code AND k.day = o.day
WHERE o.med_list_codg IN (SELECT unnest(['004200000010000']))
    AND k.med_list_codg IN (SELECT unnest(['003315010320000']));
-- L103
SELECT DISTINCT o.bkkp_sn FROM paid o JOIN paid k ON k.psn_no = o.psn_no AND k.fixmedins_code = o.fixmedins_code AND k.day = o.day
WHERE o.med_list_codg IN (SELECT unnest(['003110000060000']))
    AND k.med_list_codg IN (SELECT unnest(['003110000110000', '003110000110100', '003110000110200']));
-- L104
SELECT DISTINCT o.bkkp_sn FROM paid o JOIN paid k ON k.psn_no = o.psn_no AND k.fixmedins_code = o.fixmedins_code AND k.day = o.day
WHERE o.med_list_codg IN (SELECT unnest(['002101010010000']))
    AND k.med_list_codg IN (SELECT unnest(['002101010030000']));
-- L106
SELECT DISTINCT o.bkkp_sn FROM paid o JOIN paid k ON k.psn_no = o.psn_no AND k.fixmedins_code = o.fixmedins_code AND k.day = o.day
WHERE o.med_list_codg IN (SELECT unnest(['003309000060000']))
    AND k.med_list_codg IN (SELECT unnest(['003313030280000']));
-- L107
SELECT DISTINCT o.bkkp_sn FROM paid o JOIN paid k ON k.psn_no = o.psn_no AND k.fixmedins_code = o.fixmedins_code AND k.day = o.day
WHERE o.med_list_codg IN (SELECT unnest(['003107010280000']))
    AND k.med_list_codg IN (SELECT unnest(['003301000150000']));
-- L108
SELECT DISTINCT o.bkkp_sn FROM paid o JOIN paid k ON k.psn_no = o.psn_no AND k.fixmedins_code = o.fixmedins_code AND k.day = o.day
WHERE o.med_list_codg IN (SELECT unnest(['001201000140000']))
    AND k.med_list_codg IN (SELECT unnest(['001201000020000']));
-- L109
SELECT bkkp_sn FROM (
    SELECT p.bkkp_sn, date_diff('minute', v.begntime, v.endtime) AS minutes, sum(p.cnt) OVER (
        PARTITION BY p.mdtrt_id, p.med_list_codg ORDER BY p.fee_ocur_time, p.bkkp_sn) AS running
    FROM paid p JOIN limits l USING (med_list_codg) JOIN visit v ON v.mdtrt_id = p.mdtrt_id
    WHERE l.rule = 'N27' AND l."limit" = '24' AND v.med_type IN ('21', '24', '25', '28', '52'))
WHERE running > ceil(minutes / 60.0);
-- L110
SELECT DISTINCT t.fixmedins_code FROM (
    SELECT s.fixmedins_code, p.lmtpric_hosp_lv AS level, date_trunc('quarter', s.finish) AS q, f.med_list_codg AS item,
        count(DISTINCT s.mdtrt_id) AS users
    FROM stay s JOIN visit v USING (mdtrt_id) JOIN place p ON p.fixmedins_code = s.fixmedins_code JOIN fee f USING (mdtrt_id)
    WHERE s.funded AND v.inhosp_stas = '0' AND f.med_chrgitm_type IN ('03', '04') AND f.cnt > 0 GROUP BY ALL) t
JOIN (
    SELECT s.fixmedins_code, p.lmtpric_hosp_lv AS level, date_trunc('quarter', s.finish) AS q, count(*) AS stays
    FROM stay s JOIN visit v USING (mdtrt_id) JOIN place p ON p.fixmedins_code = s.fixmedins_code
    WHERE s.funded AND v.inhosp_stas = '0' GROUP BY ALL) z USING (fixmedins_code, level, q)
WHERE z.stays >= 10 AND t.users >= 0.6 * z.stays AND t.level IS NOT NULL
    AND (SELECT count(DISTINCT o.fixmedins_code) FROM stay o JOIN place e USING (fixmedins_code)
        WHERE e.lmtpric_hosp_lv = t.level AND o.funded AND date_trunc('quarter', o.finish) = t.q) > 5
    AND t.users * 1.0 / z.stays > 3.0 * (
        SELECT count(DISTINCT o.mdtrt_id) FILTER (EXISTS (
            SELECT 1 FROM fee g WHERE g.mdtrt_id = o.mdtrt_id AND g.med_list_codg = t.item AND g.cnt > 0)) * 1.0 / count(DISTINCT o.mdtrt_id)
        FROM stay o JOIN visit w USING (mdtrt_id) JOIN place e ON e.fixmedins_code = o.fixmedins_code
        WHERE e.lmtpric_hosp_lv = t.level AND o.fixmedins_code <> t.fixmedins_code AND o.funded AND w.inhosp_stas = '0'
            AND date_trunc('quarter', o.finish) = t.q);
-- L111
SELECT bkkp_sn FROM (
    SELECT bkkp_sn, med_list_codg, sum(cnt) OVER (
        PARTITION BY psn_no, fixmedins_code, med_list_codg, day ORDER BY fee_ocur_time, bkkp_sn) AS running FROM paid)
WHERE med_list_codg = '003110000060000' AND running > 1;
-- L121
SELECT s.medins_prod_sel_no FROM sale_3505 s JOIN paid p USING (bkkp_sn)
WHERE s.trdn_flag = '0' AND s.med_list_codg[1] NOT IN ('C', 'T')
    AND s.medins_prod_sel_no NOT IN (SELECT medins_prod_sel_no FROM sale_return_3506 WHERE medins_prod_sel_no IS NOT NULL)
    AND s.medins_prod_sel_no NOT IN (SELECT medins_prod_sel_no FROM drugtracinfo WHERE inf_type = '3505');
-- L122
SELECT s.medins_prod_sel_no FROM sale_3505 s JOIN paid p USING (bkkp_sn)
WHERE s.rx_flag = '1' AND s.rxno IS NULL AND s.med_list_codg[1] NOT IN ('C', 'T')
    AND s.medins_prod_sel_no NOT IN (SELECT medins_prod_sel_no FROM sale_return_3506 WHERE medins_prod_sel_no IS NOT NULL);
-- L123
SELECT s.medins_prod_sel_no FROM sale_3505 s JOIN paid p USING (bkkp_sn)
WHERE s.mdtrt_setl_type = '1' AND s.trdn_flag = '0'
    AND s.medins_prod_sel_no NOT IN (SELECT medins_prod_sel_no FROM sale_return_3506 WHERE medins_prod_sel_no IS NOT NULL)
    AND s.finl_trns_pric > (
        SELECT max(o.finl_trns_pric) FROM sale_3505 o
        WHERE o.mdtrt_setl_type = '2' AND o.fixmedins_code = s.fixmedins_code AND o.med_list_codg = s.med_list_codg
            AND date_trunc('month', o.sel_retn_time) = date_trunc('month', s.sel_retn_time));
