"""CSV as it comes: encodings, delimiters, quoted line breaks, exact places of every record."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import BinaryIO

import numpy as np
import pytest
from intake_rows import csv_bytes, fee

from fundguard.claims.intake import csv_text
from fundguard.claims.intake.csv_text import csv_source
from fundguard.errors import Refusal


class Stream(io.BytesIO):
    """Counts what was read, to show that a file is never read whole."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        Stream.taken += len(data)
        return data


def opened(data: bytes) -> Callable[[], BinaryIO]:
    return lambda: Stream(data)


def everything(data: bytes, **how: object) -> dict[int, tuple[int | None, bool, str]]:
    """Record number → (physical line, readable, raw text), over all chunks."""
    source = csv_source("f.csv", opened(data), len(data), **how)  # type: ignore[arg-type]
    assert source is not None
    found: dict[int, tuple[int | None, bool, str]] = {}
    before = 0
    for _, read in source.chunks():
        chunk = read()
        for number, (line, raw) in zip(chunk.record, chunk.places(np.arange(chunk.rows.num_rows)), strict=True):
            found[before + int(number)] = (line, True, raw)
        for u in chunk.unreadable:
            found[before + u.record] = (u.line, False, u.raw)
        before += chunk.records
    return found


#: (text of a record, readable). A quote inside an unquoted field is a character; empty lines are no records.
RECORDS = (
    ("k,only two", False),
    ("k,one,two,three", False),
    ('k,"a\nb""q,zz\r\n",y', True),
    ('k,5" tube,y', True),
    ("\n\nk,x,y", True),
    ("k,中文，全角,y", True),
    *[("k,x,y", True)] * 20,
)


@pytest.mark.parametrize("block", [300, 4096, 1 << 20])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_record_numbers_and_lines_are_exact(block: int, end: str) -> None:
    chosen = random.Random(7).choices(RECORDS, k=1500)
    line, expected, text = 2, {}, "a,b,c" + end
    for number, (raw, readable) in enumerate(chosen, 1):
        empty = len(raw) - len(raw.lstrip("\n"))
        expected[number] = (line + empty, readable, raw.lstrip("\n"))
        line += raw.count("\n") + 1
        text += raw + end
    assert everything(text.encode(), block=block) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", "|"])
def test_encodings_and_delimiters(encoding: str, delimiter: str) -> None:
    rows = [fee(n, bilg_dept_name="内科〇㐀", med_list_codg=f"甲,{n}") for n in range(40)]
    data = csv_bytes(rows, encoding, delimiter)
    source = csv_source("f.csv", opened(data), len(data), block=512)
    assert source is not None
    assert [name.strip("\ufeff") for name in source.columns] == list(rows[0])
    values = [read().rows.to_pydict() for _, read in source.chunks()]
    place = str(list(rows[0]).index("med_list_codg"))
    assert [v for part in values for v in part[place]] == [r["med_list_codg"] for r in rows]


def test_memory_is_bounded_by_the_block() -> None:
    data = csv_bytes([fee(n) for n in range(2000)])
    source = csv_source("f.csv", opened(data), len(data), block=4096)
    assert source is not None
    Stream.taken = 0
    _, read = next(iter(source.chunks()))
    assert read().rows.num_rows < 100
    assert Stream.taken < 10_000 < len(data)


@pytest.mark.parametrize(
    ("first", "second", "given", "remedy"),
    [("utf-8", "gb18030", None, "gb18030"), ("gb18030", "utf-8", "gb18030", "utf-8")],
)
def test_a_wrong_encoding_is_refused_with_its_place(first: str, second: str, given: str | None, remedy: str) -> None:
    head = csv_bytes([fee(n, bilg_dept_name="x" if given is None else "内科") for n in range(50_000)], first)
    tail = "F,骨\n".encode(second) if given is None else b"F,\xff\xff\n"
    with pytest.raises(Refusal) as refused:
        everything(head + tail, encoding=given)
    assert f"第 {len(head) + 3} 个字节" in refused.value.where
    assert f"--encoding {remedy}" in refused.value.remedy


@pytest.mark.parametrize("data", [b"\x00\x01\xff\xfe\xfa" * 20, b"a,b\n\xff\xff\xff\n"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal, match="编码"):
        everything(data)


def test_an_unclosed_quote_is_one_long_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fundguard.claims.intake.csv_text.LONGEST_RECORD", 4096)
    with pytest.raises(Refusal, match="未闭合的引号"):
        everything(b'a,b\n1,"x\n' + b"2,y\n" * 5000, block=1024)
    assert everything(b'a,b\n1,x\n2,"y\n3,z\n')[1] == (2, True, "1,x")


def test_a_block_ends_where_a_record_ends_however_it_is_quoted() -> None:
    """Against the grammar read byte by byte: well quoted, badly quoted, and across the words of 64 bytes."""
    chosen = random.Random(1)
    pieces = [b'"a"', b'""', b"b", b'"x,\ny"', b'"q""q"', b'a"b', b'"', b"\xe8\xaf\x8a"]
    for _ in range(600):
        wild = chosen.choice([0, 0, 1, 3])
        size = chosen.choice([1, 3, 12, 40])
        picked = chosen.choices(pieces[: 5 + wild], k=size)
        data = b"".join(piece + chosen.choice([b",", b"\n", b"\r\n"]) for piece in picked)
        ends = [m.end() for m in csv_text._record_pattern(",").finditer(data) if m.end() < len(data)]
        whole = {*ends, 0} | ({len(data)} if data.endswith(b"\n") else set())
        assert csv_text._last_end(data, ",") in whole, data
        assert csv_text._newlines(data) == len(csv_text._breaks(data))
