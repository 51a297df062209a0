"""CSV as bureaus write it: UTF-8, UTF-8 with BOM, UTF-16, GB18030; comma, tab or bar; quoted line breaks.

A file is read in blocks that end where a record ends, so memory is bounded and blocks are parsed side by side.
Within a block the parser is pyarrow's; the places of records are computed only when one is refused.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial, reduce
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv as arrow_csv

from fundguard.claims.intake.chunk import Chunk, Integers, Source, Unreadable
from fundguard.errors import Refusal

BLOCK = 24 << 20
PARSED_AT_ONCE = 1 << 20  # what fits the cache: measured twice as fast as a whole block
_CACHED = 1 << 18  # bytes looked at in one go
LONGEST_RECORD = 64 << 20
SAMPLE = 4 << 20
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
ENCODINGS = ("utf-8", "gb18030")
DELIMITERS = (",", "\t", "|")

Open = Callable[[], BinaryIO]


@dataclass(frozen=True)
class Layout:
    """What the first record of a file says."""

    name: str
    columns: tuple[str, ...]
    delimiter: str


def csv_source(name: str, opened: Open, size: int, *, encoding: str | None = None, block: int = BLOCK) -> Source | None:
    """The source for one CSV file, None if it is empty. `encoding` None: guessed from its first megabytes.

    Raises `Refusal` for an unknown encoding or a first record that is no list of names.
    """
    with opened() as stream:
        head = stream.read(SAMPLE)
    if not head.strip(codecs.BOM_UTF8 + b" \t\r\n"):
        return None
    encoding = encoding or guess_encoding(head, name)
    with opened() as stream:
        text = next(_text_blocks(stream, encoding, name, SAMPLE), (0, b""))[1]
    layout, header_end = _header(text, name)
    header_lines = _newlines(text[:header_end])

    def chunks() -> Iterator[tuple[int, Callable[[], Chunk]]]:
        with opened() as stream:
            line, skip = 1 + header_lines, header_end
            before = len(codecs.BOM_UTF8) if encoding == "utf-8-sig" else 0
            for done, start, part in _records(_text_blocks(stream, encoding, name, block), layout):
                body = part[skip:]
                if body:
                    yield done, partial(parse, body, layout, line, before + start + skip)
                line += _newlines(body)
                skip = 0

    return Source(name, layout.columns, size, chunks)


def guess_encoding(head: bytes, name: str) -> str:
    """Encoding by byte order mark, else by the first trial that decodes the head of the file."""
    for bom, encoding in BOMS:
        if head.startswith(bom):
            return encoding
    for encoding in ENCODINGS:
        try:
            codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        return encoding
    raise Refusal(
        "无法识别文件编码",
        where=f"文件 {name}",
        seen="既不是 UTF-8，也不是 GB18030",
        remedy="请将文件另存为 UTF-8 后重新导入，或用 --encoding 指明编码",
    )


def _text_blocks(stream: BinaryIO, encoding: str, name: str, block: int) -> Iterator[tuple[int, bytes]]:
    """Pairs (bytes read, UTF-8 text). UTF-8 is passed on as it is and checked by the parser."""
    if encoding == "utf-8-sig":
        stream.read(len(codecs.BOM_UTF8))
    if encoding in ("utf-8", "utf-8-sig"):
        done = stream.tell() if stream.seekable() else 0
        while data := stream.read(block):
            done += len(data)
            yield done, data
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    while True:
        data = stream.read(block)
        held = len(decoder.getstate()[0])
        try:
            text = decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise wrong_encoding(name, done - held + error.start, encoding) from None
        done += len(data)
        if text:
            yield done, text.encode("utf-8")
        if not data:
            return


def wrong_encoding(name: str, position: int, encoding: str) -> Refusal:
    other = "utf-8" if encoding == "gb18030" else "gb18030"
    return Refusal(
        "文件内容与编码不符",
        where=f"文件 {name}，第 {position + 1} 个字节",
        seen=f"按 {encoding} 无法解码",
        remedy=f"请用 --encoding {other} 重新导入，或将文件另存为 UTF-8",
    )


def _header(text: bytes, name: str) -> tuple[Layout, int]:
    """Delimiter and column names, and the length of the first record in bytes."""
    line = text.lstrip(b"\r\n").split(b"\n", 1)[0].decode("utf-8", "replace")
    delimiter = max(DELIMITERS, key=line.count)
    start = len(text) - len(text.lstrip(b"\r\n"))
    match = _record_pattern(delimiter).match(text, start)
    end = match.end() if match else len(text)
    columns = next(csv.reader([text[start:end].decode("utf-8", "replace")], delimiter=delimiter), [])
    if not any(c.strip() for c in columns):
        raise Refusal("首行不是列名", where=f"文件 {name}，第 1 行", remedy="请导出带列名的文件，首行为国家标准字段名")
    return Layout(name, tuple(columns), delimiter), end


def _record_pattern(delimiter: str) -> re.Pattern[bytes]:
    """One record with its line end: a quote opens only at the start of a field, as pyarrow reads it."""
    d = re.escape(delimiter).encode()
    plain = rb"[^" + d + rb"\r\n]*+"
    field = rb'(?:"(?:[^"]++|"")*+(?:"' + plain + rb"|\Z)|" + plain + rb")"
    return re.compile(field + rb"(?:" + d + field + rb")*+(?:\r\n|\r|\n|\Z)")


def _breaks(data: bytes) -> Integers:
    """Positions of the last byte of every line end: \\n, \\r\\n, or a lone \\r."""
    view = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(view == 10)
    if b"\r" not in data:
        return ends
    carriage = np.flatnonzero(view == 13)
    lone = carriage[(carriage + 1 == len(view)) | (view[np.minimum(carriage + 1, len(view) - 1)] != 10)]
    return np.sort(np.concatenate([ends, lone]))


def _newlines(data: bytes) -> int:
    if b"\r" in data:
        return len(_breaks(data))
    return data.count(b"\n")


def _records(blocks: Iterator[tuple[int, bytes]], layout: Layout) -> Iterator[tuple[int, int, bytes]]:
    """Triples (bytes read, position of the part's first byte in the UTF-8 text, whole records only)."""
    rest, start, done = b"", 0, 0
    for done, data in blocks:
        rest += data
        cut = _last_end(rest, layout.delimiter)
        if cut:
            yield done, start, rest[:cut]
            start, rest = start + cut, rest[cut:]
        elif len(rest) > LONGEST_RECORD:
            raise Refusal(
                "一条记录过长，可能有未闭合的引号",
                where=f"文件 {layout.name}，第 {start + 1} 个字节之后",
                seen=f"超过 {LONGEST_RECORD >> 20} MB 没有记录结束",
                remedy="请检查该处引号是否成对，修正后重新导入",
            )
    if rest:
        yield done, start, rest


def _last_end(data: bytes, delimiter: str) -> int:
    """Length of the whole records at the beginning of `data` (which begins with a record)."""
    cut = data.rfind(b"\n") + 1
    if b'"' not in data or _well_quoted(data[:cut], delimiter):
        return cut
    ends = [m.end() for m in _record_pattern(delimiter).finditer(data) if m.end() < len(data)]
    return ends[-1] if ends else 0


def _well_quoted(data: bytes, delimiter: str) -> bool:
    """Whether quotes only open and close fields or stand doubled: then counting them tells inside from outside.

    One bit a byte in words of 64, because an export may have quotes around every field.
    """
    quotes, beside = _bits(data, (b'"', delimiter.encode() + b"\r\n"))
    beside |= quotes
    inside = quotes.copy()  # parity of the quotes up to each byte: 1 at a quote that opens, 0 at one that closes
    for shift in (1, 2, 4, 8, 16, 32):
        inside ^= inside << np.uint64(shift)
    odd = np.bitwise_xor.accumulate(inside >> np.uint64(63))
    inside[1:] ^= np.uint64(0) - odd[:-1]
    before, after = beside << np.uint64(1), beside >> np.uint64(1)
    before[0] |= np.uint64(1)  # the data begin with a record
    before[1:] |= beside[:-1] >> np.uint64(63)
    after[:-1] |= beside[1:] << np.uint64(63)
    misplaced = quotes & ~((inside & before) | (~inside & after))
    return not odd[-1] and not misplaced.any()


def _bits(data: bytes, sets: tuple[bytes, ...]) -> list[npt.NDArray[np.uint64]]:
    """For each set of characters one bit a byte, whether the byte is one of them; zeros after the end."""
    view = np.frombuffer(data, np.uint8)
    packed = [np.zeros(len(view) // 64 * 8 + 8, np.uint8) for _ in sets]
    for start in range(0, len(view), _CACHED):
        part = view[start : start + _CACHED]
        for characters, bits in zip(sets, packed, strict=True):
            found = np.packbits(reduce(np.logical_or, [part == c for c in characters]), bitorder="little")
            bits[start // 8 : start // 8 + len(found)] = found
    return [bits.view("<u8") for bits in packed]


def parse(data: bytes, layout: Layout, line: int, start: int) -> Chunk:
    """Parse whole records; all columns text. `line` and `start` are the place of the first byte in the file."""
    columns, delimiter = layout.columns, layout.delimiter
    invalid: list[tuple[int, int]] = []
    quoted = b'"' in data

    def keep(row: arrow_csv.InvalidRow) -> str:
        invalid.append((row.number, row.actual_columns))
        return "skip"

    _check_utf8(data, start, layout.name)
    try:
        rows = arrow_csv.read_csv(
            pa.py_buffer(data),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, column_names=_positions(columns), block_size=PARSED_AT_ONCE
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if quoted else False,
                newlines_in_values=quoted,
                invalid_row_handler=keep,
            ),
            convert_options=arrow_csv.ConvertOptions(
                check_utf8=False,
                column_types={c: pa.string() for c in _positions(columns)},
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except pa.ArrowInvalid:
        raise Refusal(
            "文件无法按 CSV 读取",
            where=f"文件 {layout.name}，第 {line} 行之后",
            remedy="请检查该处引号和分隔符，修正后重新导入",
        ) from None
    records = rows.num_rows + len(invalid)
    record = np.arange(1, records + 1, dtype=np.int64)
    if invalid:
        record = np.setdiff1d(record, [number for number, _ in invalid])

    def places(indices: Integers) -> list[tuple[int | None, str]]:
        spans, lines = _spans(data, delimiter)
        picked = [int(record[i]) - 1 for i in indices]
        return [(line + int(lines[p]), _text(data, *spans[p])) for p in picked]

    unreadable: list[Unreadable] = []
    if invalid:
        spans, lines = _spans(data, delimiter)
        for number, seen in invalid:
            reason = f"应有 {len(columns)} 列，实有 {seen} 列"
            place = line + int(lines[number - 1])
            unreadable.append(Unreadable(number, place, reason, _text(data, *spans[number - 1])))
    return Chunk(rows, record, records, tuple(unreadable), places)


def _positions(columns: tuple[str, ...]) -> list[str]:
    return [str(i) for i in range(len(columns))]


def _text(data: bytes, begin: int, end: int) -> str:
    return data[begin:end].decode("utf-8", "replace").rstrip("\r\n")


def _spans(data: bytes, delimiter: str) -> tuple[list[tuple[int, int]], list[int]]:
    """Span and first line (0-based in this block) of every record; blank lines are no records."""
    spans = [m.span() for m in _record_pattern(delimiter).finditer(data)]
    starts = np.array([begin for begin, _ in spans], dtype=np.int64)
    lines = np.searchsorted(_breaks(data), starts)
    kept = [i for i, (begin, end) in enumerate(spans) if data[begin:end].strip(b"\r\n")]
    return [spans[i] for i in kept], [int(lines[i]) for i in kept]


def _check_utf8(data: bytes, start: int, name: str) -> None:
    """Raise `Refusal` with the position of the first byte that is no UTF-8 (`start`: position of the first byte)."""
    ends = pa.array([0, len(data)], pa.int32()).buffers()[1]
    try:
        pa.Array.from_buffers(pa.binary(), 1, [None, ends, pa.py_buffer(data)]).cast(pa.string())
    except pa.ArrowInvalid:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise wrong_encoding(name, start + error.start, "utf-8") from None
