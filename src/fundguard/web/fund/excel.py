"""Workbooks of money back: the list of demands, a statement, a month's clearing. Text is written as text, never as a
formula; a total stands below every column of money, added from the fen and not from what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import xlsxwriter

from fundguard.web.fund.book import ACTS, SIDES, Balance
from fundguard.web.fund.pages import Clearing, ClearingSum, Movement, Row, Statement

Cell = str | int | date | None
MONEY, TEXT, DAY = "money", "text", "day"
Columns = Sequence[tuple[str, int, str]]  # heading, width in characters, kind of cell

_SIDES = [(f"{name}（元）", 15, MONEY) for name in SIDES.values()]
_DEMANDS = [
    ("编号", 14, TEXT),
    ("定点机构编号", 16, TEXT),
    ("定点机构名称", 28, TEXT),
    ("区划", 10, TEXT),
    ("认定文书号", 26, TEXT),
    ("认定日期", 12, DAY),
    ("应退日期", 12, DAY),
    ("期限标注", 10, TEXT),
    ("状态", 10, TEXT),
    *_SIDES,
    ("参保人个人负担未退（元）", 22, MONEY),
]
_MOVEMENTS = [
    ("发生日期", 12, DAY),
    ("追回事项", 14, TEXT),
    ("认定文书号", 26, TEXT),
    ("事项", 14, TEXT),
    ("凭证号", 22, TEXT),
    *_SIDES,
]
_CLEARING = [
    ("发生日期", 12, DAY),
    ("追回事项", 14, TEXT),
    ("区划", 10, TEXT),
    ("定点机构编号", 16, TEXT),
    ("定点机构名称", 28, TEXT),
    ("事项", 14, TEXT),
    ("账户", 26, TEXT),
    ("凭证号", 22, TEXT),
    ("说明", 30, TEXT),
    ("金额（元）", 15, MONEY),
]
_SUMS = [
    ("定点机构编号", 16, TEXT),
    ("定点机构名称", 28, TEXT),
    ("账户", 26, TEXT),
    *((f"{act.name}（元）", 15, MONEY) for act in ACTS.values()),
]


@dataclass(frozen=True)
class Sheet:
    """`total` False where a sum below would mix opening, movements and closing."""

    title: str
    columns: Columns
    rows: Iterable[Sequence[Cell]]
    total: bool = True


def write_demands(rows: Iterable[Row], path: Path) -> None:
    told = (
        (
            one.number,
            one.institution_code,
            one.institution,
            one.region,
            one.decision,
            one.decided_on,
            one.due_on,
            one.due_flag,
            one.state,
            *_amounts(one.funds),
            one.patient.open,
        )
        for one in rows
    )
    write([Sheet("追回事项", _DEMANDS, told)], path)


def write_statement(told: Statement, path: Path) -> None:
    accounts = [(one.name, *_amounts(one.balance)) for one in told.accounts]
    sheets = [
        Sheet("基金对账", _MOVEMENTS, _account(told, told.opening, told.movements, told.closing), total=False),
        Sheet("期末按基金账户", [("基金账户", 30, TEXT), *_SIDES], accounts),
        Sheet(
            "参保人个人负担",
            _MOVEMENTS,
            _account(told, told.patient_opening, told.patient_movements, told.patient_closing),
            total=False,
        ),
    ]
    write(sheets, path)


def write_clearing(told: Clearing, path: Path) -> None:
    lines = [
        (
            one.effective_on,
            one.number,
            one.region,
            one.institution_code,
            one.institution,
            one.act,
            one.account,
            one.voucher,
            one.note,
            one.fen,
        )
        for one in told.lines
    ]
    sheets = [
        Sheet("按机构和基金账户", _SUMS, _summed(told.sums)),
        Sheet("参保人个人负担", _SUMS, _summed(told.patient)),
        Sheet("明细", _CLEARING, lines, total=False),  # different acts are not one sum
    ]
    write(sheets, path)


def _summed(sums: Sequence[ClearingSum]) -> list[Sequence[Cell]]:
    return [(one.institution_code, one.institution, one.account, *one.acts.values()) for one in sums]


def _account(told: Statement, opening: Balance, moves: Sequence[Movement], closing: Balance) -> list[Sequence[Cell]]:
    return [
        (told.first, "", "", "期初余额", "", *_amounts(opening)),
        *((m.effective_on, m.number, m.decision, m.act, m.voucher, *_amounts(m.change)) for m in moves),
        (told.last, "", "", "期末余额", "", *_amounts(closing)),
    ]


def _amounts(balance: Balance) -> list[int]:
    return [getattr(balance, side) for side in SIDES]


def write(sheets: Iterable[Sheet], path: Path) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1}),
            MONEY: book.add_format({"num_format": "#,##0.00"}),
            DAY: book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for sheet in sheets:
            page = book.add_worksheet(sheet.title)
            page.freeze_panes(1, 0)
            sums = [0] * len(sheet.columns)
            row = 0
            for place, (heading, width, _) in enumerate(sheet.columns):
                page.set_column(place, place, width)
                page.write_string(0, place, heading, formats["head"])
            for row, cells in enumerate(sheet.rows, start=1):
                for place, ((_, _, kind), cell) in enumerate(zip(sheet.columns, cells, strict=True)):
                    if kind == MONEY:
                        sums[place] += cell
                        page.write_number(row, place, cell / 100, formats[MONEY])
                    elif kind == DAY:
                        page.write_datetime(row, place, cell, formats[DAY])
                    else:
                        page.write_string(row, place, str(cell or ""))
            if sheet.total:
                page.write_string(row + 1, 0, "合计", formats["head"])
                for place, (_, _, kind) in enumerate(sheet.columns):
                    if kind == MONEY:
                        page.write_number(row + 1, place, sums[place] / 100, formats[MONEY])
