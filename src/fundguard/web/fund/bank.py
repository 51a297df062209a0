"""A file of repayments from the bank: one row a payment, matched to its demand by number; all rows or none.

Columns by heading: 追回事项编号 (ZH-00000001), 金额（元）, 到账日期 (2026-11-22), 凭证号. CSV in UTF-8 or GB18030, or
the first sheet of an Excel workbook.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction
from python_calamine import CalamineError, CalamineWorkbook

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.core.templatetags.show import yuan
from fundguard.web.fund import selectors, services
from fundguard.web.fund.services import Voucher
from fundguard.web.ledger.services import record

NUMBER, AMOUNT, DAY, VOUCHER = "追回事项编号", "金额（元）", "到账日期", "凭证号"
COLUMNS = (NUMBER, AMOUNT, DAY, VOUCHER)
MOST_ROWS = 2000
LARGEST = 2 * 1024 * 1024  # bytes
_NUMBER = re.compile(r"ZH-(\d{8,})")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row, and what to do; `row` counts from the heading, 1."""

    row: int
    text: str
    remedy: str


@dataclass(frozen=True)
class Told:
    """`booked` rows and fen, or the faults for which nothing was booked."""

    booked: int = 0
    fen: int = 0
    faults: tuple[Fault, ...] = ()


class _Faulty(Exception):
    """Leaves the transaction, so that of a faulty file nothing stands."""


def book_file(viewer: Viewer, name: str, content: bytes) -> Told:
    """Books every row as repaid, or tells the faults of all rows. Refusal where the file cannot be read."""
    rows = _rows(name, content)
    faults: list[Fault] = []
    fen = 0
    try:
        with transaction.atomic():
            for number, cells in enumerate(rows, start=2):
                try:
                    with transaction.atomic():
                        fen += _book(viewer, cells)
                except Refusal as refusal:
                    seen = f"（{refusal.seen}）" if refusal.seen else ""
                    faults.append(Fault(number, f"{refusal.what}{seen}", refusal.remedy))
            if faults:
                raise _Faulty
            home = viewer.user.region.code if viewer.user.region else ""
            detail = {"笔数": len(rows), "金额（元）": yuan(fen)}
            record(viewer.user, "导入银行到账", services.LEDGER_KIND, "银行到账文件", region=home, detail=detail)
    except _Faulty:
        return Told(faults=tuple(faults))
    return Told(len(rows), fen)


def _book(viewer: Viewer, cells: Sequence[str]) -> int:
    number, amount, day, voucher = (cell.strip() for cell in cells)
    match = _NUMBER.fullmatch(number.upper())
    demand = selectors.demands(viewer).filter(pk=int(match[1])).first() if match and len(match[1]) < 18 else None
    if demand is None:
        raise Refusal("没有这件追回事项", seen=number[:20], remedy="请按追回通知书核对编号")
    fen = _fen(amount)
    given = Voucher(_day(day), voucher[:80], "银行到账导入")
    services.book(demand.pk, "repaid", fen, given, viewer.user)
    return fen


def _fen(text: str) -> int:
    try:
        fen = Decimal(text.replace(",", "")) * 100
    except InvalidOperation:
        fen = Decimal("0.5")
    if not fen.is_finite() or fen != fen.to_integral_value() or not 0 < fen < 10**14:
        raise Refusal("金额不是大于零、至多两位小数的数", seen=text[:20], remedy="请按银行回单填写，单位元")
    return int(fen)


def _day(text: str) -> date:
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"):
        try:
            return datetime.strptime(text[:10], form).date()
        except ValueError:
            continue
    raise Refusal("到账日期不是日期", seen=text[:20], remedy="请写成 2026-11-22 的形式")


def _rows(name: str, content: bytes) -> list[tuple[str, ...]]:
    """The cells of the four columns, as text, without empty rows."""
    read = list(_excel(content) if name.lower().endswith(".xlsx") else _csv(content))
    head = [cell.strip() for cell in read[0]] if read else []
    missing = [column for column in COLUMNS if column not in head]
    if missing:
        raise Refusal(
            "文件缺少需要的列", where=name[:60], seen="、".join(missing), remedy=f"首行须有：{'、'.join(COLUMNS)}"
        )
    places = [head.index(column) for column in COLUMNS]
    rows = [
        tuple(line[at] if at < len(line) else "" for at in places) for line in read[1:] if any(map(str.strip, line))
    ]
    if not 0 < len(rows) <= MOST_ROWS:
        raise Refusal(
            "文件没有到账记录或者行数过多", where=name[:60], seen=f"{len(rows)} 行", remedy=f"每次 1 至 {MOST_ROWS} 行"
        )
    return rows


def _csv(content: bytes) -> Iterable[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return csv.reader(io.StringIO(content.decode(encoding)))
        except UnicodeDecodeError:
            continue
    raise Refusal("文件的编码无法识别", remedy="请保存为 UTF-8 或 GB18030 编码的 CSV，或者 Excel")


def _excel(content: bytes) -> Iterable[list[str]]:
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    except CalamineError as error:
        raise Refusal("Excel 文件无法打开", remedy="请另存为 .xlsx 或者 CSV 后重试") from error
    return [[_text(cell) for cell in line] for line in sheet.to_python()]


def _text(cell: object) -> str:
    """A number as it is typed: no float stands for money, and no number of a voucher ends in .0."""
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() else repr(cell)
    return cell.strftime("%Y-%m-%d") if isinstance(cell, (date, datetime)) else str(cell)
