"""What the rules make of the data alone, kept in the folder of derived files: made once, read by every run until the
data or the code change. It is never the truth and may be deleted at any time.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from fundguard.audit.inputs import code_hash
from fundguard.claims.store import Store, durable
from fundguard.claims.store.manifest import last_with_rows
from fundguard.claims.store.versions import quoted
from fundguard.claims.store.views import Origin
from fundguard.engines.script import Progress
from fundguard.rules import tables
from fundguard.rules.compiler import data_steps

#: How the steps that make them are called to whoever asks for progress.
KEEPING = "keep"
_CREATE = re.compile(r"CREATE TEMP (?:TABLE|VIEW) (\w+) AS\n")


def prepare(store: Store, progress: Progress | None = None) -> None:
    """Make the derived file and the kept tables where they are not, so that the first run after an import need not."""
    with store.connect() as connection:
        attach(connection, store, "derived", progress)


def attach(
    connection: duckdb.DuckDBPyConnection, store: Store, origin: Origin, progress: Progress | None = None
) -> frozenset[str]:
    """Attach the kept tables to a connection of this store, making them from `origin` where they are not.

    The answer names the steps they stand for. None where they cannot be made, or where the connection does not show all
    that the store has by now: then the run makes them itself, and tells which rule fails on them.
    """
    arrival = _seen(connection)
    kept = store.root / "derived" / f"{arrival:06d}.{code_hash()}.duckdb"
    if not kept.exists():
        if arrival != last_with_rows(store.manifests()):
            return frozenset()
        with durable.locked(kept.parent / "kept.lock", wait=True), durable.refusing_full_disk(kept, "核查未开始"):
            if not kept.exists() and not _make(store, origin, kept, progress):
                return frozenset()
    connection.execute(f"ATTACH {quoted(kept)} AS kept (READ_ONLY)")
    return frozenset(step.name for step in data_steps())


def show(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the statements of a cursor find the kept tables, if any are attached, under their own names."""
    held = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'kept'").fetchall()
    for (name,) in held:
        connection.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM kept.main.{name}")


def _seen(connection: duckdb.DuckDBPyConnection) -> int:
    ((arrival,),) = connection.execute("SELECT getvariable('last_arrival')").fetchall()
    return int(arrival)


def _make(store: Store, origin: Origin, kept: Path, progress: Progress | None) -> bool:
    """Make the file beside and rename it; False where that fails or the store has other data by now."""
    beside = kept.with_suffix(".making")
    beside.unlink(missing_ok=True)
    with store.connect(origin=origin) as connection:
        if not kept.name.startswith(f"{_seen(connection):06d}."):
            return False
        try:
            _fill(connection, beside, progress)
        except duckdb.Error:
            beside.unlink(missing_ok=True)
            return False
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    for old in kept.parent.glob("[0-9]*.*.duckdb"):
        old.unlink()
    durable.move(beside, kept)
    return True


def _fill(connection: duckdb.DuckDBPyConnection, beside: Path, progress: Progress | None) -> None:
    connection.execute(f"ATTACH {quoted(beside)} AS making")
    for name, table in tables.fixed().items():
        connection.register(name, table)
    steps = data_steps()
    for number, step in enumerate(steps):
        if progress:
            progress(number, len(steps), KEEPING)
        for statement in step.sql.split(";\n"):
            made = _CREATE.match(statement)
            if made is None:
                raise ValueError(f"{step.name}: a statement on the data alone makes no table: {statement[:60]}")
            name = made.group(1)
            connection.execute(f"CREATE TABLE making.main.{name} AS\n{statement[made.end() :]}")
            connection.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM making.main.{name}")
    connection.execute("CHECKPOINT making")
