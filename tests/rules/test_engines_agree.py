"""One meaning: what can be judged in real time gives the same rows on SQLite, transpiled, as on DuckDB."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from placed import placed, saved
from rule_runs import SHIPPED, examples_of, loaded, run

from fundguard.engines import sqlite
from fundguard.engines.dialect import translated
from fundguard.rules import catalogue, compiler
from fundguard.rules.examples import stored_tables
from fundguard.rules.shape import shapes
from tests.depth import examples

REAL_TIME = {code for code, rule in catalogue.load().items() if shapes()[rule.shape].real_time}
ANSWERS = {"hit": compiler.HIT, "unknown": compiler.UNKNOWN}


def bench_of(plan: compiler.Plan) -> sqlite.Bench[compiler.Step]:
    real_time = replace(plan, shapes=tuple(step for step in plan.shapes if shapes()[step.name].real_time))
    return sqlite.Bench(real_time, {name: table.schema for name, table in stored_tables([]).items()}, ANSWERS)


@pytest.fixture(scope="module")
def bench(plan):
    with bench_of(plan) as made:
        yield made


@pytest.mark.parametrize("table", ["hit", "unknown"])
def test_sqlite_gives_the_rows_of_duckdb(table, bench, duckdb_rows):
    duckdb_all, _ = duckdb_rows
    wanted = [row for row in duckdb_all[table] if row[0] in REAL_TIME]
    assert wanted
    judged = bench.judge(stored_tables(examples_of(SHIPPED)))
    assert judged.outcome.faults == {}
    assert sorted(judged.rows[table], key=repr) == wanted


def test_an_example_judged_alone_is_judged_as_among_all_others(bench):
    """The same bench judges one story after another: nothing of the former stays."""
    chosen = examples_of(SHIPPED)[::5]
    together = bench.judge(stored_tables(chosen)).rows
    apart = [bench.judge(stored_tables([one])).rows for one in chosen]
    for table in ANSWERS:
        assert sorted(together[table], key=repr) == sorted((r for one in apart for r in one[table]), key=repr)


steps = st.lists(st.sampled_from([-1, 0, 1]), min_size=3, max_size=7)
moves = st.lists(st.tuples(st.integers(0, 10**6), steps), min_size=80, max_size=120)


@settings(max_examples=examples(2), deadline=None, database=None, derandomize=True, phases=[Phase.generate])
@given(moves=moves)
def test_around_the_constants_sqlite_gives_the_rows_of_duckdb(moves, plan, bench):
    same_rows(plan, bench, placed(moves))


def test_the_saved_claims_around_the_constants_too(plan, bench):
    found = saved()
    hit = same_rows(plan, bench, found)["hit"]
    assert 3 * len({row[0] for row in hit}) > len({example.rule_code for example in found})


def same_rows(plan, bench, found):
    connection = loaded(plan, found)
    run(connection, (*plan.staging, *(s for s in plan.shapes if shapes()[s.name].real_time), *plan.closing))
    wanted = {name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in ANSWERS}
    connection.close()
    judged = bench.judge(stored_tables(found))
    assert judged.outcome.faults == {}
    assert {name: sorted(rows, key=repr) for name, rows in judged.rows.items()} == wanted
    return wanted


def test_integer_division_stays_exact_beyond_the_precision_of_a_real():
    (told,) = translated("INSERT INTO hit SELECT 9007199254740993 // 1 AS x", "sqlite")
    (given,) = sqlite3.connect(":memory:").execute(told.query).fetchone()
    assert given == 9007199254740993
