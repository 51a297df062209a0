"""Run examples on an engine: load the stored tables, run the plan, read back who was accused and what stayed open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import duckdb

from fundguard import knowledge
from fundguard.rules import catalogue, compiler
from fundguard.rules.examples import CLEAR, UNKNOWN, Example, examples, stored_tables

SHIPPED = tuple(catalogue.load())


@dataclass(frozen=True)
class Answers:
    """By (rule, key of the judged row): the answer, and the violation amount in fen; clear rows are absent."""

    verdict: dict[tuple[str, str], str]
    amount: dict[tuple[str, str], int]


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
    verdict = dict.fromkeys(connection.execute("SELECT rule_code, ref_key FROM unknown").fetchall(), UNKNOWN)
    accused = connection.execute(
        "SELECT rule_code, ref_key, max(verdict), sum(amount_fen) FROM hit WHERE role = 'accused' GROUP BY ALL"
    ).fetchall()
    return Answers(verdict | {(r, k): v for r, k, v, _ in accused}, {(r, k): int(a) for r, k, _, a in accused})


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


def failures(found: list[Example], answers: Answers) -> list[tuple[str, str, str, object, object]]:
    """(rule, example, row, expected, given) where the answer or stated amount is another, and rows nobody named."""
    wrong: list[tuple[str, str, str, object, object]] = []
    named: set[tuple[str, str]] = set()
    for example in found:
        rule = example.rule_code
        for key, expected in example.expected.items():
            named.add((rule, key))
            given = answers.verdict.get((rule, key), CLEAR)
            if given != expected:
                wrong.append((rule, example.name, key, expected, given))
        for key, fen in example.amounts.items():
            if answers.amount.get((rule, key)) != fen:
                wrong.append((rule, example.name, key, fen, answers.amount.get((rule, key))))
    rules = {example.rule_code for example in found}
    stray = (at for at in answers.verdict if at[0] in rules and at[1].startswith(at[0] + "-") and at not in named)
    return wrong + [(rule, "", key, CLEAR, answers.verdict[rule, key]) for rule, key in stray]
