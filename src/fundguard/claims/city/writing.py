"""Tables into files, one file a table, written beside the computing of the next block."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

Form = Literal["parquet", "csv", "gb18030"]
#: Blocks that may wait for the writer; more would only hold memory.
_WAITING = 2


class _Sink(Protocol):
    def write(self, table: pa.Table) -> None: ...
    def close(self) -> None: ...


class _Parquet:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        coded = [f.name for f in schema if pa.types.is_dictionary(f.type)]
        self._writer = pq.ParquetWriter(
            path.with_suffix(".parquet"),
            schema,
            compression="snappy",
            use_dictionary=coded,
            write_statistics=[name for name in schema.names if name not in coded],  # costly and useless for words
            store_schema=False,
            store_decimal_as_integer=True,
        )

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table)

    def close(self) -> None:
        self._writer.close()


class _Csv:
    def __init__(self, path: Path, schema: pa.Schema, encoding: str) -> None:
        self._file = path.with_suffix(".csv").open("wb")
        self._encoding = encoding
        self._file.write((",".join(schema.names) + "\n").encode(encoding))

    def write(self, table: pa.Table) -> None:
        plain = pa.table(
            {
                n: c.cast(c.type.value_type) if pa.types.is_dictionary(c.type) else c
                for n, c in zip(table.column_names, table.columns, strict=True)
            }
        )
        buffer = pa.BufferOutputStream()
        pacsv.write_csv(plain, buffer, pacsv.WriteOptions(include_header=False, quoting_style="needed"))
        data = buffer.getvalue()
        self._file.write(data if self._encoding == "utf-8" else str(data, "utf-8").encode(self._encoding))

    def close(self) -> None:
        self._file.close()


class Delivery:
    """One folder of national tables. Use as a context; tables of one name must all have the same columns."""

    def __init__(self, folder: Path, form: Form) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._form = folder, form
        self._sinks: dict[str, _Sink] = {}
        self._pool, self._hands = ThreadPoolExecutor(1), ThreadPoolExecutor(2)
        self._waiting: list[Future[None]] = []
        self.rows: dict[str, int] = {}

    def add(self, tables: dict[str, pa.Table]) -> None:
        """Queue these tables; waits while two earlier blocks are still being written."""
        for name, table in tables.items():
            self.rows[name] = self.rows.get(name, 0) + table.num_rows
        self._waiting.append(self._pool.submit(self._write, tables))
        while len(self._waiting) > _WAITING:
            self._waiting.pop(0).result()

    def _write(self, tables: dict[str, pa.Table]) -> None:
        """Different tables at the same time, the blocks of one table in order."""
        list(self._hands.map(self._append, tables.items()))

    def _append(self, named: tuple[str, pa.Table]) -> None:
        name, table = named
        if name not in self._sinks:
            self._sinks[name] = self._open(name, table.schema)
        self._sinks[name].write(table)

    def _open(self, name: str, schema: pa.Schema) -> _Sink:
        path = self._folder / name
        if self._form == "parquet":
            return _Parquet(path, schema)
        return _Csv(path, schema, "utf-8" if self._form == "csv" else "gb18030")

    def __enter__(self) -> Delivery:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True)
        self._hands.shutdown(wait=True)
        for sink in self._sinks.values():
            sink.close()
        for future in self._waiting:
            if kind is None:
                future.result()
