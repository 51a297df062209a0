"""Small workbooks in the official form. All names, codes and limits are made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

DETAIL, CODES = "规则对应知识点明细", "知识点对应药品代码"
TITLES = (["附件"], ["两库规则知识点"], [])
COURSE = [
    *TITLES,
    ["序号", "药品名称", "检出逻辑", "逻辑依据", "备注", "编码数"],
    [1, "甲药片", "超过支付疗程", "不超过7天", "", 2],
    [2, "乙药片", "超过支付疗程", "每人限用一次", "", 1],
    ["合计", "", "", "", "", 3],
]
COURSE_CODES = [
    *TITLES,
    ["序号", "药品名称", "药品代码"],
    [1, "甲药片", "XA00000000001"],
    [2, "甲药片", "XA00000000002"],
    [3, "乙药片", "XA00000000003"],
    ["合计", "", ""],
]
PAIRS = [
    *TITLES,
    ["序号", "项目A编码", "项目A名称", "项目B编码", "项目B名称", "逻辑依据"],
    [1, "009900000010000", "甲项目", "009900000020000", "乙项目", "甲含乙"],
]
SEXES = [*TITLES, ["序号", "项目编码", "项目名称", "限定性别"], [1, "009900000010000", "甲项目", "女"]]
GOOD = {DETAIL: COURSE, CODES: COURSE_CODES}


def book(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]], merge: str = "") -> Path:
    """A workbook of these rows; `merge` is a range of the first sheet that is merged, its first cell as it was."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as made:
        for name, rows in sheets.items():
            page = made.add_worksheet(name)
            for number, cells in enumerate(rows):
                for place, cell in enumerate(cells):
                    page.write(number, place, cell) if cell != "" else None
            if merge and name == next(iter(sheets)):
                page.merge_range(merge, "甲药片")
    return path


def changed(sheet: str, row: int, column: int, value: object) -> dict[str, list[list[object]]]:
    """The good workbook with one cell otherwise; rows and columns count from 1."""
    sheets = {name: [list(cells) for cells in rows] for name, rows in GOOD.items()}
    cells = sheets[sheet][row - 1]
    cells += [""] * (column - len(cells))
    cells[column - 1] = value
    return sheets
