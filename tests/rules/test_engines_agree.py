"""One meaning: what can be judged in real time gives the same rows on SQLite, transpiled, as on DuckDB."""

from __future__ import annotations

import sqlite3

import pyarrow as pa
import pytest
import sqlglot
from rule_runs import SHIPPED, examples_of
from sqlglot import exp

from fundguard.rules import catalogue, compiler
from fundguard.rules.examples import stored_tables
from fundguard.rules.shape import shapes

REAL_TIME = {code for code, rule in catalogue.load().items() if shapes()[rule.shape].real_time}


def on_sqlite(statement: str) -> str:
    """The statement for SQLite. Its `/` of two integers is exact; the usual translation of `//` passes through REAL."""
    tree = sqlglot.parse_one(statement, read="duckdb")
    while node := tree.find(exp.IntDiv):
        node.replace(exp.Div(this=node.this.copy(), expression=node.expression.copy(), typed=True, safe=True))
    return tree.sql(dialect="sqlite")


def load(connection: sqlite3.Connection, name: str, table: pa.Table) -> None:
    kinds = ["INTEGER" if pa.types.is_integer(field.type) else "TEXT" for field in table.schema]
    columns = ", ".join(f'"{column}" {kind}' for column, kind in zip(table.column_names, kinds, strict=True))
    connection.execute(f"CREATE TABLE {name} ({columns})")
    whole = [
        column.to_pylist() if kind == "INTEGER" else column.cast(pa.string()).to_pylist()
        for column, kind in zip(table.columns, kinds, strict=True)
    ]
    connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(kinds))})", zip(*whole, strict=True))


@pytest.fixture(scope="module")
def sqlite_rows(plan):
    connection = sqlite3.connect(":memory:")
    for name, table in {**stored_tables(examples_of(SHIPPED)), **plan.tables}.items():
        load(connection, name, table)
    real_time = [step for step in plan.shapes if shapes()[step.name].real_time]
    for part in compiler.create_answer_tables().split(";\n"):
        connection.execute(part)
    for step in (*plan.staging, *real_time, *plan.closing):
        for statement in step.sql.split(";\n"):
            connection.execute(on_sqlite(statement))
    rows = {
        name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in ("hit", "unknown")
    }
    connection.close()
    return rows


@pytest.mark.parametrize("table", ["hit", "unknown"])
def test_sqlite_gives_the_rows_of_duckdb(table, sqlite_rows, duckdb_rows):
    duckdb_all, _ = duckdb_rows
    wanted = [row for row in duckdb_all[table] if row[0] in REAL_TIME]
    assert wanted
    assert sqlite_rows[table] == wanted


def test_integer_division_stays_exact_beyond_the_precision_of_a_real():
    (given,) = sqlite3.connect(":memory:").execute(on_sqlite("SELECT 9007199254740993 // 1 AS x")).fetchone()
    assert given == 9007199254740993
