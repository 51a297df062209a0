-- Visits whose record has a diagnosis or an operation that by its code cannot be this person's, or whose sex or age is not
-- known. Few distinct codes meet the ranges first, so the records themselves are looked up by equal codes. Which of
-- these are at fault is for the shape to say: settlements may know the person better.
CREATE TEMP TABLE named_code AS
SELECT DISTINCT p.point AS point, p.source AS source, p.sex AS sex, p.age_from_years AS age_from_years, p.age_to_years AS age_to_years, c.code AS code
FROM person_code AS p
JOIN code_range AS r ON r.point = p.point
JOIN (
  SELECT 'diagnosis' AS source, d.diag_code AS code FROM setl_diag_list_d AS d WHERE d.diag_type IS NULL OR d.diag_type = '1'
  UNION
  SELECT 'diagnosis', m.dscg_maindiag_code FROM mdtrt_d AS m
  UNION
  SELECT 'operation', o.oprn_oprt_code FROM oprninfo AS o
) AS c ON c.source = p.source AND c.code >= r.from_code AND c.code < r.to_code
WHERE instr(c.code, ':') = 0;

CREATE TEMP TABLE coded_visit AS
SELECT v.mdtrt_id AS mdtrt_id, v.point AS point, v.ref_table AS ref_table, v.ref_key AS ref_key, v.code AS code
FROM (
  SELECT d.mdtrt_id AS mdtrt_id, n.point AS point, n.sex AS sex, n.age_from_years AS age_from_years, n.age_to_years AS age_to_years,
    'setl_diag_list_d' AS ref_table, d.diag_info_id AS ref_key, n.code AS code
  FROM setl_diag_list_d AS d
  JOIN named_code AS n ON n.source = 'diagnosis' AND n.code = d.diag_code
  WHERE d.diag_type IS NULL OR d.diag_type = '1'
  UNION ALL
  SELECT m.mdtrt_id, n.point, n.sex, n.age_from_years, n.age_to_years, 'mdtrt_d', m.mdtrt_id, n.code
  FROM mdtrt_d AS m
  JOIN named_code AS n ON n.source = 'diagnosis' AND n.code = m.dscg_maindiag_code
  UNION ALL
  SELECT o.mdtrt_id, n.point, n.sex, n.age_from_years, n.age_to_years, 'oprninfo', o.oprn_info_id, n.code
  FROM oprninfo AS o
  JOIN named_code AS n ON n.source = 'operation' AND n.code = o.oprn_oprt_code
) AS v
JOIN mdtrt_d AS m ON m.mdtrt_id = v.mdtrt_id
LEFT JOIN person AS p ON p.psn_key = m.psn_key
WHERE (v.sex IS NOT NULL AND (p.sex IS NULL OR p.sex <> v.sex))
  OR (v.sex IS NULL AND (
    p.birth_day IS NULL
    OR m.begntime_day - p.birth_day < v.age_from_years * 366
    OR m.begntime_day - p.birth_day > v.age_to_years * 365 - 1
  ));
