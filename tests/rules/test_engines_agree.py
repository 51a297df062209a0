"""One meaning: what can be judged in real time gives the same rows on SQLite, transpiled, as on DuckDB."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest
from rule_runs import SHIPPED, examples_of

from fundguard.engines import sqlite
from fundguard.engines.dialect import translated
from fundguard.rules import catalogue, compiler
from fundguard.rules.examples import stored_tables
from fundguard.rules.shape import shapes

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


def test_integer_division_stays_exact_beyond_the_precision_of_a_real():
    (told,) = translated("INSERT INTO hit SELECT 9007199254740993 // 1 AS x", "sqlite")
    (given,) = sqlite3.connect(":memory:").execute(told.query).fetchone()
    assert given == 9007199254740993
