"""The ledger as a workbook, written row by row; text stays text, whatever it begins with."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import xlsxwriter
from django.utils import timezone

from fundguard.web.ledger.models import Entry

COLUMNS = (("行号", 10), ("时间", 20), ("办理人", 14), ("账号", 14), ("事项", 16), ("对象", 12), ("对象编号", 36),
           ("区划", 9), ("内容", 60), ("本行散列", 66))  # fmt: skip


def write_entries(path: Path, rows: Iterable[Entry]) -> None:
    with xlsxwriter.Workbook(
        path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet("操作台账")
        bold = book.add_format({"bold": True})
        for place, (title, width) in enumerate(COLUMNS):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, title, bold)
        for line, row in enumerate(rows, 1):
            sheet.write_number(line, 0, row.pk)
            for place, text in enumerate(_texts(row), 1):
                sheet.write_string(line, place, text)


def _texts(row: Entry) -> tuple[str, ...]:
    return (
        f"{timezone.localtime(row.at):%Y-%m-%d %H:%M:%S}",
        row.actor.display_name if row.actor else "系统",
        row.actor.username if row.actor else "",
        row.act,
        row.object_kind,
        row.object_id,
        row.region,
        "；".join(f"{name}：{value}" for name, value in row.detail.items()),
        row.own_hash,
    )
