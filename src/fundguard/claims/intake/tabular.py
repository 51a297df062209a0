"""Sources whose cells are already apart: Parquet, Excel sheets, database tables."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from fundguard.claims.intake.chunk import Chunk, Source, ready, table_chunk
from fundguard.errors import Refusal

ROWS = 100_000
EXCEL_LIMIT = 1 << 30
#: Excel keeps fifteen significant digits; a longer number in a cell is already another number.
EXACT_LIMIT = 10**15

Open = Callable[[], BinaryIO]


def parquet_source(name: str, opened: Open, size: int) -> Source:
    """The source for one Parquet file. Raises `Refusal` if it is none."""
    try:
        with opened() as stream:
            columns = tuple(pq.ParquetFile(stream).schema_arrow.names)
    except (pa.ArrowException, OSError):
        raise _unreadable(name, "Parquet") from None

    def chunks() -> Iterator[tuple[int, Callable[[], Chunk]]]:
        with opened() as stream:
            file = pq.ParquetFile(stream)
            total, read = max(1, file.metadata.num_rows), 0
            try:
                for batch in file.iter_batches(batch_size=ROWS):
                    read += batch.num_rows
                    yield size * read // total, ready(table_chunk(pa.Table.from_batches([batch]), None))
            except (pa.ArrowException, OSError):
                raise _unreadable(name, "Parquet") from None

    return Source(name, columns, size, chunks)


def excel_sources(name: str, opened: Open, size: int) -> list[Source]:
    """One source per non-empty sheet, named `FILE#SHEET`. Formulas come as their stored values, never run."""
    try:
        with opened() as stream:
            _guard_workbook(stream, name)
            workbook = CalamineWorkbook.from_filelike(stream)
            sheets = {sheet: workbook.get_sheet_by_name(sheet).to_python() for sheet in workbook.sheet_names}
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError):
        raise _unreadable(name, "Excel") from None
    return [_sheet_source(f"{name}#{sheet}", rows, size) for sheet, rows in sheets.items() if rows]


def _guard_workbook(stream: BinaryIO, name: str) -> None:
    """A workbook is a zip: refuse one that unpacks to more than memory should hold."""
    if not zipfile.is_zipfile(stream):
        stream.seek(0)
        return
    unpacked = sum(member.file_size for member in zipfile.ZipFile(stream).infolist())
    stream.seek(0)
    if unpacked > EXCEL_LIMIT:
        raise Refusal(
            "Excel 文件解压后过大",
            where=f"文件 {name}",
            seen=f"{unpacked >> 20} MB，上限 {EXCEL_LIMIT >> 20} MB",
            remedy="请改用 CSV 或 Parquet 导出",
        )


def _sheet_source(name: str, rows: Sequence[Sequence[object]], size: int) -> Source:
    first = next((i for i, row in enumerate(rows) if any(map(_cell, row))), 0)
    columns = tuple(_cell(v) or "" for v in rows[first])

    def chunks() -> Iterator[tuple[int, Callable[[], Chunk]]]:
        body = rows[first + 1 :]
        for begin in range(0, len(body), ROWS):
            part = body[begin : begin + ROWS]
            chunk = table_chunk(text_table(columns, part), first + 2 + begin)
            yield size * (begin + len(part)) // len(body), ready(chunk)

    return Source(name, columns, size, chunks)


def text_table(columns: tuple[str, ...], rows: Iterable[Iterable[object]]) -> pa.Table:
    """Rows of Python values as a table of text, column names by position."""
    transposed = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [pa.array([_cell(v) for v in column], pa.string()) for column in transposed]
    return pa.table(arrays, names=[str(i) for i in range(len(columns))])


def _float_text(value: float) -> str:
    """Fifteen significant digits; beyond them with an exponent, so that no code or amount takes it."""
    if abs(value) >= EXACT_LIMIT:
        return f"{value:.14E}"
    return str(int(value)) if value.is_integer() else format(Decimal(format(value, ".15g")), "f")


#: How a cell becomes text, the first kind that fits; what has no text becomes nothing.
_AS_TEXT: tuple[tuple[type, Callable[[Any], str | None]], ...] = (
    (str, lambda v: v or None),
    (bool, lambda v: "1" if v else "0"),
    (float, _float_text),
    (Decimal, lambda v: format(v, "f")),
    (datetime, lambda v: v.replace(tzinfo=None).isoformat(" ")),
    (date, date.isoformat),
    (time, time.isoformat),
    (int, str),
    (object, lambda v: None),
)


def _cell(value: object) -> str | None:
    return next(as_text(value) for kind, as_text in _AS_TEXT if isinstance(value, kind))


def _unreadable(name: str, form: str) -> Refusal:
    return Refusal(
        f"无法读取的 {form} 文件",
        where=f"文件 {name}",
        seen="文件损坏、未传完或加了密码",
        remedy="请重新导出该文件，核对大小后再导入",
    )


def temporary_copy(stream: BinaryIO, folder: Path, name: str) -> Path:
    """A seekable copy of a zip member that needs one, under a private folder the caller removes."""
    path = folder / f"member{len(list(folder.iterdir()))}{Path(name).suffix}"
    with path.open("wb") as out:
        while data := stream.read(1 << 20):
            out.write(data)
    return path
