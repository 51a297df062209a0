"""Sheets of an Excel workbook by cells, so that a fault names sheet, row and cell. Formulas come as stored values."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from fundguard.errors import Refusal
from fundguard.knowledge.schema import ITEM_CODE

MOST_BYTES = 200 << 20  # of a workbook when it is unpacked
MOST_ROWS = 300_000
HEADS_WITHIN = 15  # titles may stand above the heads
LONGEST_NAME = 300
_TOTAL = re.compile(r"合计|总计|共计")


@dataclass(frozen=True)
class Cell:
    """One cell as text; `number` where Excel holds a number or a day and not a text."""

    sheet: str
    row: int
    column: int
    text: str
    number: bool = False

    @property
    def place(self) -> str:
        return f"工作表“{self.sheet}”第{self.row}行 {letters(self.column)}{self.row}"

    def refuse(self, what: str, remedy: str) -> Refusal:
        return Refusal(what, where=self.place, seen=self.text[:80] or "空", remedy=remedy)


@dataclass(frozen=True)
class Sheet:
    """Rows from the first one on, cells from column A on; `merged`: first row and column, last row and column."""

    name: str
    rows: Sequence[Sequence[Cell]]
    merged: Sequence[tuple[int, int, int, int]]


@dataclass(frozen=True)
class Line:
    """One row of a table below its heads: field → cell."""

    cells: Mapping[str, Cell]

    def __getitem__(self, name: str) -> Cell:
        return self.cells[name]

    def text(self, name: str) -> str:
        return self.cells[name].text if name in self.cells else ""


def letters(column: int) -> str:
    """1 → A, 27 → AA."""
    told = ""
    while column:
        column, rest = divmod(column - 1, 26)
        told = chr(65 + rest) + told
    return told


def read(path: Path) -> list[Sheet]:
    """All sheets of a workbook that hold anything. Refuses what is no workbook and one that is too large."""
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(member.file_size for member in packed.infolist())
        if size > MOST_BYTES:
            raise Refusal(
                "工作簿解压后过大",
                where="文件",
                seen=f"{size >> 20} MB，上限 {MOST_BYTES >> 20} MB",
                remedy="请拆成几个文件，分批导入",
            )
        book = CalamineWorkbook.from_path(path)
        return [_sheet(book, name) for name in book.sheet_names if book.get_sheet_by_name(name).height]
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError):
        raise Refusal(
            "不是可以读取的 Excel 工作簿",
            where="文件",
            seen="不是 .xlsx 文件、已损坏，或者加了密码",
            remedy="请另存为“Excel 工作簿（.xlsx）”后重新上传",
        ) from None


def _sheet(book: CalamineWorkbook, name: str) -> Sheet:
    page = book.get_sheet_by_name(name)
    if page.total_height > MOST_ROWS:
        raise Refusal("工作表行数过多", where=f"工作表“{name}”", seen=f"{page.total_height:,} 行", remedy="请分批导入")
    rows = [
        [_cell(name, row, column, value) for column, value in enumerate(values, start=1)]
        for row, values in enumerate(page.to_python(skip_empty_area=False), start=1)
    ]
    merged = [(a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in page.merged_cell_ranges or ()]
    return Sheet(name, rows, merged)


def _cell(sheet: str, row: int, column: int, value: object) -> Cell:
    if isinstance(value, bool):
        return Cell(sheet, row, column, "是" if value else "否")
    if isinstance(value, float | int):
        exact = isinstance(value, int) or value.is_integer()
        return Cell(sheet, row, column, str(int(value)) if exact else repr(value), True)
    if isinstance(value, datetime):
        return Cell(sheet, row, column, value.date().isoformat(), True)
    if isinstance(value, date):
        return Cell(sheet, row, column, value.isoformat(), True)
    return Cell(sheet, row, column, str(value).strip(), False)


def plain(text: str) -> str:
    """A head without blanks, brackets and case: 药品 代码（国家） and 药品代码(国家) are the same."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"\s|\(.*?\)", "", folded)


def table(sheet: Sheet, aliases: Mapping[str, Sequence[str]], required: Sequence[str]) -> Iterator[Line]:
    """The rows below the heads, up to the row of sums or the end; empty rows are left out.

    The heads are in the row that names most fields. Refuses missing or doubled heads, content without a head, merged
    cells.
    """
    head = _head(sheet, aliases)
    fields = _fields(sheet.rows[head], aliases)
    missing = [aliases[name][0] for name in required if name not in fields.values()]
    if missing:
        seen = "、".join(cell.text for cell in sheet.rows[head] if cell.text)
        raise Refusal(
            "工作表缺少列",
            where=f"工作表“{sheet.name}”第{head + 1}行",
            seen=seen[:200] or "没有表头",
            remedy=f"请补上列：{'、'.join(missing)}；表头须单独占一行，不要移动列",
        )
    for index, cells in enumerate(sheet.rows[head + 1 :], start=head + 2):
        if not any(cell.text for cell in cells):
            continue
        _refuse_headless(cells, sheet.rows[head])
        line = Line({name: cells[place] for place, name in fields.items()})
        if not _is_total(cells):
            _refuse_merged(sheet, index)
        yield line


def is_total(line: Line) -> bool:
    return _is_total(list(line.cells.values()))


def code(cell: Cell) -> str:
    """An item code out of its cell. Refuses one that Excel turned into a number, has blanks or full-width signs."""
    if cell.number:
        raise cell.refuse("项目编码被存成数字", "请把该列设为“文本”格式后重新填写，数字会丢失前导零和末尾几位")
    if not cell.text:
        raise cell.refuse("项目编码为空", "请填写编码")
    if not ITEM_CODE.fullmatch(cell.text):
        raise cell.refuse("项目编码不合规范", "编码只含半角数字和大写字母，不含空格、全角字符和其他符号")
    return cell.text


def name(cell: Cell) -> str:
    """A name out of its cell. Refuses an empty one, a code in its place (shifted columns), control signs."""
    if not cell.text:
        raise cell.refuse("名称为空", "请填写名称；合并的单元格须先取消合并并逐行填写")
    if cell.number or ITEM_CODE.fullmatch(cell.text):
        raise cell.refuse("名称列里是编码或数字", "列可能错位，请核对表头与内容")
    if len(cell.text) > LONGEST_NAME or any(unicodedata.category(sign) == "Cc" for sign in cell.text):
        raise cell.refuse("名称过长或含有换行等控制字符", f"请改为不超过 {LONGEST_NAME} 字的一行文字")
    return cell.text


def _head(sheet: Sheet, aliases: Mapping[str, Sequence[str]]) -> int:
    known = {plain(alias) for spelled in aliases.values() for alias in spelled}
    named = [sum(plain(cell.text) in known for cell in cells) for cells in sheet.rows[:HEADS_WITHIN]]
    return named.index(max(named)) if named else 0


def _fields(cells: Sequence[Cell], aliases: Mapping[str, Sequence[str]]) -> dict[int, str]:
    """Place of a column → field."""
    by_alias = {plain(alias): name for name, spelled in aliases.items() for alias in spelled}
    fields: dict[int, str] = {}
    for place, cell in enumerate(cells):
        field = by_alias.get(plain(cell.text)) if cell.text else None
        if field in fields.values():
            raise cell.refuse("表头重复", "同一内容只能有一列，请删除多余的列")
        if field:
            fields[place] = field
    return fields


def _refuse_headless(cells: Sequence[Cell], heads: Sequence[Cell]) -> None:
    """Content below no head is a shifted row."""
    for cell, head in zip(cells, heads, strict=True):
        if cell.text and not head.text:
            raise cell.refuse("该列没有表头，却有内容", "列可能错位，请核对表头与内容")


def _is_total(cells: Sequence[Cell]) -> bool:
    first = next((cell.text for cell in cells if cell.text), "")
    return bool(_TOTAL.match(first.replace(" ", "").replace("　", "")))


def _refuse_merged(sheet: Sheet, row: int) -> None:
    for first, left, last, _ in sheet.merged:
        if first <= row <= last:
            place = f"工作表“{sheet.name}”第{row}行 {letters(left)}{first}"
            raise Refusal(
                "明细中有合并的单元格",
                where=place,
                seen=f"合并到第{last}行",
                remedy="请取消合并，并在每一行填写完整内容",
            )
