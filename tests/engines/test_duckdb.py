"""The DuckDB engine: order, isolation of a failing rule, faults of the machine, progress and cancelling."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
import pytest

from fundguard.engines import duckdb as engine
from fundguard.errors import Refusal

SLOW = "SELECT count(*) FROM range(100000000) AS a, range(100000) AS b WHERE hash(a.range, b.range) = 0"


@dataclass(frozen=True)
class Step:
    name: str
    sql: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Script:
    """Shapes insert one row per rule into `hit`; `singles` are what each rule runs alone."""

    shapes: tuple[Step, ...] = ()
    staging: tuple[Step, ...] = ()
    closing: tuple[Step, ...] = ()
    tables: dict[str, pa.Table] = field(default_factory=dict)
    singles: dict[str, tuple[Step, ...]] = field(default_factory=dict)

    def alone(self, step: Step) -> Sequence[Step]:
        return self.singles[step.name]


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(config={"threads": 2})
    made.execute("CREATE TEMP TABLE hit (rule_code VARCHAR)")
    return made


def hit(*codes: str) -> str:
    return "INSERT INTO hit VALUES " + ", ".join(f"('{code}')" for code in codes)


def found(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [code for (code,) in connection.execute("SELECT rule_code FROM hit ORDER BY 1").fetchall()]


def test_tables_then_staging_then_shapes_then_closing(connection: duckdb.DuckDBPyConnection) -> None:
    script = Script(
        tables={"k": pa.table({"code": ["R1"]})},
        staging=(Step("1", "CREATE TEMP TABLE a AS SELECT code FROM k"), Step("2", "CREATE TEMP TABLE b AS FROM a")),
        shapes=(Step("s", "INSERT INTO hit SELECT code FROM b", ("R1",)),),
        closing=(Step("c", "UPDATE hit SET rule_code = rule_code || '!'"),),
    )
    outcome = engine.run(connection, script)
    assert found(connection) == ["R1!"]
    assert [name for name, _ in outcome.seconds] == ["1", "2", "s", "c"]
    assert outcome.faults == {}


def test_a_failing_rule_leaves_nothing_and_stops_no_other(connection: duckdb.DuckDBPyConnection) -> None:
    bad = hit("R2") + "; SELECT no_such_column FROM hit"
    script = Script(
        shapes=(
            Step("first", hit("R1", "R2") + "; SELECT no_such_column FROM hit", ("R1", "R2")),
            Step("next", hit("R3")),
        ),
        singles={"first": (Step("first", hit("R1"), ("R1",)), Step("first", bad, ("R2",)))},
    )
    outcome = engine.run(connection, script)
    assert found(connection) == ["R1", "R3"]
    assert set(outcome.faults) == {"R2"}
    assert "no_such_column" in outcome.faults["R2"].seen


@pytest.mark.parametrize("sql", ["SELECT CAST('张某某' AS INTEGER)", "SELECT error('张某某')"])
def test_a_fault_quotes_no_value(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    step = Step("s", sql, ("R1",))
    outcome = engine.run(connection, Script(shapes=(step,), singles={"s": (step,)}))
    assert "张" not in str(outcome.faults["R1"])


@pytest.mark.parametrize("part", ["staging", "closing"])
def test_a_failing_step_of_all_rules_ends_the_run(connection: duckdb.DuckDBPyConnection, part: str) -> None:
    with pytest.raises(Refusal, match="核查中断") as refused:
        engine.run(connection, Script(**{part: (Step("1_person", "SELECT CAST('张某某' AS INTEGER)"),)}))
    assert "张" not in str(refused.value)
    assert "1_person" in str(refused.value)


def test_a_fault_of_the_machine_is_no_rules_fault(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(Refusal, match="空间不足"):
        engine.run(connection, Script(shapes=(Step("s", "COPY hit TO '/dev/null/none.csv'", ("R1",)),)))


def test_progress_tells_each_step_and_goes_on_during_a_long_one(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BEAT", 0.02)
    seen: list[tuple[int, int, str]] = []

    def progress(*told: object) -> None:
        seen.append(told)  # type: ignore[arg-type]
        if len(seen) == 4:
            connection.interrupt()

    with pytest.raises(Refusal):
        engine.run(connection, Script(shapes=(Step("quick", hit("R1")), Step("slow", SLOW))), progress=progress)
    assert seen == [(0, 2, "quick"), (1, 2, "slow"), (1, 2, "slow"), (1, 2, "slow")]


def test_raising_from_progress_interrupts_the_statement(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BEAT", 0.02)
    threads = threading.active_count()

    def progress(done: int, total: int, name: str) -> None:
        calls.append(name)
        if len(calls) == 3:
            raise InterruptedError

    calls: list[str] = []
    with pytest.raises(InterruptedError):
        engine.run(connection, Script(shapes=(Step("slow", SLOW, ("R1",)),)), progress=progress)
    assert threading.active_count() == threads
