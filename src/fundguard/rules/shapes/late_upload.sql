/*
name: late_upload
title: 数据上传及时性
about: 费用明细的上传日晚于费用发生日，超过规定天数；按机构和费用发生月份合并列出，不计金额。零星报销的费用除外；从不填写上传时间的机构不判。
scope: population
window: month
lookback_days: 62
subject: institution_period
knowledge: none
parameters:
  days: {type: int, about: 费用发生到上传的天数上限（含）}
*/
CREATE TEMP TABLE upload_late AS
SELECT f.bkkp_sn AS bkkp_sn, f.setl_id AS setl_id, f.fixmedins_code AS fixmedins_code, f.fee_ocur_time_day AS day, f.crte_time_day - f.fee_ocur_time_day AS delay
FROM fee_list_d AS f
WHERE f.crte_time_day > f.fee_ocur_time_day AND f.inscp_amt > 0;

CREATE TEMP TABLE upload_untold AS
SELECT f.fixmedins_code AS fixmedins_code, c.month AS month, min(f.fee_ocur_time_day) AS day
FROM fee_list_d AS f
JOIN calendar AS c ON c.day = f.fee_ocur_time_day
GROUP BY f.fixmedins_code, c.month
HAVING count(f.crte_time_day) = 0;

-- Above: from the data alone.

-- A bill that a person hands in later is entered when it is reimbursed: nobody uploads it late.
CREATE TEMP TABLE judged_late_upload AS
SELECT k.rule_code AS rule_code, k.days AS days, f.bkkp_sn AS bkkp_sn, f.fixmedins_code AS fixmedins_code, c.month AS month, f.day AS day, f.delay AS delay
FROM upload_late AS f
JOIN {knowledge} AS k ON f.day >= k.from_day AND f.day < k.to_day AND f.delay > k.days
JOIN calendar AS c ON c.day = f.day
JOIN paid AS p ON p.setl_id = f.setl_id
JOIN setl_d AS s ON s.setl_id = f.setl_id
WHERE s.manl_reim_rea IS NULL;

INSERT INTO hit
SELECT j.rule_code, '', '可疑', 'institution_period', j.fixmedins_code, CAST(j.month AS TEXT), 'fixmedins_b', j.fixmedins_code, 'accused', 0,
  '当月' || CAST(count(*) AS TEXT) || '条明细超过' || CAST(max(j.days) AS TEXT) || '天上传，最长' || CAST(max(j.delay) AS TEXT) || '天'
FROM judged_late_upload AS j
GROUP BY j.rule_code, j.fixmedins_code, j.month;

-- one charge of each such day stands beside it
INSERT INTO hit
SELECT j.rule_code, '', '可疑', 'institution_period', j.fixmedins_code, CAST(j.month AS TEXT), 'fee_list_d', min(j.bkkp_sn), 'related', 0,
  '当日' || CAST(count(*) AS TEXT) || '条，最长' || CAST(max(j.delay) AS TEXT) || '天'
FROM judged_late_upload AS j
GROUP BY j.rule_code, j.fixmedins_code, j.month, j.day;

INSERT INTO unknown
SELECT k.rule_code, 'crte_time', 'fixmedins_b', u.fixmedins_code, u.fixmedins_code, u.day
FROM upload_untold AS u
JOIN {knowledge} AS k ON u.day >= k.from_day AND u.day < k.to_day
