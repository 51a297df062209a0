"""What every reader yields: some records of one source, as text or typed columns, with their places."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Unreadable:
    """A record that is no row at all. `record` counts from 1 within its chunk; `source` only if it is another's."""

    record: int
    line: int | None
    reason: str
    raw: str
    source: str = ""


@dataclass(frozen=True)
class Chunk:
    """Some consecutive records of one source.

    `rows` has the source's own column names. `record[i]` is the number of row i within this chunk, from 1,
    `records` the number of records in it, unreadable ones included. `places(indices)` tells, for row indices,
    the first physical line in the source (None where a source has no lines) and the record as it stood there:
    it is called only for rows that are refused, because it may have to scan the chunk again. `files` names each
    row's own source where a chunk holds rows of several.
    """

    rows: pa.Table
    record: Integers
    records: int
    unreadable: tuple[Unreadable, ...]
    places: Callable[[Integers], list[tuple[int | None, str]]]
    files: pa.Array | None = None


@dataclass(frozen=True)
class Source:
    """One readable source: a file, a sheet, a member of a zip, a database table.

    `name` is shown to users and stored with each row; `columns` are the names it carries; `size` is in bytes
    (0 where unknown). `chunks()` yields pairs (bytes read so far, a call that gives the chunk): the call may
    run in another thread, which is how parsing and storing overlap.
    """

    name: str
    columns: tuple[str, ...]
    size: int
    chunks: Callable[[], Iterator[tuple[int, Callable[[], Chunk]]]]


def ready(chunk: Chunk) -> Callable[[], Chunk]:
    """The call for a chunk that needs no parsing."""
    return lambda: chunk


def csv_line(values: list[object]) -> str:
    """One record as a CSV line, for sources that have no text of their own."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(["" if v is None else v for v in values])
    return out.getvalue()


def table_chunk(rows: pa.Table, first_line: int | None) -> Chunk:
    """A chunk from a source without unreadable records; `first_line` is the line of its first row, if it has lines."""

    def places(indices: Integers) -> list[tuple[int | None, str]]:
        picked = rows.take(pa.array(indices)).to_pylist()
        lines = [None if first_line is None else first_line + int(i) for i in indices]
        return [(line, csv_line(list(row.values()))) for line, row in zip(lines, picked, strict=True)]

    return Chunk(rows, np.arange(1, rows.num_rows + 1, dtype=np.int64), rows.num_rows, (), places)
