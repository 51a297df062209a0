"""Runs the steps of a plan on one DuckDB connection: timed, cancellable, a failing rule apart from the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait

import duckdb
import pyarrow as pa

from fundguard.engines.script import Fault, Outcome, Progress, Script, Statement, Step, beating, fault
from fundguard.errors import Refusal

BEAT = 0.5
#: Faults of the machine, not of a statement: no rule can be blamed, so the run ends.
_MACHINE = (duckdb.InterruptException, duckdb.IOException, duckdb.FatalException, duckdb.InternalException)
#: Messages of these name tables and columns only; others may quote values of a row and are not recorded.
_HARMLESS = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)


def run(connection: duckdb.DuckDBPyConnection, script: Script[Step], *, progress: Progress | None = None) -> Outcome:
    """Loads the script's tables, runs its staging, its shapes, which append to tables the caller has made, its closing.

    A shape that fails is rolled back and its rules are run one by one; one that fails alone leaves no row and is
    reported in `Outcome.faults`. A failing step of staging or closing or a fault of the machine raises `Refusal`.
    """
    steps = [*script.staging, *script.shapes, *script.closing]
    tell = progress or (lambda done, total, name: None)
    seconds: list[tuple[str, float]] = []
    faults: dict[str, Fault] = {}
    connection.execute("SET preserve_insertion_order = false")
    # grouping before a join as well as after it: here it never makes the rows fewer by much, and costs as much again
    connection.execute("SET disabled_optimizers = 'partial_aggregate_pushdown'")
    # tables that end with the run need no tidying when a shape's transaction ends
    connection.execute("SET checkpoint_threshold = '1TB'")
    _load(connection, script.tables)
    for number, step in enumerate(steps):
        started = time.monotonic()
        beat = beating(tell, number, len(steps), step.name)
        beat()
        if step in script.shapes:
            faults |= _shape(connection, script, step, beat)
        else:
            _whole(connection, step, beat)
        seconds.append((step.name, time.monotonic() - started))
    tell(len(steps), len(steps), "")
    return Outcome(tuple(seconds), faults)


def _load(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> None:
    for name, table in tables.items():
        connection.register("loading", table)
        connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT * FROM loading')
        connection.unregister("loading")


def _whole(connection: duckdb.DuckDBPyConnection, step: Statement, beat: Callable[[], None]) -> None:
    try:
        _execute(connection, step.sql, beat)
    except duckdb.Error as error:
        raise refusal(error, step.name) from error


def _shape(
    connection: duckdb.DuckDBPyConnection, script: Script[Step], step: Step, beat: Callable[[], None]
) -> dict[str, Fault]:
    """Runs one shape; on failure each of its rules alone. Faults of the rules that failed alone."""
    first = _attempt(connection, step, beat)
    if first is None:
        return {}
    faults: dict[str, Fault] = {}
    for single in script.alone(step):
        error = _attempt(connection, single, beat)
        if error is not None:
            faults |= dict.fromkeys(single.rules, fault(single.name, _seen(error)))
    return faults


def _attempt(connection: duckdb.DuckDBPyConnection, step: Statement, beat: Callable[[], None]) -> duckdb.Error | None:
    """Runs a step in one transaction: all of it or nothing."""
    connection.execute("BEGIN")
    try:
        _execute(connection, step.sql, beat)
        connection.execute("COMMIT")
    except _MACHINE as error:
        raise refusal(error, step.name) from error
    except duckdb.Error as error:
        connection.execute("ROLLBACK")
        return error
    return None


def _execute(connection: duckdb.DuckDBPyConnection, sql: str, beat: Callable[[], None]) -> None:
    """Runs `sql` in a thread of its own, so that the caller's thread can report and cancel meanwhile."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        running = pool.submit(connection.execute, sql)
        try:
            while not wait([running], timeout=BEAT).done:
                beat()
        except BaseException:
            connection.interrupt()
            wait([running])
            raise
        running.result()


def refusal(error: duckdb.Error, step: str) -> Refusal:
    """What a user is told when a run ends because of the machine or of its data."""
    if isinstance(error, (duckdb.OutOfMemoryException, duckdb.IOException)):
        what, remedy = "核查中断：内存或磁盘空间不足", "请释放磁盘空间或提高内存上限后重新运行；原有结果未改变。"
    else:
        what, remedy = "核查中断：数据处理失败", "请检查数据是否导入完整后重新运行；原有结果未改变。"
    return Refusal(what, where=f"步骤 {step}", seen=_seen(error), remedy=remedy)


def _seen(error: duckdb.Error) -> str:
    kind = type(error).__name__
    return f"{kind}: {str(error).splitlines()[0]}" if isinstance(error, _HARMLESS) else kind
