"""The examples bite: each small mistake in the SQL makes at least one of them fail."""

from __future__ import annotations

import mutants_codes
import mutants_problems
import mutants_records
import mutants_together
import pytest
from rule_runs import SHIPPED, answers_of, examples_of, run, undone

from fundguard.rules.answers import failures
from fundguard.rules.compiler import Step

#: Conditions that staging already ensures (which lines and encounters are read) are mutated there, not here.
SHAPE_MUTANTS = [
    ("after_death", "l.day > d.death_day", "l.day >= d.death_day"),
    ("after_death", "l.newborn = 0 AND ", ""),
    ("after_death", "l.payable = 1 AND ", ""),
    ("after_death", "WHEN l.way = 'inpatient' THEN k.stay_days_after", "WHEN l.way = 'inpatient' THEN 0"),
    ("after_death", "l.day > d.earliest_day", "l.day >= d.earliest_day"),
    ("attribute_limit", "CASE WHEN j.newborn = 1 THEN 0 WHEN j.sex IS NULL", "CASE WHEN j.sex IS NULL"),
    ("attribute_limit", "WHEN j.sex IS NULL THEN NULL", ""),
    ("attribute_limit", "j.sex <> j.limit_sex THEN 2 ELSE 0", "j.sex = j.limit_sex THEN 2 ELSE 0"),
    ("attribute_limit", "WHEN j.age IS NULL THEN NULL", "WHEN j.age IS NULL THEN 0"),
    ("attribute_limit", "WHEN j.age < j.limit_age_from THEN 1", "WHEN j.age <= j.limit_age_from THEN 1"),
    ("attribute_limit", "WHEN j.age < j.limit_age_from THEN 1", ""),
    ("attribute_limit", "j.age >= j.limit_age_to", "j.age > j.limit_age_to"),
    ("attribute_limit", "j.age >= j.age_sure", "j.age > j.age_sure"),
    ("attribute_limit", "coalesce(k.age_to_years, k.age_to)", "coalesce(k.age_to, k.age_to_years)"),
    ("attribute_limit", "j.age >= j.newborn_sure", "j.age > j.newborn_sure"),
    ("attribute_limit", "j.age_days > j.newborn_days", "j.age_days >= j.newborn_days"),
    ("attribute_limit", "WHEN j.way_clear IS NOT NULL THEN 0", ""),
    ("attribute_limit", "CASE WHEN j.insutype IS NULL THEN NULL", "CASE WHEN j.insutype IS NULL THEN 0"),
    ("attribute_limit", "CASE WHEN j.level IS NULL THEN NULL", "CASE WHEN j.level IS NULL THEN 2"),
    ("attribute_limit", "WHEN j.level = 0 THEN 0", ""),
    ("attribute_limit", "j.level < j.level_min", "j.level <= j.level_min"),
    ("attribute_limit", "CASE WHEN j.way IS NULL THEN NULL", "CASE"),
    ("attribute_limit", "l.day >= k.from_day", "l.day > k.from_day"),
    ("attribute_limit", "AND l.day >= k.from_day", ""),
    ("attribute_limit", "WHERE l.payable = 1", ""),
    ("cumulative_days", "dense_rank()", "rank()"),
    ("cumulative_days", "j.day_number > j.days", "j.day_number >= j.days"),
    ("cumulative_days", "d.rule_code, d.point, d.scope_key ORDER", "d.rule_code, d.point, d.who ORDER"),
    ("cumulative_days", "k.point AS point, k.days", "k.point || l.item AS point, k.days"),
    ("cumulative_days", "AND l.day >= k.from_day", ""),
    ("cumulative_days", "WHERE l.payable = 1", ""),
    ("cycle", ">= n.days", "> n.days"),
    ("cycle", "n.day ELSE w.last_day END", "n.day ELSE n.day END"),
    ("cycle", "AND l.day >= k.from_day", ""),
    ("cycle", "WHERE l.payable = 1", ""),
    ("data_check", "o.fee_ocur_time_day = r.day", "1 = 0"),
    ("elsewhere_during_stay", "o.fixmedins_code <> s.fixmedins_code AND", ""),
    ("elsewhere_during_stay", "o.who = s.who", "o.psn_key = s.psn_key"),
    ("frequency", "j.position > j.limit_count", "j.position >= j.limit_count"),
    ("frequency", "v.who, v.span ORDER", "v.who ORDER"),
    ("frequency", "k.way = e.way", "1 = 1"),
    ("never_payable", "WHERE l.payable = 1", ""),
    ("never_payable", "l.day >= k.from_day", "l.day > k.from_day"),
    ("never_payable", "AND l.day >= k.from_day", ""),
    ("prescription_set", "WHEN j.outside > 0 THEN 0", ""),
    ("prescription_set", "OR j.unread > 0", ""),
    ("prescription_set", "OR j.outside_that_day > 0", ""),
    ("prescription_set", "WHERE y.item IS NULL OR", "WHERE y.cnt > 0 AND"),
    ("prescription_set", "WHERE l.payable = 1", ""),
    ("readmission", "<= k.days", "< k.days"),
    ("readmission", "s.begin_day >= s.former_end AND", "s.begin_day > s.former_end AND"),
    ("readmission", "PARTITION BY e.who, e.fixmedins_code", "PARTITION BY e.who"),
    ("readmission", "PARTITION BY e.who", "PARTITION BY e.psn_key"),
    ("readmission", "AND (s.former_way IS NULL OR s.former_way <> '2')", ""),
    ("readmission", "p.prefix = s.main_diagnosis OR p.prefix = s.former_diagnosis", "1 = 0"),
    ("readmission", "d.mdtrt_id = s.mdtrt_id OR d.mdtrt_id = s.former_id", "1 = 0"),
    ("readmission", "WHEN s.former_end IS NULL THEN NULL", ""),
    ("stay_dates", "l.day > l.end_day + k.days_after", "l.day >= l.end_day + k.days_after"),
    ("stay_dates", "l.day < l.begin_day OR", "l.day <= l.begin_day OR"),
    ("stay_dates", "AND l.way = 'inpatient'", ""),
    ("stay_overlap", "+ 1 > k.shared_days", "+ 1 >= k.shared_days"),
    ("stay_overlap", "b.who = a.who", "b.psn_key = a.psn_key"),
    ("stock_balance", "b.sold > b.opening", "b.sold >= b.opening"),
    ("stock_balance", "m.day > p.from_day", "m.day >= p.from_day"),
    ("stock_balance", "m.day <= p.to_day", "m.day < p.to_day"),
    ("stock_balance", "-abs(r.sel_retn_cnt)", "0"),
    ("stock_balance", "-abs(p.purc_retn_cnt)", "0"),
    ("stock_balance", "CASE WHEN count(*) = count(i.inv_cnt) THEN sum(i.inv_cnt) END", "sum(i.inv_cnt)"),
    ("stock_balance", "AND count(p.day) = 0 ", ""),
    ("stock_balance", "AND b.lot = a.lot", ""),
    ("stock_balance", "AND o.lot = s.lot", ""),
    ("stock_balance", "coalesce(i.manu_lotnum, '')", "i.manu_lotnum"),
    ("stock_balance", "CASE WHEN j.sold - j.available >= c.cnt THEN c.inscp_amt ELSE", "CASE WHEN 1 = 0 THEN 0 ELSE"),
    ("stock_balance", "JOIN paid AS p ON p.setl_id = f.setl_id", ""),
    ("stock_balance", "(j.item < 'C' OR j.item >= 'D')", "1 = 1"),
    ("trace_twice", "coalesce(s.setl_id, 'sale|' || s.medins_prod_sel_no) AS deal", "s.medins_prod_sel_no AS deal"),
    ("trace_twice", "AND (t.trdn_flag IS NULL OR t.trdn_flag <> '1')", ""),
    ("trace_twice", "AND (s.trdn_flag IS NULL OR s.trdn_flag <> '1')", ""),
    ("trace_twice", "r.medins_prod_sel_retn_no = t.medins_prod_sel_no", "1 = 0"),
    ("trace_twice", "r.medins_prod_sel_no = t.medins_prod_sel_no", "1 = 0"),
    ("trace_twice", "c.cnt <= 0 OR", ""),
    ("trace_twice", "OR r.inscp_amt >= s.inscp_amt", ""),
    ("trace_twice", "JOIN paid AS p ON p.setl_id = j.setl_id", ""),
    ("trace_twice", "AND j.inscp_amt > 0", ""),
    ("trace_twice", "m.mdtrt_id IS NOT NULL AND", ""),
    ("trace_twice", "CASE WHEN j.cnt > 10000 THEN", "CASE WHEN 1 = 0 THEN"),
]
EVERY_SHAPE = [
    *SHAPE_MUTANTS,
    *mutants_codes.SHAPES,
    *mutants_problems.SHAPES,
    *mutants_together.MUTANTS,
    *mutants_records.MUTANTS,
]
STAGING_MUTANTS = [
    ("3_touched", "HAVING sum(f.cnt) > min(q.cap_e4)", "HAVING sum(f.cnt) > 2 * min(q.cap_e4)"),
    ("3_touched", "s.end_day + 1 AS to_day", "s.end_day + 9 AS to_day"),
    ("3_touched", "s.begin_day AS from_day", "s.begin_day - 9 AS from_day"),
    ("3_touched", "m.mdtrt_id, NULL, d.earliest_day", "m.mdtrt_id, NULL, d.death_day"),
    ("4_encounter", "SELECT s.mdtrt_id FROM stay AS s", "SELECT s.mdtrt_id FROM stay AS s WHERE 1 = 0"),
    ("2_paid", "m.begntime_day > s.begin_day AND", "1 = 0 AND"),
    ("4_encounter", "v.visits > (", "v.visits > 9 + ("),
    ("1_person", "CASE WHEN p.gend = '1' OR p.gend = '2' THEN p.gend END", "p.gend"),
    ("1_person", "CASE WHEN min(d.death_day) = max(d.death_day) THEN min(d.death_day) END", "min(d.death_day)"),
    ("2_paid", "- coalesce(r.fund_pay_sumamt, 0) > 0", ">= 0"),
    ("2_paid", "r.setl_id = s.setl_id", "1 = 0"),
    ("2_paid", "CASE WHEN s.nwb_flag = '1' THEN 1 ELSE 0 END", "0"),
    ("2_paid", "AND (s.med_type IS NULL OR s.med_type <> '51')", ""),
    ("4_encounter", "x.newborn = 1 OR m.nwb_flag = '1' THEN 1", "x.newborn = 1 THEN 1"),
    ("4_encounter", "'#newborn' ELSE ''", "'' ELSE ''"),
    ("4_encounter", "AND (m.inhosp_stas IS NULL OR m.inhosp_stas <> '1')", ""),
    ("4_encounter", "OR p.sex <> x.sex", ""),
    ("4_encounter", "OR p.birth_day <> x.birth_day", ""),
    ("4_encounter", "coalesce(p.sex, x.sex)", "p.sex"),
    ("4_encounter", "coalesce(p.birth_day, x.birth_day)", "p.birth_day"),
    ("4_encounter", "f.fixmedins_type = '2' OR ", ""),
    ("4_encounter", "OR coalesce(x.hosp_lv, f.hosp_lv) = '11'", ""),
    ("4_encounter", "coalesce(x.lmtpric_hosp_lv, f.lmtpric_hosp_lv)", "coalesce(f.lmtpric_hosp_lv, x.lmtpric_hosp_lv)"),
    ("4_encounter", "coalesce(x.lmtpric_hosp_lv, f.lmtpric_hosp_lv)", "x.lmtpric_hosp_lv"),
    ("5_line", "- coalesce(r.cnt, 0)", ""),
    ("5_line", "- coalesce(r.inscp_amt, 0)", ""),
    (
        "5_line",
        "LEFT JOIN refund_by_day AS g ON g.mdtrt_id = t.mdtrt_id AND",
        "LEFT JOIN refund_by_day AS g ON 1 = 0 AND",
    ),
    ("5_line", "g.mdtrt_id = t.mdtrt_id AND g.item = t.item AND g.day = t.day", "g.item = t.item AND g.day = t.day"),
    ("5_line", "g.item = t.item AND g.day = t.day", "g.item = t.item"),
    ("3_touched", "WHERE o.bkkp_sn IS NULL", "WHERE r.init_feedetl_sn IS NULL"),
    ("5_line", "a.minute DESC, a.bkkp_sn DESC) - a.cnt", "a.minute, a.bkkp_sn) - a.cnt"),
    ("5_line", "a.minute DESC, a.bkkp_sn DESC) - a.inscp_amt", "a.minute, a.bkkp_sn) - a.inscp_amt"),
    ("5_line", "n.inscp_amt > 0 AND", ""),
    ("5_line", "n.prd_days > 10000", "n.prd_days > 999990000"),
]


def mutated(step: Step, old: str, new: str) -> Step:
    assert old in step.sql, f"{step.name} no longer says {old!r}"
    return Step(step.name, step.sql.replace(old, new), step.rules)


@pytest.mark.parametrize(("name", "old", "new"), EVERY_SHAPE)
def test_a_wrong_shape_is_noticed(name, old, new, plan, staged):
    step = next(s for s in plan.shapes if s.name == name)
    with undone(staged):
        run(staged, (mutated(step, old, new), *plan.closing))
        assert failures(examples_of(step.rules), answers_of(staged))


@pytest.mark.parametrize(("name", "old", "new"), STAGING_MUTANTS + mutants_codes.STAGING + mutants_together.STAGING)
def test_a_wrong_precondition_is_noticed(name, old, new, plan, staged):
    steps = [mutated(s, old, new) if s.name == name else s for s in plan.staging]
    with undone(staged):
        for step in plan.staging:
            for statement in step.sql.split(";\n"):
                if statement.startswith("CREATE"):
                    staged.execute(f"DROP {statement.split()[2]} IF EXISTS {statement.split()[3]}")
        run(staged, (*steps, *plan.shapes, *plan.closing))
        assert failures(examples_of(SHIPPED), answers_of(staged))
