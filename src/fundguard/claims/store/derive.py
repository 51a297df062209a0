"""The derived DuckDB file: all latest tables, void lists and the source profile. Never the truth, always rebuildable.

It is built beside and renamed; `derived/current.json` names it and says what it was made from. Readers attach it
read-only; one that still reads the file before keeps it, although its name is gone.
"""

from __future__ import annotations

import json
import shutil
import time
import uuid
from pathlib import Path

import duckdb

from fundguard.claims.store import durable, manifest, versions
from fundguard.claims.store.profile import profile_sql
from fundguard.claims.tables import SCHEMA_VERSION, Table, tables
from fundguard.errors import Refusal

_POINTER = "current.json"
_SPILL = "spill"
_SPILL_SECONDS = 2 * 86_400


def current(root: Path, build: bool) -> Path:
    """The derived file to read. With `build` it is made when it is absent or stale; else a stale one is good
    enough and an absent one is refused."""
    folder = root / "derived"
    if not build:
        found = _pointer(folder)
        if not found:
            raise Refusal("尚未生成查询库", where=str(folder), remedy="请等待导入后的生成任务完成，或先运行一次审核")
        return folder / str(found["file"])
    if _pointer(folder) != _wanted(root):
        with durable.locked(folder / "lock", wait=True), durable.refusing_full_disk(folder, "查询库未生成"):
            wanted = _wanted(root)
            if _pointer(folder) != wanted:
                _build(root, folder, wanted)
            return folder / str(wanted["file"])
    return folder / str(_wanted(root)["file"])


def private(root: Path, threads: int, memory: str) -> duckdb.DuckDBPyConnection:
    """An in-memory connection that spills into a folder of its own below `derived` and loads nothing from outside."""
    spill = root / "derived" / _SPILL
    spill.mkdir(parents=True, exist_ok=True)
    return duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": memory,
            "temp_directory": str(spill / uuid.uuid4().hex),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )


def selects(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, str]:
    """A SELECT per relation of an attached derived file; a column that is nowhere filled is not in it, but NULL."""
    query = "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = ?"
    held = set(connection.execute(query, [catalog]).fetchall())
    found = {name: f"SELECT * FROM {catalog}.main.{name}" for name in {name for name, _ in held}}
    for table in tables().values():
        columns = ", ".join(
            f'"{column}"' if (table.name, column) in held else f'NULL::{kind} AS "{column}"'
            for column, kind in table.stored().items()
        )
        found[table.name] = f"SELECT {columns} FROM {catalog}.main.{table.name}"
    return found


def _create(connection: duckdb.DuckDBPyConnection, root: Path, table: Table, select: str) -> None:
    """Store one table. A key is looked up among millions, each another: packed, it takes twice as long to read."""
    columns = _filled(connection, root, table)
    key = table.key[0] if len(table.key) == 1 else None
    stored = ", ".join(
        f'"{column}" {kind}{" USING COMPRESSION uncompressed" if column == key else ""}'
        for column, kind in table.stored().items()
        if column in columns
    )
    names = ", ".join(f'"{column}"' for column in table.stored() if column in columns)
    connection.execute(f"CREATE TABLE building.{table.name} ({stored})")
    connection.execute(f"INSERT INTO building.{table.name} SELECT {names} FROM ({select}) s")


def _filled(connection: duckdb.DuckDBPyConnection, root: Path, table: Table) -> set[str]:
    """The columns worth storing: most fields of a wide table are empty, and an empty one costs as much to compress.
    Read from the statistics of the Parquet files."""
    files = versions.files_of(table, root, manifest.read_all(root)).rows
    if not files:
        return {table.key[0]}
    filled = f"""SELECT path_in_schema FROM parquet_metadata([{", ".join(map(versions.quoted, files))}])
        GROUP BY 1 HAVING sum(num_values) > sum(coalesce(stats_null_count, 0))"""
    return {name for (name,) in connection.execute(filled).fetchall()} | {table.key[0]}


def _wanted(root: Path) -> dict[str, object]:
    """What a fresh pointer says. An arrival that brought no row changes nothing that is derived."""
    last = manifest.last_with_rows(manifest.read_all(root))
    return {"file": f"{last:06d}.duckdb", "arrival": last, "schema": SCHEMA_VERSION, "duckdb": duckdb.__version__}


def _pointer(folder: Path) -> dict[str, object] | None:
    try:
        told: dict[str, object] = json.loads((folder / _POINTER).read_bytes())
    except FileNotFoundError:
        return None
    return told if (folder / str(told["file"])).exists() else None


def _build(root: Path, folder: Path, wanted: dict[str, object]) -> None:
    _sweep_spills(folder)
    beside = folder / "building"
    _remove(folder, "building*")
    try:
        with private(root, threads=2, memory="1GB") as connection:
            connection.execute(f"ATTACH {versions.quoted(beside)} AS building")
            for name, select in versions.latest(connection, root).items():
                if name in tables():
                    _create(connection, root, tables()[name], select)
                else:
                    connection.execute(f"CREATE TABLE building.{name} AS SELECT * FROM ({select}) s")
            for name, select in selects(connection, "building").items():
                connection.execute(f"CREATE VIEW {name} AS {select}")
            connection.execute(f"CREATE TABLE building.source_profile AS {profile_sql()}")
            connection.execute("CHECKPOINT building")
            connection.execute("DETACH building")
    except BaseException:
        _remove(folder, "building*")
        raise
    durable.move(beside, folder / str(wanted["file"]))
    durable.write(folder / _POINTER, json.dumps(wanted).encode())
    for old in folder.glob("*.duckdb"):
        if not old.name.startswith(Path(str(wanted["file"])).stem):
            old.unlink()


def _remove(folder: Path, pattern: str) -> None:
    for path in folder.glob(pattern):
        path.unlink()


def _sweep_spills(folder: Path) -> None:
    """Remove the spill folders of killed processes; none that runs leaves its own untouched for so long."""
    for spill in (folder / _SPILL).glob("*"):
        if spill.stat().st_mtime < time.time() - _SPILL_SECONDS:
            shutil.rmtree(spill, ignore_errors=True)
