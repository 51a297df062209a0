-- The same for limits of persons, diagnoses, departments, diseases and codes of the record. `limit` of the price list is an age, a
-- department, a disease of chronic care or a pattern of diagnoses; an encounter of the city has one diagnosis.

-- N06
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) WHERE rule = 'N06' AND nwb_flag = '0' AND day - born > 28;
-- N08
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) JOIN illness USING (mdtrt_id)
WHERE rule = 'N08' AND nwb_flag = '0' AND day >= DATE '2026-05-23' AND NOT regexp_matches(icd, "limit");
-- N11
SELECT bkkp_sn FROM paid JOIN limits l USING (med_list_codg) JOIN bill_disease d USING (mdtrt_id)
WHERE rule = 'N11' AND med_type = '14' AND d.dise_no <> l."limit"
    AND EXISTS (SELECT 1 FROM limits o WHERE o.rule = 'N11' AND o."limit" = d.dise_no);
-- N16
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) WHERE rule = 'N16' AND insutype IN ('310', '390');
-- N17
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N17' AND insutype <> '510' AND med_type NOT IN ('51', '52');
-- N18
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) WHERE rule = 'N18' AND nwb_flag = '0' AND day - born > 28;
-- N19
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N19' AND nwb_flag = '0' AND day >= born + INTERVAL 14 YEAR;
-- N20
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) JOIN illness USING (mdtrt_id)
WHERE rule = 'N20' AND nwb_flag = '0' AND NOT regexp_matches(icd, "limit");
-- N21
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N21' AND NOT starts_with(bilg_dept_codg, "limit") AND NOT starts_with(acord_dept_codg, "limit");
-- N22
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N22' AND ("limit" = '住院') <> (med_type IN ('21', '24', '25', '28', '52'));
-- N24
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) JOIN place USING (fixmedins_code)
WHERE rule = 'N24' AND place.lmtpric_hosp_lv < "limit";
-- N29
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N29' AND day >= born + to_years(CASE sex WHEN '1' THEN 63 WHEN '2' THEN 58 END);
-- N32
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) WHERE rule = 'N32' AND nwb_flag = '0' AND day - born > 28;
-- N33
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N33' AND nwb_flag = '0' AND day >= born + INTERVAL 14 YEAR;
-- N39
SELECT mdtrt_id FROM oprninfo JOIN patient USING (mdtrt_id)
WHERE (sex = '1' AND oprn_oprt_code >= '65' AND oprn_oprt_code < '76')
    OR (sex = '2' AND oprn_oprt_code >= '60' AND oprn_oprt_code < '65');
-- N54
SELECT mdtrt_id FROM illness JOIN patient USING (mdtrt_id)
WHERE (sex = '1' AND regexp_matches(icd, '^(C5[1-8]|N7[0-7]|N8|O|Z3[2-6])')) OR (sex = '2' AND regexp_matches(icd, '^N4'));
-- N55
SELECT mdtrt_id FROM illness JOIN patient USING (mdtrt_id)
WHERE (icd LIKE 'P%' AND day >= born + INTERVAL 2 YEAR) OR (icd LIKE 'F03%' AND day < born + INTERVAL 15 YEAR)
    OR (icd LIKE 'O%' AND (day < born + INTERVAL 9 YEAR OR day >= born + INTERVAL 65 YEAR));
-- N66
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N66' AND nwb_flag = '0' AND day < born + INTERVAL 18 YEAR;
-- N70
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) JOIN illness USING (mdtrt_id)
WHERE rule = 'N70' AND nwb_flag = '0' AND NOT regexp_matches(icd, "limit");
-- N71
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) JOIN illness USING (mdtrt_id)
WHERE rule = 'N71' AND nwb_flag = '0' AND regexp_matches(icd, "limit");
-- N72
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N72' AND nwb_flag = '0' AND day >= born + INTERVAL 65 YEAR;
-- N73
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) JOIN illness USING (mdtrt_id)
WHERE rule = 'N73' AND nwb_flag = '0' AND regexp_matches(icd, "limit");
-- N78
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) JOIN illness USING (mdtrt_id)
WHERE rule = 'N78' AND nwb_flag = '0' AND NOT regexp_matches(icd, "limit");
-- N79
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) JOIN illness USING (mdtrt_id)
WHERE rule = 'N79' AND nwb_flag = '0' AND NOT regexp_matches(icd, "limit");
-- N82
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) JOIN illness USING (mdtrt_id)
WHERE rule = 'N82' AND nwb_flag = '0' AND regexp_matches(icd, "limit");
-- N83
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) JOIN illness USING (mdtrt_id)
WHERE rule = 'N83' AND nwb_flag = '0' AND NOT regexp_matches(icd, "limit");
-- N85
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N85' AND NOT starts_with(bilg_dept_codg, "limit") AND NOT starts_with(acord_dept_codg, "limit");
-- N87
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg)
WHERE rule = 'N87' AND nwb_flag = '0' AND sex IN ('1', '2') AND sex <> "limit";
-- N88
SELECT bkkp_sn FROM paid JOIN limits USING (med_list_codg) JOIN illness USING (mdtrt_id)
WHERE rule = 'N88' AND nwb_flag = '0' AND NOT regexp_matches(icd, "limit");
