"""The scorecard as a workbook: the same lines, with how each figure is measured. Text is written as text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from fundguard.web.scorecard.criteria import criteria
from fundguard.web.scorecard.selectors import Score

HEADS = (
    "分组值", "名称", "命中", "已审查", "成立", "审查不成立", "申诉后不成立", "因规则撤回", "因数据撤回", "有结论",
    "准确率", "区间下限", "区间上限", "说明", "审查用时（小时）", "发现金额（元）", "认定金额（元）", "追回金额（元）",
)  # fmt: skip
_COUNTS = ("hits", "reviewed", "upheld", "dismissed", "lost", "recalled", "withdrawn")
_MONEY = ("found_fen", "determined_fen", "recovered_fen")
_LAW = (
    "准确率 = 成立 ÷（成立 + 审查不成立 + 申诉后不成立 + 因规则撤回）；区间为 Wilson 95% 区间。",
    "各数按疑点的发现月份归集，办理结果为统计时的状态。",
)


def write_scores(lines: Sequence[Score], path: Path) -> None:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
        money, share = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "0.0%"})
        sheet = book.add_worksheet("规则记分")
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, len(HEADS) - 1, 14)
        for place, text in enumerate(HEADS):
            sheet.write_string(0, place, text, head)
        for line, one in enumerate(lines, start=1):
            sheet.write_string(line, 0, one.value)
            sheet.write_string(line, 1, one.label)
            for place, name in enumerate(_COUNTS, start=2):
                sheet.write_number(line, place, one.figures[name])
            sheet.write_number(line, 9, one.judged)
            if one.interval is not None and one.precision is not None and not one.few:
                for place, value in enumerate((one.precision, *one.interval), start=10):
                    sheet.write_number(line, place, value, share)
            sheet.write_string(line, 13, one.precision_said)
            sheet.write_number(line, 14, one.hours)
            for place, name in enumerate(_MONEY, start=15):
                sheet.write_number(line, place, one.figures[name] / 100, money)
        told = book.add_worksheet("口径")
        told.set_column(0, 0, 100)
        for line, text in enumerate((*_LAW, *(f"{c.about}（{c.value}）。" for c in criteria().values()))):
            told.write_string(line, 0, text)
