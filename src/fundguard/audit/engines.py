"""Where the rules of a run are asked: in the reader's own DuckDB, or on Spark over the same Parquet files.

What is published is published from DuckDB either way; the engines agree, so the findings are the same, to the byte.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import duckdb
import pyarrow as pa

from fundguard.claims.store import Store
from fundguard.claims.store.manifest import Manifest
from fundguard.claims.store.versions import files_of
from fundguard.claims.tables import Table, tables
from fundguard.engines import duckdb as duck
from fundguard.engines import spark
from fundguard.engines.script import Outcome, Progress
from fundguard.rules.compiler import HIT, UNKNOWN, Plan

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Name = Literal["duckdb", "spark"]
LOCAL = "local[2]"
ANSWERS = {"hit": HIT, "unknown": UNKNOWN}
#: What publishing reads of the tables that staging makes (docs/explanation/contracts.md, 3).
BROUGHT = {
    "line": ("bkkp_sn", "setl_id", "mdtrt_id", "item", "fixmedins_code", "psn_key", "inscp_amt", "payable"),
    "paid": ("setl_id", "mdtrt_id", "inscp_amt", "fund_pay_sumamt"),
    "practised": ("fixmedins_code", "dr_code", "lines"),
}


@dataclass(frozen=True)
class Chosen:
    """An engine and, for Spark, the address of its master, its settings, and a folder that its executors see too."""

    name: Name = "duckdb"
    master: str = LOCAL
    settings: Mapping[str, str] | None = None
    work: Path | None = None


EMBEDDED = Chosen()


@dataclass(frozen=True)
class Ask:
    """Runs a plan; its answers and the tables of staging are then on the connection. `told` is the engine's version."""

    run: Callable[[duckdb.DuckDBPyConnection, Plan], Outcome]
    told: Mapping[str, str]

    def __call__(self, connection: duckdb.DuckDBPyConnection, plan: Plan) -> Outcome:
        return self.run(connection, plan)


@contextmanager
def asking(chosen: Chosen, store: Store, manifests: list[Manifest], progress: Progress | None = None) -> Iterator[Ask]:
    """The engine, ready to be asked. Refuses where Spark does not start."""
    if chosen.name == "duckdb":
        yield Ask(lambda connection, plan: duck.run(connection, plan, progress=progress), {})
        return
    with (
        spark.session(chosen.master, chosen.settings) as session,
        tempfile.TemporaryDirectory(prefix="fundguard-spark-", dir=chosen.work) as folder,
    ):

        def run(connection: duckdb.DuckDBPyConnection, plan: Plan) -> Outcome:
            site = spark.Site(session, Path(tempfile.mkdtemp(dir=folder)), connection, ANSWERS)
            show(site, store, manifests)
            return spark.run(site, plan, brought=BROUGHT, progress=progress)

        yield Ask(run, {"spark": session.version})


def show(site: spark.Site, store: Store, manifests: list[Manifest]) -> None:
    """Make every national table a view of the session: the latest valid version of each key, as the connection (which
    reads the same Parquet files) found it."""
    for table in tables().values():
        files = files_of(table, store.root, manifests).rows
        if files:
            _latest(site, table, files).createOrReplaceTempView(table.name)
        else:
            site.spark.createDataFrame([], _declared(table)).createOrReplaceTempView(table.name)


def _latest(site: spark.Site, table: Table, files: list[str]) -> DataFrame:
    """The rows of these files but those that lost against another version or are void (`hidden_…`, by place)."""
    stored = site.spark.read.schema(_declared(table)).parquet(*files)
    hidden = site.connection.execute(f"SELECT arrival, place FROM hidden_{table.name}").fetchall()
    if not hidden:
        return stored
    places = {"arrival": pa.array([one for one, _ in hidden], pa.int32())}
    places["place"] = pa.array([place for _, place in hidden], pa.int64())
    spark.show(site, f"hidden_{table.name}", pa.table(places))
    placed = stored.select("*", "_metadata.row_index")
    gone = site.spark.table(f"hidden_{table.name}")
    on = (placed["arrival"] == gone["arrival"]) & (placed["row_index"] == gone["place"])
    return placed.join(gone, on, "left_anti").drop("row_index")


def _declared(table: Table) -> str:
    kinds = {"VARCHAR": "STRING", "BIGINT": "BIGINT", "INTEGER": "INT", "DATE": "DATE", "TIMESTAMP": "TIMESTAMP_NTZ"}
    return ", ".join(f"`{name}` {kinds[kind]}" for name, kind in table.stored().items())
