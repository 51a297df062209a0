"""The quarantine list as a workbook; text is written as text, never as a formula."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import xlsxwriter

COLUMNS = {
    "source_file": "文件",
    "table_name": "数据表",
    "record": "记录号",
    "physical_line": "行号",
    "field": "字段",
    "reason": "原因",
    "seen": "所见（已遮蔽）",
    "raw": "原始行",
}
SHEET_ROWS = 1_000_000


def write_quarantine(rows: pa.Table, path: Path) -> None:
    """All rows of `rows`; a column that it lacks (`raw` in the masked list) is left out."""
    columns = [name for name in COLUMNS if name in rows.column_names]
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
        for part, begin in enumerate(range(0, max(rows.num_rows, 1), SHEET_ROWS), 1):
            sheet = book.add_worksheet(f"隔离行{part}")
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(columns) - 1, 18)
            for place, name in enumerate(columns):
                sheet.write_string(0, place, COLUMNS[name], head)
            for line, row in enumerate(rows.slice(begin, SHEET_ROWS).to_pylist(), 1):
                for place, name in enumerate(columns):
                    if row[name] is not None:
                        sheet.write(line, place, row[name])
