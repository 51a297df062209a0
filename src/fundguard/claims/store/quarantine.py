"""Rows that cannot be stored: where they stood and why in clear, the row itself sealed."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq

from fundguard.claims.store.keys import Keys

#: What the import says of a row that cannot be stored; `raw` is the row as it was read, in clear.
REJECTED = pa.schema(
    [
        ("record", pa.int64()),
        ("physical_line", pa.int64()),
        ("source_file", pa.string()),
        ("table_name", pa.string()),
        ("field", pa.string()),
        ("reason", pa.string()),
        ("seen", pa.string()),
        ("raw", pa.string()),
    ]
)
_SCHEMA = REJECTED.remove(REJECTED.get_field_index("raw")).insert(0, pa.field("arrival", pa.int32()))
_STORED = _SCHEMA.append(pa.field("sealed", pa.binary()))
_ABOUT = "quarantine"


def sealed(rows: pa.Table, keys: Keys, arrival: int) -> pa.Table:
    """The stored form of rows with the columns of `REJECTED`."""
    raw = pa.array([keys.seal(text, _ABOUT) for text in rows.column("raw").to_pylist()], pa.binary())
    told = rows.append_column("arrival", pa.repeat(pa.scalar(arrival, pa.int32()), rows.num_rows))
    return told.select(_SCHEMA.names).cast(_SCHEMA).append_column("sealed", raw)


def records(rows: pa.Table) -> Counter[str]:
    """Rejected records by table: a record with two faults is rejected once."""
    places = set(zip(*(rows.column(c).to_pylist() for c in ("table_name", "source_file", "record")), strict=True))
    return Counter(table_name for table_name, _, _ in places)


def read(files: list[str]) -> pa.Table:
    """All rejected rows without their content, in order of arrival."""
    return pa.concat_tables([_SCHEMA.empty_table(), *(pq.read_table(f, columns=_SCHEMA.names) for f in files)])


def opened(files: list[str], keys: Keys) -> pa.Table:
    """The rejected rows with their content as `raw`, for the authorised download; the caller logs the reason."""
    rows = pa.concat_tables([_STORED.empty_table(), *(pq.read_table(f) for f in files)])
    raw = [keys.open(content, _ABOUT) for content in rows.column("sealed").to_pylist()]
    return rows.drop_columns(["sealed"]).append_column("raw", pa.array(raw, pa.string()))
