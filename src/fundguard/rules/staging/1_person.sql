-- Sex and birthday as the register of persons knows them; 0, 9 and empty are unknown.
CREATE TEMP TABLE person AS
SELECT
  p.psn_key AS psn_key,
  CASE WHEN p.gend = '1' OR p.gend = '2' THEN p.gend END AS sex,
  p.brdy_day AS birth_day,
  c.ymd AS birth_ymd,
  p.die_date_day AS death_day
FROM psn_info_b AS p
LEFT JOIN calendar AS c ON c.day = p.brdy_day;

-- Death as the register and the encounters tell it; where two sources differ the day is unknown, from the earliest on.
CREATE TEMP TABLE death AS
SELECT d.psn_key AS psn_key, min(d.death_day) AS earliest_day,
  CASE WHEN min(d.death_day) = max(d.death_day) THEN min(d.death_day) END AS death_day
FROM (
  SELECT p.psn_key AS psn_key, p.death_day AS death_day FROM person AS p WHERE p.death_day IS NOT NULL
  UNION ALL
  SELECT m.psn_key AS psn_key, m.die_date_day AS death_day FROM mdtrt_d AS m WHERE m.die_date_day IS NOT NULL AND m.psn_key IS NOT NULL
) AS d
GROUP BY d.psn_key;

-- Above: from the data alone.
