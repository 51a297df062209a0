"""A filled workbook, read row by row in bounded memory: nothing of it is run, built up as a tree or trusted.

Cells are text as Excel stored them. A sheet may announce a million rows: blank ones cost no memory, and what unpacks
to more than `UNPACKED` is refused before it is read.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from fundguard.errors import Refusal

UNPACKED = 200 << 20  # bytes of the parts that are read
STRINGS = 32 << 20  # signs of all shared texts
ROWS = 20_000  # rows that hold something
WIDTH = 40  # columns that are looked at
_CHUNK = 1 << 16
_WHERE = "答复表"


@dataclass
class Line:
    """A row that holds something: its number in the workbook, texts by column from 0, columns that hold a formula."""

    number: int
    cells: dict[int, str] = field(default_factory=dict)
    formulas: set[int] = field(default_factory=set)


def read(stream: BinaryIO, sheet: str) -> list[Line]:
    """The rows of the sheet of this name. Refusal where the file is no workbook, has merged cells or is too large."""
    try:
        with zipfile.ZipFile(stream) as book:
            part = _part(book, sheet)
            found = _Sheet(_shared(book))
            _parse(book, part, found)
    except (zipfile.BadZipFile, KeyError, expat.ExpatError, NotImplementedError, RuntimeError, EOFError, OSError):
        raise Refusal(
            "无法读取这个文件",
            where=_WHERE,
            seen="文件损坏、加了密码，或者不是 .xlsx 工作簿",
            remedy="请重新下载答复表填写；不要设置打开密码，保存为 .xlsx",
        ) from None
    if found.merged:
        raise Refusal(
            "答复表中有合并单元格", where=_WHERE, seen="、".join(found.merged[:3]), remedy="请取消合并，每行单独填写"
        )
    return found.lines


def _part(book: zipfile.ZipFile, name: str) -> str:
    """The file of the sheet `name`; Refusal where the workbook has no such sheet or unpacks to too much."""
    if sum(one.file_size for one in book.infolist()) > UNPACKED:
        _large(f"解压后超过 {UNPACKED >> 20} MB")
    names, targets = _Tags("sheet"), _Tags("Relationship")
    _parse(book, "xl/workbook.xml", names)
    _parse(book, "xl/_rels/workbook.xml.rels", targets)
    by_id = {one.get("Id"): one.get("Target", "") for one in targets.found}
    for one in names.found:
        if one.get("name") == name:
            target = by_id[one.get("r:id")]
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise Refusal(
        f"没有名为“{name}”的工作表", where=_WHERE, remedy="请从“疑点答复”页下载答复表，在原表中填写，不要改工作表名"
    )


def _shared(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    texts = _Texts()
    _parse(book, "xl/sharedStrings.xml", texts)
    return texts.found


def _parse(book: zipfile.ZipFile, part: str, handler: _Handler) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _doctype
    parser.StartElementHandler = lambda tag, attributes: handler.start(tag.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda tag: handler.end(tag.rpartition(":")[2])
    parser.CharacterDataHandler = handler.text
    read = 0
    with book.open(part) as content:
        while data := content.read(_CHUNK):
            read += len(data)
            if read > UNPACKED:
                _large(f"解压后超过 {UNPACKED >> 20} MB")
            parser.Parse(data, False)
    parser.Parse(b"", True)


class _Handler:
    def start(self, tag: str, attributes: dict[str, str]) -> None: ...

    def end(self, tag: str) -> None: ...

    def text(self, data: str) -> None: ...


class _Tags(_Handler):
    """The attributes of every element of one name."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.found: list[dict[str, str]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == self.tag:
            self.found.append(attributes)


class _Texts(_Handler):
    """The shared texts in order; what is only there to be pronounced is left out."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._parts: list[str] | None = None
        self._within, self._aside, self._signs = False, False, 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "si":
            self._parts = []
        elif tag == "rPh":
            self._aside = True
        self._within = tag == "t" and not self._aside

    def end(self, tag: str) -> None:
        self._within = False
        if tag == "rPh":
            self._aside = False
        elif tag == "si":
            self.found.append("".join(self._parts or ()))
            self._parts = None

    def text(self, data: str) -> None:
        if self._within and self._parts is not None:
            self._parts.append(data)
            self._signs += len(data)
            if self._signs > STRINGS:
                _large("文字过多")


class _Sheet(_Handler):
    """Rows as they end; a row without a text is forgotten at once."""

    def __init__(self, shared: list[str]) -> None:
        self.lines: list[Line] = []
        self.merged: list[str] = []
        self._shared = shared
        self._row = Line(0)
        self._column, self._kind, self._within = 0, "", ""
        self._parts: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            self._row = Line(int(attributes.get("r") or self._row.number + 1))
            self._column = -1
        elif tag == "c":
            at = _column(attributes.get("r", ""))
            self._column = self._column + 1 if at is None else at
            self._kind, self._parts = attributes.get("t", "n"), []
        elif tag in ("v", "t"):
            self._within = tag
        elif tag == "f" and self._column < WIDTH:
            self._row.formulas.add(self._column)
        elif tag == "mergeCell":
            self.merged.append(attributes.get("ref", "")[:20])

    def end(self, tag: str) -> None:
        self._within = ""
        if tag == "c":
            if (text := self._value().strip()) and self._column < WIDTH:
                self._row.cells[self._column] = text
        elif tag == "row" and (self._row.cells or self._row.formulas):
            self.lines.append(self._row)
            if len(self.lines) > ROWS:
                _large(f"填写的行数超过 {ROWS}")

    def text(self, data: str) -> None:
        if self._within:
            self._parts.append(data)

    def _value(self) -> str:
        text = "".join(self._parts)
        if self._kind != "s":
            return text
        return self._shared[int(text)] if text.isdigit() and int(text) < len(self._shared) else ""


def _column(reference: str) -> int | None:
    """Column of `C5` from 0."""
    letters = re.match(r"[A-Z]{1,3}", reference)
    if letters is None:
        return None
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _doctype(*_: object) -> NoReturn:
    raise expat.ExpatError("a workbook has no document type")


def _large(seen: str) -> NoReturn:
    raise Refusal(
        "答复表过大", where=_WHERE, seen=seen, remedy="请重新下载，只在原表中填写；疑点很多的，用筛选分几次下载"
    )
