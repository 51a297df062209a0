"""Every example beside a rule, run on the engines: what anyone may ask of a rule before it is trusted."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from fundguard.audit.plans import chosen
from fundguard.engines import duckdb as duck
from fundguard.engines import spark, sqlite
from fundguard.engines.script import Fault, Progress
from fundguard.knowledge import of_region
from fundguard.rules.answers import Answers, Failure, Row, answers, failures
from fundguard.rules.compiler import HIT, UNKNOWN, Plan, compile_rules, create_answer_tables
from fundguard.rules.examples import Example, examples, stored_tables
from fundguard.rules.shape import shapes

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: The division whose knowledge and parameters the examples are written for: that of the demonstration.
REGION = "990101"
ANSWERS = {"hit": HIT, "unknown": UNKNOWN}
#: Rows of `hit` and of `unknown`, and the rules that failed.
Given = tuple[list[Row], list[Row], dict[str, Fault]]
PASSED, FAILED, NOT_MEANT = "通过", "不通过", "不适用"


@dataclass(frozen=True)
class RuleChecked:
    """A rule, how many examples it has, and per engine whether it gave what they state."""

    code: str
    name: str
    examples: int
    engines: Mapping[str, str]


@dataclass(frozen=True)
class Checked:
    rules: tuple[RuleChecked, ...]
    failures: tuple[tuple[str, Failure], ...]


def check(codes: Collection[str] | None, engines: Collection[str], *, progress: Progress | None = None) -> Checked:
    """Runs the examples of these rules (all if not given) on these engines, each in one run.

    An engine is not meant for a rule whose shape it does not judge: in real time only one person's history is there.
    A rule without examples is not passed. Refuses unknown codes and an engine that is not installed.
    """
    rules = chosen(codes)
    found = {rule.code: examples(rule.code) for rule in rules}
    told: dict[str, dict[str, str]] = {rule.code: {} for rule in rules}
    wrong: list[tuple[str, Failure]] = []
    for number, engine in enumerate(engines):
        if progress:
            progress(number, len(engines), engine)
        meant = [rule for rule in rules if engine != "sqlite" or shapes()[rule.shape].real_time]
        plan = compile_rules(meant, of_region(REGION), region=REGION)
        stories = [story for rule in meant for story in found[rule.code]]
        hit, unknown, faults = ENGINES[engine](plan, stories)
        missed = _missed(stories, answers(hit, unknown), faults)
        wrong += [(engine, failure) for failure in missed]
        failed = {failure.rule_code for failure in missed}
        for rule in rules:
            told[rule.code][engine] = NOT_MEANT if rule not in meant else FAILED if rule.code in failed else PASSED
            if not found[rule.code]:
                told[rule.code][engine] = FAILED
    checked = (RuleChecked(rule.code, rule.name, len(found[rule.code]), told[rule.code]) for rule in rules)
    return Checked(tuple(checked), tuple(wrong))


def installed() -> tuple[str, ...]:
    """The engines that can run here: Spark is an extra."""
    return tuple(name for name in ENGINES if name != "spark" or find_spec("pyspark"))


def _missed(stories: Sequence[Example], given: Answers, faults: Mapping[str, Fault]) -> list[Failure]:
    ran = [story for story in stories if story.rule_code not in faults]
    return failures(ran, given) + [Failure(code, "", one.where, PASSED, one.seen) for code, one in faults.items()]


def on_duckdb(plan: Plan, stories: Sequence[Example]) -> Given:
    with duckdb.connect(config={"threads": 1}) as connection:
        for name, table in stored_tables(stories).items():
            connection.register("loading", table)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM loading")
            connection.unregister("loading")
        connection.execute(create_answer_tables())
        outcome = duck.run(connection, plan)
        return _rows(connection, "hit"), _rows(connection, "unknown"), outcome.faults


def on_sqlite(plan: Plan, stories: Sequence[Example]) -> Given:
    stored = stored_tables(stories)
    with closing(sqlite.Bench(plan, {name: table.schema for name, table in stored.items()}, ANSWERS)) as bench:
        judged = bench.judge(stored)
        return list(judged.rows["hit"]), list(judged.rows["unknown"]), judged.outcome.faults


def on_spark(plan: Plan, stories: Sequence[Example]) -> Given:
    """In this process, with the little that examples need: their statements are not worth compiling."""
    with spark.session("local[2]", spark.SMALL) as session, tempfile.TemporaryDirectory() as folder:
        return in_session(session, Path(folder), plan, stories)


def in_session(session: SparkSession, folder: Path, plan: Plan, stories: Sequence[Example]) -> Given:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(create_answer_tables())
        site = spark.Site(session, folder, connection, ANSWERS)
        for name, table in stored_tables(stories).items():
            spark.show(site, name, table)
        outcome = spark.run(site, plan, brought={})
        return _rows(connection, "hit"), _rows(connection, "unknown"), outcome.faults


ENGINES: Mapping[str, Callable[[Plan, Sequence[Example]], Given]] = {
    "duckdb": on_duckdb,
    "sqlite": on_sqlite,
    "spark": on_spark,
}


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    return list(connection.execute(f"SELECT * FROM {table}").fetchall())
