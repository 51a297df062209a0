"""Workbooks of the portal: the own list, the sheet to fill in, the faults of one. Text is written as text, never as a
formula; in the sheet to fill in only the two columns of the answer can be written to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from fundguard.web.core.templatetags.show import day, moment
from fundguard.web.desk import items
from fundguard.web.desk import selectors as desk
from fundguard.web.desk.models import StateRow
from fundguard.web.findings import selectors as findings
from fundguard.web.findings.encounter import accusation
from fundguard.web.portal import keys
from fundguard.web.portal.deciding import SAID
from fundguard.web.portal.models import OwnKey, SheetFault
from fundguard.web.portal.pages import Own

FORM = "fundguard-answers/1"
SHEET = "答复"
LIST_ROWS = 50_000
#: Column of the sheet to fill in → heading and width. The first four say which row of the platform it is.
COLUMNS = {
    "key": ("疑点标识（勿改）", 34),
    "version": ("版本（勿改）", 8),
    "line": ("明细流水号 bkkp_sn（勿改）", 26),
    "amount": ("涉及金额（元，勿改）", 14),
    "answer": ("答复：认可或申诉", 14),
    "statement": ("申诉理由", 40),
    "number": ("疑点编号", 16),
    "ipt_otp_no": ("住院/门诊号 ipt_otp_no", 20),
    "medrcdno": ("病历号 medrcdno", 18),
    "code": ("医院目录编码 medins_list_codg", 22),
    "name": ("项目名称", 28),
    "department": ("科室", 14),
    "practitioner": ("医师代码", 16),
    "when": ("发生时间", 16),
    "rule": ("问题", 30),
    "papers": ("申诉所需材料", 30),
    "due": ("答复期限", 14),
    "institution": ("定点机构编号", 16),
}
PLACE = {name: place for place, name in enumerate(COLUMNS)}
HEAD = 2  # the row of the headings; above it the form of the sheet and how to fill it in
WRITTEN = ("answer", "statement")
_HOW_TO_FILL = "只填“答复”和“申诉理由”两列；同一疑点全部明细认可才算认可，留空不算认可；不要增删列、不要用公式。"
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_answers(rows: Sequence[StateRow], path: Path) -> None:
    """The open items with one row a charge line, to be filled in."""
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        formats = {name: book.add_format(kind) for name, kind in _FORMATS.items()}
        sheet = book.add_worksheet(SHEET)
        sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
        sheet.freeze_panes(HEAD, len(WRITTEN) + PLACE["answer"])
        for name, (_, width) in COLUMNS.items():
            sheet.set_column(PLACE[name], PLACE[name], width, formats["open"] if name in WRITTEN else None)
        sheet.write_string(0, 0, FORM)
        sheet.write_string(0, 1, _HOW_TO_FILL)
        for name, (heading, _) in COLUMNS.items():
            sheet.write_string(HEAD - 1, PLACE[name], heading, formats["head"])
        last = HEAD - 1
        for last, values in enumerate(_lines(rows), HEAD):
            _write(sheet, last, values, formats)
        choice = {
            "validate": "list",
            "source": list(SAID.values()),
            "error_title": "答复",
            "error_message": _HOW_TO_FILL,
        }
        sheet.data_validation(HEAD, PLACE["answer"], max(last, HEAD), PLACE["answer"], choice)


_FORMATS: dict[str, dict[str, Any]] = {
    "head": {"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True},
    "money": {"num_format": "#,##0.00"},
    "open": {"locked": False, "bg_color": "#FFF8EA", "text_wrap": True},
}


def _write(sheet: Any, row: int, values: dict[str, Any], formats: dict[str, Any]) -> None:
    for name, place in PLACE.items():
        if name == "amount":
            sheet.write_number(row, place, values[name] / 100, formats["money"])
        elif name in WRITTEN:
            sheet.write_blank(row, place, None, formats["open"])
        elif name == "version":
            sheet.write_number(row, place, values[name])
        else:
            sheet.write_string(row, place, values[name])


def _lines(rows: Sequence[StateRow]) -> Iterable[dict[str, Any]]:
    """One row a charge line that is left in; a finding without lines has one row with its whole amount."""
    listed = [row.object_id for row in rows]
    told, names, held = findings.shown(listed), findings.rule_names(), OwnKey.objects.in_bulk(listed)
    known = items.items(rows)
    wanted = {line for one in known.values() for line in one.lines_now}
    read = keys.lines({row.region for row in rows}, {row.fixmedins_code for row in rows}, wanted)
    for row in rows:
        own = held.get(row.object_id)
        common = {
            "key": row.object_id,
            "version": row.version,
            "number": told[row.object_id].number,
            "ipt_otp_no": own.ipt_otp_no if own else "",
            "medrcdno": own.medrcdno if own else "",
            "rule": f"{row.rule_code} {names.get(row.rule_code, '')}",
            "papers": "、".join(accusation(told[row.object_id]).papers),
            "due": day(desk.last_day(row)),
            "institution": row.fixmedins_code,
        }
        for line in sorted(known[row.object_id].lines_now) or [""]:
            one = read.get(line, keys.OwnLine(line))
            yield common | {
                "line": line,
                "amount": row.lines[line] if line else row.amount_now_fen,
                "code": one.medins_list_codg,
                "name": one.name,
                "department": one.department,
                "practitioner": one.practitioner,
                "when": moment(one.when),
            }


def write_list(rows: Sequence[Own], path: Path) -> None:
    heads = ("疑点编号", "定点机构", "住院/门诊号", "病历号", "医院目录编码", "科室", "医师代码", "问题", "金额（元）")
    heads = (*heads, "状态", "答复期限", "期限标注", "院内征询")
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        formats = {name: book.add_format(kind) for name, kind in _FORMATS.items()}
        sheet = book.add_worksheet("本机构疑点")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(heads) - 1, 18)
        for place, heading in enumerate(heads):
            sheet.write_string(0, place, heading, formats["head"])
        line = 0
        for line, one in enumerate(rows, 1):
            told = one.finding
            cells = [told.number, told.institution, one.ipt_otp_no, one.medrcdno, "、".join(one.codes)]
            cells += ["、".join(one.departments), "、".join(one.practitioners), told.rule]
            for place, text in enumerate(cells):
                sheet.write_string(line, place, text)
            sheet.write_number(line, len(cells), told.amount_fen / 100, formats["money"])
            for place, text in enumerate([told.state, day(told.due), told.due_flag, one.inner], len(cells) + 1):
                sheet.write_string(line, place, text)
        sheet.write_string(line + 1, 0, "合计", formats["head"])
        sheet.write_number(line + 1, 8, sum(one.finding.amount_fen for one in rows) / 100, formats["money"])


def write_faults(faults: Iterable[SheetFault], path: Path) -> None:
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        sheet = book.add_worksheet("有误的行")
        head = book.add_format(_FORMATS["head"])
        for place, (heading, width) in enumerate((("行号", 8), ("问题", 60), ("处理", 60))):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, heading, head)
        for line, one in enumerate(faults, 1):
            sheet.write_number(line, 0, one.row)
            sheet.write_string(line, 1, one.what)
            sheet.write_string(line, 2, one.remedy)
