"""Run examples on an engine: load the stored tables, run the plan, read back who was accused and what stayed open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import duckdb
import pytest

from fundguard import knowledge
from fundguard.rules import catalogue, compiler
from fundguard.rules.examples import CLEAR, UNKNOWN, Example, stored_tables

LAW_DAY = dt.date(2026, 9, 30)
SHIPPED = tuple(catalogue.load())


def answers_on_duckdb(codes: Iterable[str], found: list[Example]) -> dict[tuple[str, str], str]:
    """(rule, key of the judged row) → answer, for every row that is not clear."""
    rules = catalogue.load()
    plan = compiler.compile_rules([rules[c] for c in codes], knowledge.load(), region="990101", law_day=LAW_DAY)
    connection = duckdb.connect()
    for name, table in {**stored_tables(found), **plan.tables}.items():
        connection.register(f"arrow_{name}", table)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM arrow_{name}")
    connection.execute(compiler.create_answer_tables())
    for step in (*plan.staging, *plan.shapes, *plan.closing):
        connection.execute(step.sql)
    answers = {(r, k): UNKNOWN for r, k in connection.execute("SELECT rule_code, ref_key FROM unknown").fetchall()}
    accused = connection.execute("SELECT rule_code, ref_key, min(verdict) FROM hit WHERE role = 'accused' GROUP BY ALL").fetchall()
    return answers | {(r, k): v for r, k, v in accused}


@pytest.fixture(scope="session")
def duckdb_answers():
    def run(code: str, found: list[Example]) -> dict[str, str]:
        return {key: answer for (rule, key), answer in answers_on_duckdb([code], found).items() if rule == code}

    return run


__all__ = ["CLEAR", "SHIPPED", "answers_on_duckdb"]
