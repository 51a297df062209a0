"""From rows as the import types them to rows as they are stored: no identity, pseudonyms, days, stamp, hash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
import pyarrow as pa

from fundguard.claims.coded import CODED, coded, is_coded
from fundguard.claims.store.content import row_hashes
from fundguard.claims.tables import IDENTITY_KINDS, Field, Table

_ARROW = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}
_ORIGIN = ("record", "source_file", "marks")
_MINUTE, _DAY = 60_000_000, 86_400_000_000  # microseconds


def schema(table: Table) -> pa.Schema:
    """Arrow schema of a stored row."""
    return pa.schema([(name, _ARROW[kind]) for name, kind in table.stored().items()])


def clear_columns(table: Table, rows: pa.Table) -> dict[str, pa.Array]:
    """The columns of a non-empty chunk by name, of one piece each and of their declared type, text perhaps coded.

    Raises ValueError for a column that is not declared, a missing `record` or `source_file`, an empty first key
    part: all of these the import must have settled before.
    """
    declared = {f.name: _ARROW["VARCHAR"] if f.is_identity else _clear_type(f) for f in table.fields}
    declared |= {"record": pa.int64(), "source_file": pa.string(), "marks": pa.string()}
    if unknown := set(rows.column_names) - set(declared):
        raise ValueError(f"{table.name}: undeclared columns {sorted(unknown)}")
    columns = {name: _declared(coded(rows.column(name)), declared[name]) for name in rows.column_names}
    first = next(f.name for f in table.fields if f.key == 1)
    for name in (first, "record", "source_file"):
        if name not in columns or columns[name].null_count:
            raise ValueError(f"{table.name}: {name} must be filled in every row")
    return columns


def stored_rows(
    table: Table,
    columns: dict[str, pa.Array],
    psn_keys: Callable[[pa.Array], pa.Array],
    arrival: int,
    batch_time: datetime,
) -> pa.Table:
    """The stored form of `clear_columns`. `psn_keys` turns distinct numbers of persons into their pseudonyms;
    `batch_time` is the stamp of rows without `updt_time`."""
    count = len(columns["record"])
    content: dict[str, pa.Array] = {}
    for f in table.fields:
        if f.name in columns and f.kind not in IDENTITY_KINDS:
            content |= (
                {"psn_key": _pseudonyms(columns[f.name], psn_keys)} if f.kind == "person" else {f.name: columns[f.name]}
            )
    stored = dict(content)
    for f in table.fields:
        if f.name in content and f.kind in ("day", "time"):
            stored |= _counted(f, content[f.name])
    batch_stamp = pa.scalar(batch_time, pa.timestamp("us"))
    stored["stamp"] = (
        content["updt_time"].fill_null(batch_stamp) if "updt_time" in content else pa.repeat(batch_stamp, count)
    )
    stored["row_hash"] = row_hashes(content, count)
    stored["arrival"] = pa.repeat(pa.scalar(arrival, pa.int32()), count)
    stored |= {name: columns[name] for name in _ORIGIN if name in columns}
    return pa.table({f.name: stored[f.name] if f.name in stored else pa.nulls(count, f.type) for f in schema(table)})


def _declared(column: pa.Array, declared: pa.DataType) -> pa.Array:
    return column if is_coded(column) and declared == CODED.value_type else column.cast(declared)


def _clear_type(field: Field) -> pa.DataType:
    return _ARROW["VARCHAR" if field.kind == "person" else field.stored()[field.name]]


def _pseudonyms(numbers: pa.Array, psn_keys: Callable[[pa.Array], pa.Array]) -> pa.Array:
    numbers = numbers if is_coded(numbers) else numbers.dictionary_encode()
    return pa.DictionaryArray.from_arrays(numbers.indices, psn_keys(numbers.dictionary))


def _counted(field: Field, column: pa.Array) -> dict[str, pa.Array]:
    """Whole days, and minutes for a time, since 1970; times before it round down too."""
    if field.kind == "day":
        return {f"{field.name}_day": column.cast(pa.int32())}
    moments = np.asarray(column.cast(pa.int64()).fill_null(0))
    missing = np.asarray(column.is_null())
    units = {"day": _DAY, "min": _MINUTE}
    return {
        f"{field.name}_{u}": pa.array((moments // size).astype(np.int32), mask=missing) for u, size in units.items()
    }
