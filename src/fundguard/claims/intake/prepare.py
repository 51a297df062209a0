"""One chunk of a source becomes typed, marked rows for the store and refused rows for the quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fundguard.claims.coded import constant
from fundguard.claims.intake.casting import UNREADABLE, Cast, as_text, cast
from fundguard.claims.intake.checks import marks
from fundguard.claims.intake.chunk import Chunk, Integers
from fundguard.claims.store.quarantine import REJECTED
from fundguard.claims.tables import Field, Table

NO_KEY = "缺少主键"
Columns = Mapping[str, pa.Array | pa.ChunkedArray]
Faults = dict[int, list[tuple[Field, str]]]


@dataclass(frozen=True)
class Prepared:
    """`rows` for the store and `rejected` for the quarantine, both with record numbers counted within the chunk.

    A refused row stands in `rejected` once for each of its faults; `refused` counts such rows. `records` is the
    number of records of the source that the chunk stands for, `reasons` counts faults.
    """

    table: str
    rows: pa.Table
    rejected: pa.Table
    refused: int
    records: int
    reasons: Counter[str]


def prepare(
    chunk: Chunk, columns: Mapping[str, pa.Array | pa.ChunkedArray], origin: Integers, table: Table, source: str
) -> Prepared:
    """Type, check and split. `columns` maps fields to values; row i of them comes from row `origin[i]` of `chunk`."""
    files = chunk.files if chunk.files is not None else constant(source, chunk.rows.num_rows)
    chunk = replace(chunk, files=files)
    fields = [f for f in table.fields if f.name in columns]
    casts = {f.name: cast(columns[f.name], f) for f in fields}
    faults = _faults(fields, casts)
    if faults:
        kept = np.setdiff1d(np.arange(len(origin)), list(faults))
        casts = {name: _taken(c, kept) for name, c in casts.items()}
    else:
        kept = np.arange(len(origin))
    rows = pa.table(
        {
            **{name: c.values for name, c in casts.items()},
            "record": pa.array(chunk.record[origin[kept]]),
            "source_file": files.take(pa.array(origin[kept])),
            "marks": marks(table, casts, len(kept)),
        }
    )
    rejected: list[dict[str, object]] = [
        _rejected(u.record, u.line, u.source or source, table.name, None, u.reason, None, u.raw)
        for u in chunk.unreadable
    ]
    rejected += _refused(chunk, columns, origin, table.name, faults)
    reasons = Counter(str(r["reason"]) for r in rejected)
    table_of_rejected = pa.Table.from_pylist(rejected, REJECTED)
    refused = len(chunk.unreadable) + len(faults)
    return Prepared(table.name, rows, table_of_rejected, refused, chunk.records, reasons)


def _faults(fields: list[Field], casts: Mapping[str, Cast]) -> Faults:
    """Row → each field that keeps it out, in declared order, and why."""
    found: Faults = {}
    for field in fields:
        typed = casts[field.name]
        if typed.bad is not None:
            reason = UNREADABLE.get(field.kind, UNREADABLE["code"])
            for row in np.flatnonzero(np.asarray(typed.bad)).tolist():
                found.setdefault(row, []).append((field, reason))
        elif field.key == 1 and typed.values.null_count:
            for row in np.flatnonzero(np.asarray(pc.is_null(typed.values))).tolist():
                found.setdefault(row, []).append((field, NO_KEY))
    return found


def _taken(cast: Cast, kept: Integers) -> Cast:
    indices = pa.array(kept)
    return Cast(cast.values.take(indices), None, None if cast.open_end is None else cast.open_end.take(indices))


def _refused(
    chunk: Chunk,
    columns: Columns,
    origin: Integers,
    table: str,
    faults: Faults,
) -> list[dict[str, object]]:
    rejected = []
    order = sorted(faults)
    places = chunk.places(origin[order]) if order else []
    for row, (line, raw) in zip(order, places, strict=True):
        file = chunk.files[int(origin[row])].as_py() if chunk.files is not None else ""
        record = int(chunk.record[origin[row]])
        for field, reason in faults[row]:
            seen = masked(field, as_text(columns[field.name].slice(row, 1))[0].as_py())
            rejected.append(_rejected(record, line, file, table, field.name, reason, seen, raw))
    return rejected


def _rejected(*values: object) -> dict[str, object]:
    return dict(zip(REJECTED.names, values, strict=True))


def masked(field: Field, value: str | None) -> str | None:
    """At most the first two characters of a refused value; of a person nothing at all."""
    if value is None or field.is_identity or field.kind == "person":
        return None
    return value[:2] + "***"
