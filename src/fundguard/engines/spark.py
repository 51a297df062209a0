"""Runs a plan on Spark and brings its answers back to DuckDB, where they are closed and published.

Each table of a plan is written as Parquet into a folder that the driver and all executors see, and read from there: so
no statement drags the making of all former ones along, and what comes back is read from the same folder. PySpark is an
extra: this module is of use only where it is installed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Generic

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from fundguard.engines import duckdb as duck
from fundguard.engines.dialect import translated
from fundguard.engines.script import Fault, Outcome, Progress, Script, Statement, Step, beating, fault
from fundguard.errors import Refusal

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

DIALECT = "spark"
BRINGING = "bring"
#: An overflow or a division by nothing is a fault, never a wrong number; a cycle may have any number of charges.
_SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.cteRecursionLevelLimit": "-1",
    "spark.sql.cteRecursionRowLimit": "-1",
    "spark.sql.session.timeZone": "Asia/Shanghai",
    "spark.log.level": "OFF",  # faults are told by their condition; messages may quote values of a row
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
#: For a handful of rows in this process: two parts, and no statement compiled that runs in less time.
SMALL = {
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.executor.heartbeatInterval": "300s",  # one process, which may have to wait long for the machine
    "spark.network.timeout": "1200s",
}
#: Types of stored columns and of the small tables of a plan.
_DECLARED = {
    pa.string(): "STRING",
    pa.int64(): "BIGINT",
    pa.int32(): "INT",
    pa.int16(): "SMALLINT",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    pa.timestamp("us"): "TIMESTAMP_NTZ",
}
_KINDS = {"VARCHAR": "string", "BIGINT": "bigint", "INTEGER": "int"}


@contextmanager
def session(master: str, settings: Mapping[str, str] | None = None) -> Iterator[SparkSession]:
    """A Spark at `master` (`local[2]`, `spark://host:7077`, `yarn` …), stopped at the end; `settings` are Spark's own.

    Refuses where PySpark or Java is missing or Spark does not start.
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        remedy = "运行 make spark 安装，并确认本机有 Java 17 或更高版本。"
        raise Refusal("未安装 Spark 组件", seen="pyspark", remedy=remedy) from error
    builder = SparkSession.builder.master(master).appName("fundguard")
    for name, value in {**_SETTINGS, **(settings or {})}.items():
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        remedy = "确认 Java 17 或更高版本可用，主节点地址正确。"
        raise Refusal("Spark 未能启动", where=master, seen=type(error).__name__, remedy=remedy) from error
    try:
        logging.getLogger("SQLQueryContextLogger").disabled = True
        yield spark
    finally:
        spark.stop()


@dataclass(frozen=True)
class Site:
    """Where a plan runs: a session in which the national tables are views; a new folder that driver and executors see;
    the connection that answers go to; its answer tables, name and kind of each column."""

    spark: SparkSession
    folder: Path
    connection: duckdb.DuckDBPyConnection
    answers: Mapping[str, Sequence[tuple[str, str]]]

    def store(self, name: str, frame: DataFrame) -> Path:
        """Write a frame as Parquet into a folder of its own, never into one that is still read."""
        folder = self.folder / f"{len(list(self.folder.iterdir()))}-{name}"
        frame.write.parquet(str(folder))
        return folder


@dataclass(frozen=True)
class _Closing(Generic[Step]):
    """What is left of a plan when its answers have come back."""

    closing: Sequence[Step]
    tables: Mapping[str, pa.Table]
    staging: Sequence[Step] = ()
    shapes: Sequence[Step] = ()

    def alone(self, step: Step, /) -> Sequence[Step]:
        return (step,)


def run(
    site: Site,
    script: Script[Step],
    *,
    brought: Mapping[str, Sequence[str]],
    progress: Progress | None = None,
) -> Outcome:
    """Runs staging and shapes on Spark, brings answers and `brought` tables (name → columns) to the connection,
    and runs the closing there.

    A shape that fails brings nothing and its rules are run one by one; one that fails alone leaves no row and is
    reported in `Outcome.faults`. A failing step of staging or closing raises `Refusal`.
    """
    steps = [*script.staging, *script.shapes]
    total = len(steps) + 1 + len(script.closing)
    tell = progress or (lambda done, total, name: None)
    seconds: list[tuple[str, float]] = []
    faults: dict[str, Fault] = {}
    for name, table in script.tables.items():
        show(site, name, table)
    for number, step in enumerate(steps):
        started = time.monotonic()
        beating(tell, number, total, step.name)()
        if step in script.shapes:
            faults |= _shape(site, script, step)
        else:
            _whole(site, step)
        seconds.append((step.name, time.monotonic() - started))
    started = time.monotonic()
    beating(tell, len(steps), total, BRINGING)()
    for name, columns in brought.items():
        _bring(site, name, columns)
    seconds.append((BRINGING, time.monotonic() - started))
    closing = _Closing(script.closing, script.tables)
    closed = duck.run(site.connection, closing, progress=lambda done, _, name: tell(len(steps) + 1 + done, total, name))
    return Outcome((*seconds, *closed.seconds), faults)


def show(site: Site, name: str, table: pa.Table) -> None:
    """Make a small table a view of the session."""
    path = site.folder / f"{name}.parquet"
    pq.write_table(table, path)
    site.spark.read.schema(declared(table.schema)).parquet(str(path)).createOrReplaceTempView(name)


def declared(schema: pa.Schema) -> str:
    """The columns as Spark declares them, so that it need not look into the files first."""
    return ", ".join(f"`{field.name}` {_DECLARED[field.type]}" for field in schema)


def _whole(site: Site, step: Statement) -> None:
    from pyspark.errors import PySparkException

    try:
        _execute(site, step)
    except PySparkException as error:
        remedy = "请检查数据是否导入完整、执行节点的内存和磁盘是否足够后重新运行；原有结果未改变。"
        raise Refusal(
            "核查中断：Spark 处理失败", where=f"步骤 {step.name}", seen=_seen(error), remedy=remedy
        ) from error


def _shape(site: Site, script: Script[Step], step: Step) -> dict[str, Fault]:
    if _attempt(site, step) is None:
        return {}
    faults: dict[str, Fault] = {}
    for single in script.alone(step):
        error = _attempt(site, single)
        if error is not None:
            faults |= dict.fromkeys(single.rules, fault(single.name, _seen(error)))
    return faults


def _attempt(site: Site, step: Statement) -> Exception | None:
    """Runs a shape; its rows reach the connection together, or none of them does."""
    from pyspark.errors import PySparkException

    made: list[str] = []
    try:
        made, appended = _execute(site, step)
        pieces = {target: _written(site, target, frames) for target, frames in appended.items()}
    except PySparkException as error:
        failed: Exception = error
        return failed
    finally:
        for name in made:
            site.spark.catalog.dropTempView(name)
    for target, files in pieces.items():
        site.connection.execute(f"INSERT INTO {target} SELECT * FROM {_parquet(files)}")
    return None


def _execute(site: Site, step: Statement) -> tuple[list[str], dict[str, list[DataFrame]]]:
    """Runs the statements of a step: the tables it made, and the frames it appends by answer table."""
    made: list[str] = []
    appended: dict[str, list[DataFrame]] = {}
    for told in translated(step.sql, DIALECT):
        if told.act == "table":
            frame = _typed(site.spark.sql(told.query))
            files = site.store(told.target, frame)
            site.spark.read.schema(frame.schema).parquet(str(files)).createOrReplaceTempView(told.target)
            made.append(told.target)
        elif told.act == "view":
            site.spark.sql(told.query).createOrReplaceTempView(told.target)
        elif told.act == "append":
            appended.setdefault(told.target, []).append(site.spark.sql(told.query))
        elif told.act == "drop":
            site.spark.catalog.dropTempView(told.target)
        else:
            raise Refusal("只有收尾步骤可以改动已有的行", where=f"步骤 {step.name}", remedy="把改动移到收尾步骤")
    return made, appended


def _typed(frame: DataFrame) -> DataFrame:
    """A column that is NULL in every row has no type, and could not be stored."""
    columns = ((f"`{one.name}`", one.dataType.typeName() == "void") for one in frame.schema)
    return frame.selectExpr(*(f"CAST({name} AS STRING) AS {name}" if void else name for name, void in columns))


def _written(site: Site, target: str, frames: Sequence[DataFrame]) -> Path:
    """The rows of several appends as Parquet, with the columns of the answer table."""
    columns = site.answers[target]
    names = [column for column, _ in columns]
    whole = reduce(lambda one, other: one.unionAll(other), (frame.toDF(*names) for frame in frames))
    typed = whole.selectExpr(*(f"CAST({column} AS {_KINDS[kind]}) AS {column}" for column, kind in columns))
    return site.store(target, typed)


def _bring(site: Site, name: str, columns: Sequence[str]) -> None:
    files = site.store(name, site.spark.table(name).select(*columns))
    site.connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {_parquet(files)}")


def _parquet(files: Path) -> str:
    pattern = str(files / "*.parquet").replace("'", "''")
    return f"read_parquet('{pattern}')"


def _seen(error: Exception) -> str:
    """The name of the error's condition: messages may quote values of a row."""
    condition = getattr(error, "getCondition", lambda: None)()
    return f"{type(error).__name__}: {condition}" if condition else type(error).__name__
