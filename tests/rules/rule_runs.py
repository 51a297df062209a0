"""Run examples on an engine: load the stored tables, run the plan, read back who was accused and what stayed open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

import duckdb

from fundguard import knowledge
from fundguard.rules import catalogue, compiler
from fundguard.rules.answers import Answers, answers
from fundguard.rules.examples import Example, examples, stored_tables

SHIPPED = tuple(catalogue.load())


@cache
def examples_of(codes: tuple[str, ...]) -> list[Example]:
    return [example for code in codes for example in examples(code)]


def plan_of(codes: Iterable[str]) -> compiler.Plan:
    return compiler.compile_rules([catalogue.load()[c] for c in codes], knowledge.of_region("990101"), region="990101")


def loaded(plan: compiler.Plan, found: list[Example]) -> duckdb.DuckDBPyConnection:
    """A DuckDB with the plan's tables, the examples' rows and empty answers; nothing has run yet."""
    connection = duckdb.connect(config={"threads": 1})
    for name, table in {**stored_tables(found), **plan.tables}.items():
        connection.register(f"arrow_{name}", table)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM arrow_{name}")
    connection.execute(compiler.create_answer_tables())
    return connection


def answers_of(connection: duckdb.DuckDBPyConnection) -> Answers:
    hit, unknown = (connection.execute(f"SELECT * FROM {name}").fetchall() for name in ("hit", "unknown"))
    return answers(hit, unknown)


def run(connection: duckdb.DuckDBPyConnection, steps: Iterable[compiler.Step]) -> None:
    for step in steps:
        connection.execute(step.sql)


@contextmanager
def undone(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Whatever happens inside leaves the connection as it was."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
