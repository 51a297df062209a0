"""Runs a plan on an in-memory SQLite: few rows, in milliseconds, again and again.

What a plan makes is laid out once, with its knowledge and its prepared statements; each judgement fills the tables in
one transaction and takes it back. One `Bench` belongs to one thread.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic

import pyarrow as pa

from fundguard.engines.dialect import translated
from fundguard.engines.script import Fault, Outcome, Script, Statement, Step, fault
from fundguard.errors import Refusal

DIALECT = "sqlite"
#: Prepared statements kept: more than any plan has, so that none is prepared twice.
_PREPARED = 4096
#: Columns by which statements look up rows of the plan's own tables; its larger tables are indexed on those they have.
_LOOKED_UP = ("item", "code_a", "code_b", "day", "point", "med_type")
_WORTH_AN_INDEX = 50


@dataclass(frozen=True)
class Judged:
    """The rows of the answer tables by name, in the order of their columns, and how the run went."""

    rows: Mapping[str, list[tuple[Any, ...]]]
    outcome: Outcome


class Bench(Generic[Step]):
    """A plan laid out on a SQLite of its own, ready to judge one set of rows after another."""

    def __init__(
        self,
        script: Script[Step],
        stored: Mapping[str, pa.Schema],
        answers: Mapping[str, Sequence[tuple[str, str]]],
    ) -> None:
        """`stored` are the tables whose rows are judged, `answers` those that the shapes append to: name and kind of
        each column. Raises `Refusal` where staging or closing cannot run at all."""
        self._script = script
        self._answers = tuple(answers)
        self._laid: set[str] = set()
        self._connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=_PREPARED)
        for name, schema in stored.items():
            self._create(name, schema)
        for name, columns in answers.items():
            self._connection.execute(f"CREATE TABLE {name} ({', '.join(f'{c} {kind}' for c, kind in columns)})")
        for name, table in script.tables.items():
            self._create(name, table.schema)
            self._fill(name, table)
            self._index(name, table)
        self._connection.execute("ANALYZE")
        self._lay_out()

    def __enter__(self) -> Bench[Step]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def judge(self, rows: Mapping[str, pa.Table]) -> Judged:
        """The answers on these rows alone; nothing of them stays. Tables that are not named are empty.

        A shape that fails is taken back and its rules are run one by one; one that fails alone leaves no row and is
        reported among the faults. A failing step of staging or closing raises `Refusal`.
        """
        self._connection.execute("BEGIN")
        try:
            for name, table in rows.items():
                self._fill(name, table)
            outcome = self._run()
            found = {name: self._connection.execute(f"SELECT * FROM {name}").fetchall() for name in self._answers}
        finally:
            self._connection.execute("ROLLBACK")
        return Judged(found, outcome)

    def _run(self) -> Outcome:
        seconds: list[tuple[str, float]] = []
        faults: dict[str, Fault] = {}
        for step in self._script.staging:
            seconds.append(self._whole(step))
        for step in self._script.shapes:
            started = time.monotonic()
            faults |= self._shape(step)
            seconds.append((step.name, time.monotonic() - started))
        for step in self._script.closing:
            seconds.append(self._whole(step))
        return Outcome(tuple(seconds), faults)

    def _whole(self, step: Statement) -> tuple[str, float]:
        started = time.monotonic()
        try:
            self._execute(step)
        except sqlite3.Error as error:
            remedy = "请检查数据是否完整后重新运行。"
            raise Refusal(
                "核查中断：数据处理失败", where=f"步骤 {step.name}", seen=_seen(error), remedy=remedy
            ) from error
        return step.name, time.monotonic() - started

    def _shape(self, step: Step) -> dict[str, Fault]:
        if self._attempt(step) is None:
            return {}
        faults: dict[str, Fault] = {}
        for single in self._script.alone(step):
            error = self._attempt(single)
            if error is not None:
                faults |= dict.fromkeys(single.rules, fault(single.name, _seen(error)))
        return faults

    def _attempt(self, step: Statement) -> sqlite3.Error | None:
        self._connection.execute("SAVEPOINT shape")
        try:
            self._execute(step)
        except sqlite3.Error as error:
            self._connection.execute("ROLLBACK TO shape")
            return error
        finally:
            self._connection.execute("RELEASE shape")
        return None

    def _execute(self, step: Statement) -> None:
        """A table that was laid out is filled anew: making it again would prepare every statement again."""
        run = self._connection.execute
        for told in translated(step.sql, DIALECT):
            if told.act == "table" and told.target in self._laid:
                run(f"DELETE FROM {told.target}")
                run(f"INSERT INTO {told.target} {told.query}")
            elif told.act == "table":
                run(f"CREATE TABLE {told.target} AS {told.query}")
            elif told.act == "view":
                run(f"CREATE VIEW IF NOT EXISTS {told.target} AS {told.query}")
            elif told.act == "append":
                run(f"INSERT INTO {told.target} {told.query}")
            elif told.act == "drop":
                laid = told.target in self._laid
                run(f"DELETE FROM {told.target}" if laid else f"DROP TABLE IF EXISTS {told.target}")
            else:
                run(told.query)

    def _lay_out(self) -> None:
        """Make every table and view of the plan by running it on no rows; a shape that fails makes its tables later."""
        for step in (*self._script.staging, *self._script.shapes):
            for told in translated(step.sql, DIALECT):
                if told.act not in ("table", "view") or told.target in self._laid:
                    continue
                try:
                    self._connection.execute(f"CREATE {told.act.upper()} {told.target} AS {told.query}")
                except sqlite3.Error:
                    break
                if told.act == "table":
                    self._laid.add(told.target)

    def _create(self, name: str, schema: pa.Schema) -> None:
        columns = ", ".join(f'"{field.name}" {_kind(field.type)}' for field in schema)
        self._connection.execute(f'CREATE TABLE "{name}" ({columns})')

    def _fill(self, name: str, table: pa.Table) -> None:
        """Only columns that hold anything: a national table has many, an encounter fills few of them."""
        held = [(n, c) for n, c in zip(table.column_names, table.columns, strict=True) if c.null_count < len(c)]
        if not held:
            return
        names = ", ".join(f'"{column}"' for column, _ in held)
        values = [c.to_pylist() if _kind(c.type) == "INTEGER" else c.cast(pa.string()).to_pylist() for _, c in held]
        places = ", ".join("?" * len(held))
        self._connection.executemany(f'INSERT INTO "{name}" ({names}) VALUES ({places})', zip(*values, strict=True))

    def _index(self, name: str, table: pa.Table) -> None:
        for column in _LOOKED_UP:
            if column in table.column_names and table.num_rows >= _WORTH_AN_INDEX:
                self._connection.execute(f'CREATE INDEX "{name}_{column}" ON "{name}" ("{column}")')


def _kind(kind: pa.DataType) -> str:
    return "INTEGER" if pa.types.is_integer(kind) else "TEXT"


def _seen(error: sqlite3.Error) -> str:
    """Messages of operational errors name tables and columns only; others may quote values of a row."""
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, sqlite3.OperationalError) else kind
