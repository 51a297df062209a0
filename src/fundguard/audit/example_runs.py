"""The examples of a rule run on DuckDB, in memory: what each judged row should answer and what the rule says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from fundguard.engines.duckdb import run
from fundguard.engines.script import Fault
from fundguard.knowledge import Knowledge
from fundguard.rules.answers import answers as read_answers
from fundguard.rules.compiler import compile_rules, create_answer_tables
from fundguard.rules.examples import CLEAR, UNKNOWN, Example, stored_tables
from fundguard.rules.rule import Rule


@dataclass(frozen=True)
class Answer:
    """One judged row: amounts in fen where an example states one, else None."""

    example: str
    row: str
    expected: str
    given: str
    expected_fen: int | None = None
    given_fen: int | None = None

    @property
    def right(self) -> bool:
        return self.expected == self.given and (self.expected_fen is None or self.expected_fen == self.given_fen)


@dataclass(frozen=True)
class Tried:
    """What a rule answered; `fault` where it could not run at all."""

    answers: tuple[Answer, ...]
    fault: Fault | None = None

    @property
    def wrong(self) -> tuple[Answer, ...]:
        return tuple(one for one in self.answers if not one.right)

    @property
    def shows(self) -> bool:
        """Whether the examples show a case that is hit and one that is spared altogether."""
        by_example: dict[str, set[str]] = {}
        for one in self.answers:
            by_example.setdefault(one.example, set()).add(one.expected)
        hit = any(answers - {CLEAR, UNKNOWN} for answers in by_example.values())
        return hit and any(answers == {CLEAR} for answers in by_example.values())

    @property
    def passed(self) -> bool:
        return self.fault is None and not self.wrong and self.shows


def run_examples(rule: Rule, examples: Sequence[Example], knowledge: Knowledge, *, region: str) -> Tried:
    """Runs them with the values that hold in the region. A row that nobody named must be clear."""
    plan = compile_rules([rule], knowledge, region=region)
    with duckdb.connect(config={"threads": 1}) as connection:
        for name, table in stored_tables(examples).items():
            connection.register("loading", table)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM loading")
            connection.unregister("loading")
        connection.execute(create_answer_tables())
        outcome = run(connection, plan)
        hit, unknown = (connection.execute(f"SELECT * FROM {name}").fetchall() for name in ("hit", "unknown"))
    said = read_answers(hit, unknown)
    given = {key: verdict for (_, key), verdict in sorted(said.verdict.items())}
    amounts = {key: fen for (_, key), fen in said.amount.items()}
    answers = [
        Answer(one.name, key, expected, given.get(key, CLEAR), one.amounts.get(key), amounts.get(key))
        for one in examples
        for key, expected in one.expected.items()
    ]
    named = {key for one in examples for key in one.expected}
    answers += [Answer("", key, CLEAR, verdict) for key, verdict in given.items() if key not in named]
    return Tried(tuple(answers), outcome.faults.get(rule.code))
