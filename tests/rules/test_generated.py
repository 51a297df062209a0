"""What the preconditions dictate holds for every rule: no payment, no accusation; unknown is never guilty."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rule_runs import SHIPPED, answers_of, loaded, run

from fundguard.audit.engine_check import on_sqlite
from fundguard.rules import catalogue
from fundguard.rules.answers import answers
from fundguard.rules.generated import VARIATIONS, generated
from fundguard.rules.shape import shapes


@pytest.fixture(scope="module")
def stories(plan):
    return [one for code in SHIPPED for one in generated(catalogue.load()[code], plan)]


@pytest.fixture(scope="module")
def on_duckdb(plan, stories):
    connection = loaded(plan, [one.example for one in stories])
    run(connection, (*plan.staging, *plan.shapes, *plan.closing))
    rows = {
        name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in ("hit", "unknown")
    }
    yield rows
    connection.close()


def test_every_variation_is_told_of_many_rules(stories):
    told = {variation.name: [one for one in stories if one.variation == variation.name] for variation in VARIATIONS}
    assert {name: len(some) for name, some in told.items() if len(some) < 8} == {}


@pytest.mark.parametrize("variation", [variation.name for variation in VARIATIONS])
def test_the_preconditions_hold_for_every_rule(variation, stories, on_duckdb):
    given = answers(on_duckdb["hit"], on_duckdb["unknown"])
    wrong = {one.example.rule_code: one.wrong(given) for one in stories if one.variation == variation}
    assert {code: rows for code, rows in wrong.items() if rows} == {}


def test_sqlite_says_the_same(plan, stories, on_duckdb):
    real_time = replace(plan, shapes=tuple(step for step in plan.shapes if shapes()[step.name].real_time))
    hit, unknown, faults = on_sqlite(real_time, [one.example for one in stories])
    codes = {code for step in real_time.shapes for code in step.rules}
    assert faults == {}
    for name, rows in (("hit", hit), ("unknown", unknown)):
        assert sorted(rows, key=repr) == [row for row in on_duckdb[name] if row[0] in codes]


@pytest.mark.parametrize(
    ("old", "new", "variation"),
    [
        ("n.inscp_amt > 0 AND", "", "被指控的费用自费"),
        ("- coalesce(r.fund_pay_sumamt, 0) > 0", ">= 0", "基金未支付"),
        ("r.bkkp_sn = t.bkkp_sn", "1 = 0", "被指控的费用退费"),
    ],
)
def test_a_forgotten_precondition_is_noticed(old, new, variation, plan, stories):
    """Take a condition out of staging: a story that nobody wrote accuses somebody who owes nothing."""
    assert any(old in step.sql for step in plan.staging)
    steps = [replace(step, sql=step.sql.replace(old, new)) for step in plan.staging]
    connection = loaded(plan, [one.example for one in stories])
    run(connection, (*steps, *plan.shapes))
    given = answers_of(connection)
    connection.close()
    assert any(one.wrong(given) for one in stories if one.variation == variation)
