"""What the rules make of the data alone, kept beside the derived file: made once, read by every run until the data or
the code change. Like the derived file it is never the truth and may be deleted at any time.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from fundguard.audit.inputs import code_hash
from fundguard.claims.store import Store, durable
from fundguard.claims.store.versions import quoted
from fundguard.rules import tables
from fundguard.rules.compiler import data_steps

_CREATE = re.compile(r"CREATE TEMP (?:TABLE|VIEW) (\w+) AS\n")


def attach(connection: duckdb.DuckDBPyConnection, store: Store) -> frozenset[str]:
    """Attach the kept tables to a connection that reads the derived file, making them where they are not.

    The answer names the steps they stand for. None where they cannot be made, or the data have changed meanwhile: then
    the run makes them itself, and tells which rule fails on them.
    """
    derived = _derived(connection)
    kept = derived.with_name(f"{derived.stem}.{code_hash()}.duckdb")
    if not kept.exists():
        with durable.locked(derived.parent / "kept.lock", wait=True), durable.refusing_full_disk(kept, "核查未开始"):
            if not kept.exists() and not _make(store, derived, kept):
                return frozenset()
    connection.execute(f"ATTACH {quoted(kept)} AS kept (READ_ONLY)")
    return frozenset(step.name for step in data_steps())


def show(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the statements of a cursor find the kept tables, if any are attached, under their own names."""
    held = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'kept'").fetchall()
    for (name,) in held:
        connection.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM kept.main.{name}")


def _derived(connection: duckdb.DuckDBPyConnection) -> Path:
    query = "SELECT path FROM duckdb_databases() WHERE database_name = 'derived'"
    ((path,),) = connection.execute(query).fetchall()
    return Path(path)


def _make(store: Store, derived: Path, kept: Path) -> bool:
    """Make the file beside and rename it; False where that fails or the store has another derived file by now."""
    beside = kept.with_suffix(".making")
    beside.unlink(missing_ok=True)
    with store.connect() as connection:
        if _derived(connection) != derived:
            return False
        try:
            _fill(connection, beside)
        except duckdb.Error:
            beside.unlink(missing_ok=True)
            return False
    for old in kept.parent.glob(f"{derived.stem}.*.duckdb"):
        old.unlink()
    durable.move(beside, kept)
    return True


def _fill(connection: duckdb.DuckDBPyConnection, beside: Path) -> None:
    connection.execute(f"ATTACH {quoted(beside)} AS making")
    for name, table in tables.fixed().items():
        connection.register(name, table)
    for step in data_steps():
        for statement in step.sql.split(";\n"):
            made = _CREATE.match(statement)
            if made is None:
                raise ValueError(f"{step.name}: a statement on the data alone makes no table: {statement[:60]}")
            name = made.group(1)
            connection.execute(f"CREATE TABLE making.main.{name} AS\n{statement[made.end() :]}")
            connection.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM making.main.{name}")
    connection.execute("CHECKPOINT making")
