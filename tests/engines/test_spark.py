"""The Spark engine: a failing rule apart from the others, answers as DuckDB's, and on all examples the same rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from fundguard.audit.engine_check import ANSWERS, REGION, in_session, on_duckdb
from fundguard.engines import spark
from fundguard.errors import Refusal
from fundguard.knowledge import of_region
from fundguard.rules import catalogue
from fundguard.rules.compiler import compile_rules
from fundguard.rules.examples import examples
from fundguard.rules.generated import generated
from tests.engines.test_sqlite import CHARGES, Script, Step, append
from tests.rules.placed import saved

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(not find_spec("pyspark"), reason="未安装 Spark 组件：运行 make spark"),
    pytest.mark.skipif(not shutil.which("java"), reason="没有 Java，Spark 不能启动"),
]
HITS = {"hit": (("rule_code", "VARCHAR"), ("fen", "BIGINT"))}


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    with spark.session("local[2]", spark.SMALL) as made:
        yield made


@pytest.fixture
def site(session: Any, tmp_path: Path) -> Iterator[spark.Site]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("CREATE TEMP TABLE hit (rule_code VARCHAR, fen BIGINT)")
        made = spark.Site(session, tmp_path, connection, HITS)
        spark.show(made, "fee", CHARGES)
        yield made


def found(site: spark.Site) -> list[tuple[str, int]]:
    return site.connection.execute("SELECT * FROM hit ORDER BY ALL").fetchall()


def test_staging_then_shapes_on_spark_then_closing_here(site: spark.Site) -> None:
    shape = Step("s", append("R1") + ";\n" + append("R2"), ("R1", "R2"))
    script = Script(shapes=(shape,), closing=(Step("c", "UPDATE hit SET rule_code = 'R9' WHERE fen = 3"),))
    outcome = spark.run(site, script, brought={"line": ("fen", "item")})
    assert found(site) == [("R1", 2), ("R2", 2), ("R9", 3), ("R9", 3)]
    assert site.connection.execute("SELECT * FROM line ORDER BY ALL").fetchall() == [(2, "X2"), (3, "X2")]
    assert [name for name, _ in outcome.seconds] == ["line", "s", "bring", "c"]


def test_a_failing_rule_leaves_nothing_and_stops_no_other(site: spark.Site) -> None:
    both = Step("s", append("R1") + ";\n" + append("R2", "no_such_column"), ("R1", "R2"))
    late = Step("s", append("R2") + ";\nINSERT INTO hit SELECT 'R2', l.fen // (l.fen - l.fen) FROM line AS l", ("R2",))
    script = Script(shapes=(both, Step("t", append("R3"))), singles={"s": (Step("s", append("R1"), ("R1",)), late)})
    outcome = spark.run(site, script, brought={})
    assert found(site) == [("R1", 2), ("R1", 3), ("R3", 2), ("R3", 3)]
    assert "DIVIDE_BY_ZERO" in outcome.faults["R2"].seen
    assert set(outcome.faults) == {"R2"}


def test_a_sum_beyond_64_bits_is_a_fault_and_no_wrong_number(site: spark.Site) -> None:
    spark.show(site, "fee", pa.table({"item": ["X2", "X2"], "fen": pa.array([2**62, 2**62], pa.int64())}))
    shape = Step("s", "INSERT INTO hit SELECT 'R1', sum(l.fen) FROM line AS l", ("R1",))
    outcome = spark.run(site, Script(shapes=(shape,), singles={"s": (shape,)}), brought={})
    assert (found(site), set(outcome.faults)) == ([], {"R1"})


def test_staging_that_cannot_run_ends_the_run(site: spark.Site) -> None:
    script = Script(staging=(Step("1", "CREATE TEMP TABLE a AS SELECT f.nothing AS x FROM fee AS f"),))
    with pytest.raises(Refusal, match="步骤 1"):
        spark.run(site, script, brought={})


def test_every_example_gives_the_rows_of_duckdb(session: Any, tmp_path: Path) -> None:
    """All examples of all rules, those generated from them and the saved ones around the constants, in one batch."""
    rules = list(catalogue.load().values())
    plan = compile_rules(rules, of_region(REGION), region=REGION)
    stories = [story for rule in rules for story in examples(rule.code)]
    stories += [one.example for rule in rules for one in generated(rule, plan)] + saved()
    given, wanted = in_session(session, tmp_path, plan, stories), on_duckdb(plan, stories)
    assert (given[2], wanted[2]) == ({}, {})
    for name, place in zip(ANSWERS, range(2), strict=True):
        assert sorted(given[place], key=repr) == sorted(wanted[place], key=repr), name
