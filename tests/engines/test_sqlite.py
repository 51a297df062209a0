"""The SQLite engine: judged again and again, nothing stays, a failing rule apart from the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pytest

from fundguard.engines.dialect import translated
from fundguard.engines.sqlite import Bench
from fundguard.errors import Refusal

CHARGES = pa.table({"item": ["X1", "X2", "X2"], "fen": pa.array([1, 2, 3], pa.int64())})
ANSWERS = {"hit": (("rule_code", "VARCHAR"), ("fen", "BIGINT"))}


@dataclass(frozen=True)
class Step:
    name: str
    sql: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Script:
    shapes: tuple[Step, ...] = ()
    staging: tuple[Step, ...] = (
        Step("line", "CREATE TEMP TABLE line AS SELECT f.item AS item, f.fen AS fen FROM fee AS f WHERE f.fen > 1"),
    )
    closing: tuple[Step, ...] = ()
    tables: dict[str, pa.Table] = field(default_factory=lambda: {"k": pa.table({"item": ["X2"], "code": ["R1"]})})
    singles: dict[str, tuple[Step, ...]] = field(default_factory=dict)

    def alone(self, step: Step) -> Sequence[Step]:
        return self.singles[step.name]


def append(code: str, column: str = "fen") -> str:
    return f"INSERT INTO hit SELECT '{code}', l.{column} FROM line AS l JOIN k AS k ON k.item = l.item"


def bench(script: Script) -> Bench[Step]:
    return Bench(script, {"fee": CHARGES.schema}, ANSWERS)


def test_one_bench_judges_one_set_of_rows_after_another() -> None:
    shape = Step("s", "DROP TABLE IF EXISTS judged;\nCREATE TEMP TABLE judged AS SELECT l.fen AS fen FROM line AS l;\n")
    shape = Step("s", shape.sql + "INSERT INTO hit SELECT 'R1', j.fen FROM judged AS j", ("R1",))
    closing = Step("c", "UPDATE hit SET rule_code = 'R9' WHERE fen = 3")
    with bench(Script(shapes=(shape,), closing=(closing,))) as made:
        first = made.judge({"fee": CHARGES})
        assert first.rows["hit"] == [("R1", 2), ("R9", 3)]
        assert [name for name, _ in first.outcome.seconds] == ["line", "s", "c"]
        assert made.judge({}).rows["hit"] == []
        assert made.judge({"fee": CHARGES.slice(0, 2)}).rows["hit"] == [("R1", 2)]


def test_a_failing_rule_leaves_nothing_and_stops_no_other() -> None:
    both = Step("s", append("R1") + ";\n" + append("R2", "no_such_column"), ("R1", "R2"))
    bad = Step("s", append("R2") + ";\n" + append("R2", "no_such_column"), ("R2",))
    script = Script(shapes=(both, Step("t", append("R3"))), singles={"s": (Step("s", append("R1"), ("R1",)), bad)})
    with bench(script) as made:
        judged = made.judge({"fee": CHARGES})
        again = made.judge({"fee": CHARGES})
    assert sorted(judged.rows["hit"]) == [("R1", 2), ("R1", 3), ("R3", 2), ("R3", 3)]
    assert again.rows == judged.rows
    assert set(judged.outcome.faults) == {"R2"}
    assert "no_such_column" in judged.outcome.faults["R2"].seen


def test_staging_that_cannot_run_ends_the_run() -> None:
    with (
        bench(Script(closing=(Step("c", "UPDATE hit SET nothing = 1"),))) as made,
        pytest.raises(Refusal, match="步骤 c"),
    ):
        made.judge({"fee": CHARGES})


def test_a_sum_beyond_64_bits_is_a_fault_and_no_wrong_number() -> None:
    large = pa.table({"item": ["X2", "X2"], "fen": pa.array([2**62, 2**62], pa.int64())})
    shape = Step("s", "INSERT INTO hit SELECT 'R1', sum(l.fen) FROM line AS l", ("R1",))
    with bench(Script(shapes=(shape,), singles={"s": (shape,)})) as made:
        judged = made.judge({"fee": large})
    assert (judged.rows["hit"], set(judged.outcome.faults)) == ([], {"R1"})


def test_what_no_plan_may_do_is_refused() -> None:
    with pytest.raises(Refusal, match="不支持"):
        translated("ATTACH 'other' AS o", "sqlite")
