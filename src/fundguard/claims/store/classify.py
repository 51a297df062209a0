"""What the rows of an arrival are, compared with what the store knows: new, changed, unchanged, withdrawn.

A version is (key, content, stamp), and the latest view is a function of the set of all versions that ever
arrived. A content is stored once for its key. When it arrives again,

- with a stamp that is not greater, it can never win against what is stored: nothing is written;
- with a greater stamp (rows without `updt_time` in a batch with its own `as_of`, or without any time), the row
  is not written again either, but its greater stamp is noted. Without the note a batch that comes late with a
  stamp in between would win, and the view would depend on the order of import.

The notes (`key, row_hash, stamp, arrival, place, contested`) are explained in `versions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from fundguard.claims.store.manifest import Counts
from fundguard.claims.store.staging import ROW_GROUP, parquet_writer
from fundguard.claims.store.versions import TableFiles, key_text, parquet, quoted
from fundguard.claims.tables import Table

#: Hashes of keys that are in the store already or twice in the arrival: a superset, exact keys are compared later.
_MET = """
CREATE OR REPLACE TEMP TABLE met AS
WITH arriving AS (SELECT hash({key}) AS code FROM {staged})
SELECT code FROM arriving GROUP BY code HAVING count(*) > 1
UNION SELECT code FROM arriving SEMI JOIN (SELECT hash({key}) AS code FROM {rows}) k USING (code)
"""
_KNOWN = """
CREATE OR REPLACE TEMP TABLE known AS
SELECT key, row_hash, max(stamp) AS stamp, max(arrival) AS arrival, max(place) AS place FROM (
    SELECT {key} AS key, row_hash, stamp, arrival, file_row_number AS place FROM {rows}
    UNION ALL SELECT key, row_hash, stamp, arrival, place FROM {notes}) versions
WHERE hash(key) IN (SELECT code FROM met) GROUP BY key, row_hash
"""
#: One row per arriving row whose key is met. `repeats`: the content is stored already or stands earlier in the
#: arrival, so the row is not written. `fresher`: it is known, and its stamp must be noted.
_JUDGED = """
CREATE OR REPLACE TEMP TABLE judged AS
WITH arriving AS (
    SELECT {key} AS key, row_hash, stamp, coalesce(vali_flag = '0', false) AS void, file_row_number AS place,
        row_number() OVER (PARTITION BY {key}, row_hash ORDER BY file_row_number) > 1 AS again
    FROM {staged} WHERE hash({key}) IN (SELECT code FROM met)),
latest AS (
    SELECT key, row_hash, stamp FROM known
    QUALIFY row_number() OVER (PARTITION BY key ORDER BY stamp DESC, row_hash DESC) = 1),
compared AS (
    SELECT a.*, k.key IS NOT NULL OR a.again AS repeats, l.key IS NOT NULL AS key_known,
        NOT a.again AND coalesce(a.stamp > k.stamp, false) AS fresher,
        a.row_hash <> l.row_hash AND (a.stamp > l.stamp OR (a.stamp = l.stamp AND a.row_hash > l.row_hash)) AS overtakes
    FROM arriving a LEFT JOIN known k ON a.key = k.key AND a.row_hash = k.row_hash LEFT JOIN latest l ON a.key = l.key)
SELECT *, place - sum(repeats::INTEGER) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) AS stored_place,
    CASE WHEN repeats AND NOT (fresher AND overtakes) THEN 'unchanged'
         WHEN void THEN 'withdrawn'
         WHEN NOT key_known AND row_number() OVER (PARTITION BY key, repeats, void ORDER BY stamp, row_hash) = 1
         THEN 'new' ELSE 'changed' END AS fate
FROM compared
"""
_NOTES = """
CREATE OR REPLACE TEMP TABLE notes AS
WITH versions AS (
    SELECT key, row_hash, stamp, arrival, place FROM known
    UNION ALL
    SELECT key, row_hash, stamp, CASE WHEN NOT repeats THEN {arrival} END, CASE WHEN NOT repeats THEN stored_place END
    FROM judged WHERE fresher OR NOT repeats),
merged AS (
    SELECT key, row_hash, max(stamp) AS stamp, max(arrival) AS arrival, max(place)::BIGINT AS place
    FROM versions WHERE key IN (SELECT key FROM judged WHERE fresher OR NOT repeats) GROUP BY key, row_hash),
weighed AS (SELECT *, count(*) OVER (PARTITION BY key) > 1 AS contested FROM merged)
SELECT * FROM weighed WHERE contested OR arrival < {arrival} ORDER BY contested, key, row_hash
"""
_NO_NOTES = (
    "(SELECT NULL::VARCHAR AS key, 0 AS row_hash, NULL::TIMESTAMP AS stamp, 0 AS arrival, 0 AS place WHERE false)"
)


@dataclass(frozen=True)
class Outcome:
    """Counts of a table, and how many rows and notes its two new files hold (0: the file was not written)."""

    counts: Counts
    rows: int
    notes: int


def classify(work: duckdb.DuckDBPyConnection, table: Table, staged: Path, earlier: TableFiles, arrival: int) -> Outcome:
    """Compare the staged rows of one table with the store; leave only rows to be stored in `staged`, notes beside.

    `work` is a private connection that may spill: it sees keys, stamps and hashes, never an identity.
    """
    staged_rows = parquet([staged], numbered=True)
    read, void = _pair(work, f"SELECT count(*), count(*) FILTER (vali_flag = '0') FROM {staged_rows}")
    parts = {
        "key": key_text(table),
        "arrival": arrival,
        "staged": staged_rows,
        "rows": parquet(earlier.rows, numbered=True) if earlier.rows else f"(FROM {staged_rows} WHERE false)",
        "notes": parquet(earlier.notes) if earlier.notes else _NO_NOTES,
    }
    work.execute(_MET.format(**parts))
    if not work.execute("SELECT 1 FROM met LIMIT 1").fetchone():
        return Outcome(Counts(read=read, new=read - void, withdrawn=void), read, 0)
    for statement in (_KNOWN, _JUDGED, _NOTES):
        work.execute(statement.format(**parts))
    fates: dict[str, int] = dict(work.execute("SELECT fate, count(*) FROM judged GROUP BY fate").fetchall())
    judged, judged_void = _pair(work, "SELECT count(*), count(*) FILTER (void) FROM judged")
    plain, plain_void = read - judged, void - judged_void
    counts = Counts(
        read=read,
        new=fates.get("new", 0) + plain - plain_void,
        changed=fates.get("changed", 0),
        unchanged=fates.get("unchanged", 0),
        withdrawn=fates.get("withdrawn", 0) + plain_void,
    )
    repeats = work.execute("SELECT place FROM judged WHERE repeats").fetchnumpy()["place"]
    _drop(staged, read, repeats)
    noted = work.execute(f"COPY notes TO {quoted(notes_of(staged))} (FORMAT parquet, COMPRESSION zstd)").fetchone()
    return Outcome(counts, read - len(repeats), noted[0] if noted else 0)


def notes_of(staged: Path) -> Path:
    """Where the notes of a staged file lie until the commit."""
    return staged.with_suffix(".repeated.parquet")


def _pair(work: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int]:
    first, second = work.execute(query).fetchall()[0]
    return first, second


def _drop(staged: Path, rows: int, places: npt.NDArray[np.int64]) -> None:
    """Rewrite a file without the rows at `places`, in the same order: notes point at the places that result."""
    if not len(places):
        return
    kept = np.ones(rows, bool)
    kept[places] = False
    rewritten = staged.with_suffix(".kept")
    with (
        pq.ParquetFile(staged, read_dictionary=_coded_columns(staged)) as source,
        parquet_writer(rewritten, source.schema_arrow) as target,
    ):
        start = 0
        for group in range(source.num_row_groups):
            chunk = source.read_row_group(group)
            mask = kept[start : start + chunk.num_rows]
            start += chunk.num_rows
            if mask.any():
                target.write_table(chunk.filter(pa.array(mask)), row_group_size=ROW_GROUP)
    rewritten.replace(staged)


def _coded_columns(path: Path) -> list[str]:
    """Columns of text that were written as distinct values."""
    metadata = pq.read_metadata(path)
    columns = map(metadata.row_group(0).column, range(metadata.num_columns))
    return [c.path_in_schema for c in columns if c.physical_type == "BYTE_ARRAY" and c.has_dictionary_page]
