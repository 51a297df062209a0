"""Findings as an Excel workbook: one list, one summary by rule. Written row by row in bounded memory.

Every text is written as text, so a value that begins like a formula stays what it is; no name or number of a
person is in a finding, so none is in the workbook.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

#: Column, heading, width in characters, kind of cell.
COLUMNS = (
    ("finding_key", "疑点编号", 34, "text"),
    ("rule_code", "规则编码", 9, "text"),
    ("rule_name", "规则名称", 26, "text"),
    ("verdict", "结果类型", 9, "text"),
    ("cause", "原因判断", 9, "text"),
    ("region", "医保区划", 9, "text"),
    ("fixmedins_code", "定点机构编号", 15, "text"),
    ("mdtrt_id", "就诊ID", 20, "text"),
    ("setl_id", "结算ID", 20, "text"),
    ("psn_key", "人员（假名）", 28, "text"),
    ("dr_code", "医师代码", 15, "text"),
    ("occurred_from", "发生日期起", 12, "day"),
    ("occurred_to", "发生日期止", 12, "day"),
    ("amount_fen", "涉及金额（元）", 15, "money"),
    ("fund_amount_fen", "基金损失（元）", 15, "money"),
    ("counted_fen", "计入合计金额（元）", 18, "money"),
    ("message", "说明", 40, "text"),
)
ROWS_PER_SHEET = 1_000_000
UNSET_LOSS = "损失待核"
_SUMMARY = ("规则编码", "规则名称", "疑点数", "计入合计金额（元）")


class _List:
    """The sheets of the list; a new one begins when one is full."""

    def __init__(self, book: xlsxwriter.Workbook, formats: Mapping[str, Format]) -> None:
        self.book, self.formats = book, formats
        self.rows = 0
        self.sheet = self._next()

    def _next(self) -> Worksheet:
        number = self.rows // ROWS_PER_SHEET + 1
        sheet = self.book.add_worksheet("疑点" if number == 1 else f"疑点{number}")
        sheet.freeze_panes(1, 0)
        for column, (_, heading, width, _) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, heading, self.formats["head"])
        return sheet

    def write(self, finding: Mapping[str, Any]) -> None:
        if self.rows and self.rows % ROWS_PER_SHEET == 0:
            self.sheet = self._next()
        place = self.rows % ROWS_PER_SHEET + 1
        for column, (name, _, _, kind) in enumerate(COLUMNS):
            self._cell(place, column, name, finding.get(name), kind)
        self.rows += 1

    def _cell(self, row: int, column: int, name: str, value: Any, kind: str) -> None:
        if value is None:
            if name == "fund_amount_fen":
                self.sheet.write_string(row, column, UNSET_LOSS)
        elif kind == "money":
            self.sheet.write_number(row, column, value / 100, self.formats["money"])
        elif kind == "day":
            self.sheet.write_datetime(row, column, value, self.formats["day"])
        else:
            self.sheet.write_string(row, column, str(value))

    def total(self, fen: int) -> None:
        row = (self.rows - 1) % ROWS_PER_SHEET + 2 if self.rows else 1
        column = next(n for n, (name, *_) in enumerate(COLUMNS) if name == "counted_fen")
        self.sheet.write_string(row, 0, "合计", self.formats["head"])
        self.sheet.write_number(row, column, fen / 100, self.formats["money"])


def write_findings(findings: Iterable[Mapping[str, Any]], target: Path | BinaryIO, names: Mapping[str, str]) -> int:
    """Writes findings (rows of `findings.parquet`, in the order given) to a workbook; the number written.

    `names` gives the name of each rule by code. The total is of `counted_fen`: no line is summed twice.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    sums: dict[str, list[int]] = {}
    with xlsxwriter.Workbook(target, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1}),
            "money": book.add_format({"num_format": "#,##0.00"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        listing = _List(book, formats)
        for finding in findings:
            code = finding["rule_code"]
            listing.write({**finding, "rule_name": names.get(code, "")})
            counted = sums.setdefault(code, [0, 0])
            counted[0] += 1
            counted[1] += finding["counted_fen"]
        listing.total(sum(fen for _, fen in sums.values()))
        _summary(book, formats, sums, names)
    return listing.rows


def _summary(
    book: xlsxwriter.Workbook, formats: Mapping[str, Format], sums: Mapping[str, list[int]], names: Mapping[str, str]
) -> None:
    sheet = book.add_worksheet("按规则汇总")
    sheet.set_column(1, 3, 26)
    for column, heading in enumerate(_SUMMARY):
        sheet.write_string(0, column, heading, formats["head"])
    row = 0
    for row, (code, (count, fen)) in enumerate(sorted(sums.items()), start=1):
        sheet.write_string(row, 0, code)
        sheet.write_string(row, 1, names.get(code, ""))
        sheet.write_number(row, 2, count)
        sheet.write_number(row, 3, fen / 100, formats["money"])
    sheet.write_string(row + 1, 0, "合计", formats["head"])
    sheet.write_number(row + 1, 2, sum(count for count, _ in sums.values()))
    sheet.write_number(row + 1, 3, sum(fen for _, fen in sums.values()) / 100, formats["money"])
