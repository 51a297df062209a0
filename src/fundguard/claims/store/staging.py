"""Parquet files written beside the store while an arrival is open, in full row groups and in the background."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP = 122_880
#: Columns whose values hardly repeat: a dictionary of them only costs time and space (measured: 27 % and 18 %).
_VARIED = {"row_hash", "record"}
_LENGTHS_APART = "DELTA_LENGTH_BYTE_ARRAY"


def parquet_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """The one way in which data files of the store are written. How a column is packed stands in the file itself.

    Text has a dictionary where it is coded, and then no statistics: nobody looks for a range of such values, and
    they take a third of the time of writing. A reader decodes the dictionaries of every row group it visits, so they
    are packed by the faster codec; text that does not repeat is stored with its lengths apart, which halves the time of
    reading it.
    """
    coded = {column.name for column in schema if pa.types.is_dictionary(column.type)}
    varied = {column.name: _LENGTHS_APART for column in schema if pa.types.is_string(column.type)}
    return pq.ParquetWriter(
        path,
        schema,
        compression={column.name: "lz4" if column.name in coded else "zstd" for column in schema},
        use_dictionary=[column.name for column in schema if _repeats(column)],
        column_encoding=varied or None,
        write_statistics=[column.name for column in schema if column.name not in coded] or False,
        store_schema=False,
    )


def _repeats(column: pa.Field) -> bool:
    varied = pa.types.is_string(column.type) or pa.types.is_timestamp(column.type) or column.name.endswith("_min")
    return not varied and column.name not in _VARIED


class StagedFile:
    """One growing Parquet file. Small chunks are gathered; at most one row group waits and one is being written.

    Which columns of text are coded in the file is decided by its first rows.
    """

    def __init__(self, path: Path, background: ThreadPoolExecutor) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.rows = 0
        self._schema: pa.Schema | None = None
        self._background = background
        self._waiting: list[pa.Table] = []
        self._writer: pq.ParquetWriter | None = None
        self._writing: Future[None] | None = None

    def add(self, rows: pa.Table) -> None:
        self._schema = self._schema or rows.schema
        self.rows += rows.num_rows
        self._waiting.append(rows.cast(self._schema))
        if sum(chunk.num_rows for chunk in self._waiting) >= ROW_GROUP:
            self._flush()

    def close(self) -> None:
        """Write what waits and finish the file; errors of earlier writes appear here at the latest."""
        self._flush()
        self._settle()
        if self._writer:
            self._writer.close()
            self._writer = None

    def _flush(self) -> None:
        self._settle()
        if self._waiting:
            self._writing = self._background.submit(self._write, pa.concat_tables(self._waiting))
            self._waiting = []

    def _settle(self) -> None:
        if self._writing:
            self._writing.result()
            self._writing = None

    def _write(self, rows: pa.Table) -> None:
        if self._writer is None:
            self._writer = parquet_writer(self.path, rows.schema)
        self._writer.write_table(rows.unify_dictionaries(), row_group_size=ROW_GROUP)
