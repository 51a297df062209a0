"""One run of all examples on DuckDB, shared by the tests of this folder."""

from __future__ import annotations

import pytest
from rule_runs import SHIPPED, all_examples, loaded, plan_of, read_answers, run

from fundguard.rules import compiler


@pytest.fixture(scope="session")
def plan() -> compiler.Plan:
    return plan_of(SHIPPED)


@pytest.fixture(scope="session")
def staged(plan):
    """A DuckDB with every example of every rule, after staging; a test works in a transaction and rolls it back."""
    connection = loaded(plan, all_examples())
    run(connection, plan.staging)
    return connection


@pytest.fixture(scope="session")
def duckdb_rows(plan, staged):
    """Every hit and unknown row of all rules on all examples, and the answers read from them."""
    staged.execute("BEGIN")
    run(staged, (*plan.shapes, *plan.closing))
    rows = {name: sorted(staged.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in ("hit", "unknown")}
    answers = read_answers(lambda sql: staged.execute(sql).fetchall())
    staged.execute("ROLLBACK")
    return rows, answers
