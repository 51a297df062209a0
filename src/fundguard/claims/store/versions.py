"""Which stored version of a natural key counts: SQL over the Parquet files.

The latest version is the greatest by (`stamp`, `row_hash`). Few keys ever have a second version, so an arrival
notes them beside its rows (`<arrival>.repeated.parquet`, written by `classify`): for a *contested* key every
version so far with its place, that is arrival and position in that arrival's file. A reader hides the places
that lost and scans everything else as it stands; with no contested key it is a plain scan. Void rows (`vali_flag` 0)
are hidden with them: so no reader looks at the flag again, and the engine's guesses of sizes stay sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from fundguard.claims.store.manifest import Manifest, last_with_rows, pieces, read_all
from fundguard.claims.tables import Table, tables

#: Tables whose void keys are listed, because what hangs on them is void too.
VOID_OF = ("mdtrt_d", "setl_d", "fee_list_d")


def quoted(path: Path | str) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def parquet(files: Sequence[Path | str], numbered: bool = False) -> str:
    """SQL for a non-empty list of Parquet files; `numbered` adds `file_row_number`."""
    names = ", ".join(quoted(f) for f in files)
    return f"read_parquet([{names}]{', file_row_number = true' if numbered else ''})"


def key_text(table: Table) -> str:
    """SQL for the natural key as one text; an empty part counts as ''."""
    parts = [f"coalesce(\"{part}\"::VARCHAR, '')" for part in table.key]
    return parts[0] if len(parts) == 1 else f"concat_ws(chr(31), {', '.join(parts)})"


@dataclass(frozen=True)
class TableFiles:
    """Committed files of one table in order of arrival: rows, and notes on repeated keys."""

    rows: list[str]
    notes: list[str]


def files_of(table: Table, root: Path, manifests: list[Manifest]) -> TableFiles:
    folder = f"tables/{table.name}"
    return TableFiles(pieces(root, manifests, folder), pieces(root, manifests, folder, "repeated.parquet"))


def latest(connection: duckdb.DuckDBPyConnection, root: Path, known_on: date | None = None) -> dict[str, str]:
    """A SELECT per national table and void list, over the Parquet files of `root`.

    Creates the small tables `lost_<table>` and `hidden_<table>` in the connection, which the statements refer to, and
    the variable `last_arrival`.
    """
    manifests = read_all(root, known_on)
    connection.execute(f"SET VARIABLE last_arrival = {last_with_rows(manifests)}")
    connection.execute("SET parquet_metadata_cache = true")  # read many times, and nobody writes into a file
    found: dict[str, str] = {}
    for table in tables().values():
        files = files_of(table, root, manifests)
        found[table.name] = _valid(connection, table, files)
        if table.name in VOID_OF:
            columns = ", ".join(f'"{column}"' for column in void_stored(table))
            found[f"void_{table.name}"] = (
                f"SELECT {columns} FROM ({_without(files, f'lost_{table.name}')}) c WHERE vali_flag = '0'"
                if files.rows
                else f"SELECT {columns} FROM ({found[table.name]}) c"
            )
    return found


def void_stored(table: Table) -> tuple[str, ...]:
    """Columns of a void list: the key, and the institution for whoever may see one region only."""
    return (*table.key, "fixmedins_code")


def _valid(connection: duckdb.DuckDBPyConnection, table: Table, files: TableFiles) -> str:
    if not files.rows:
        columns = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in table.stored().items())
        return f"SELECT {columns} WHERE false"
    lost, hidden = f"lost_{table.name}", f"hidden_{table.name}"
    connection.execute(f"CREATE TABLE {lost} AS {_LOST.format(notes=parquet(files.notes) if files.notes else _NONE)}")
    connection.execute(
        f"""CREATE TABLE {hidden} AS SELECT arrival, place FROM {lost}
        UNION SELECT arrival, file_row_number FROM {parquet(files.rows, numbered=True)} WHERE vali_flag = '0'"""
    )
    (rows,) = connection.execute(f"SELECT count(*) FROM {hidden}").fetchall()[0]
    return _without(files, hidden) if rows else f"SELECT * FROM {parquet(files.rows)}"


#: Places of versions that lost against another of their key.
_LOST = """
WITH versions AS (
    SELECT key, row_hash, max(stamp) AS stamp, max(arrival) AS arrival, max(place) AS place
    FROM {notes} WHERE contested GROUP BY key, row_hash),
ranked AS (
    SELECT arrival, place, row_number() OVER (PARTITION BY key ORDER BY stamp DESC, row_hash DESC) AS rank
    FROM versions)
SELECT arrival, place FROM ranked WHERE rank > 1
"""
_NONE = (
    "(SELECT NULL::VARCHAR AS key, 0::BIGINT AS row_hash, NULL::TIMESTAMP AS stamp, 0::INTEGER AS arrival,"
    " 0::BIGINT AS place, false AS contested WHERE false)"
)


def _without(files: TableFiles, hidden: str) -> str:
    return f"""SELECT v.* EXCLUDE (file_row_number) FROM {parquet(files.rows, numbered=True)} v
        ANTI JOIN {hidden} h ON v.arrival = h.arrival AND v.file_row_number = h.place"""
