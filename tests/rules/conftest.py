"""One run of all examples on DuckDB, shared by the tests of this folder."""

from __future__ import annotations

import pytest
from rule_runs import SHIPPED, answers_of, examples_of, loaded, plan_of, run, undone

from fundguard.rules import compiler


@pytest.fixture(scope="session")
def plan() -> compiler.Plan:
    return plan_of(SHIPPED)


@pytest.fixture(scope="session")
def staged(plan):
    """A DuckDB with every example of every rule, after staging; a test works in a transaction and rolls it back."""
    connection = loaded(plan, examples_of(SHIPPED))
    run(connection, plan.staging)
    return connection


@pytest.fixture(scope="session")
def duckdb_rows(plan, staged):
    """Every hit and unknown row of all rules on all examples, and the answers read from them."""
    with undone(staged):
        run(staged, (*plan.shapes, *plan.closing))
        rows = {
            name: sorted(staged.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in ("hit", "unknown")
        }
        return rows, answers_of(staged)
