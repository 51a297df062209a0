"""Our own Excel form, a sheet a limit table, made from the declaration of the tables and read back by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import xlsxwriter

from fundguard.errors import Refusal
from fundguard.knowledge import sheets, source
from fundguard.knowledge.base import Knowledge
from fundguard.knowledge.draft import Draft
from fundguard.knowledge.headings import Heading, about, headings, titles
from fundguard.knowledge.proposal import limits_of
from fundguard.knowledge.ranges import code_ranges
from fundguard.knowledge.schema import LIMIT_TABLES, OWN_CODES, POINT_ID, RULE_CODE
from fundguard.knowledge.sheets import Cell, Line, Sheet
from fundguard.knowledge.source import check_limit

GUIDE = "填写说明"
MOST_CODES = 2000  # in one cell, Excel holds 32,767 signs
_SOURCES = {"list": "目录原有", "prose": "据文字录入"}
_POINT = {
    "point_id": Heading("知识点编号", "更正已有知识点时填写；新增的留空，由平台编号", ""),
    "rule_code": Heading("规则编码", "国家规则 N01 至 N88，地方规则 L 加三位数字", ""),
    "name": Heading("知识点名称", "药品、项目或者耗材的名称", ""),
    "med_list_codg": Heading("项目编码", "多个编码以“|”分隔；列须为文本格式", "XA00000000001|XA00000000002"),
    "derived_by": Heading("限定来源", "目录本身列明的填“目录原有”，从文字读出的填“据文字录入”", "目录原有", _SOURCES),
    "valid_from": Heading("有效期起", "留空为本批次的发布日", ""),
    "valid_to": Heading("有效期止", "当日起不再适用；长期有效的留空", ""),
}


def columns(table: str) -> dict[str, Heading]:
    """The columns of the sheet of a table, in order."""
    own = {name: head for name, head in _POINT.items() if name != "med_list_codg" or table not in OWN_CODES}
    return own | headings(table)


def write_template(path: Path, table: str, known: Knowledge | None = None) -> None:
    """An empty form of a table, or, with `known`, one that holds all its points as they stand."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
        text = book.add_format({"num_format": "@"})
        page = book.add_worksheet(titles()[table])
        page.freeze_panes(1, 0)
        for place, (name, heading) in enumerate(columns(table).items()):
            page.set_column(place, place, 30 if name in ("name", "med_list_codg") else 16, text)
            page.write_string(0, place, heading.label, head)
            if heading.words:
                page.data_validation(1, place, 5000, place, {"validate": "list", "source": [*heading.words.values()]})
        for row, told in enumerate(_standing(table, known) if known else (), start=1):
            for place, name in enumerate(columns(table)):
                page.write_string(row, place, told.get(name, ""), text)
        guide = book.add_worksheet(GUIDE)
        guide.write_row(0, 0, ["列", "说明", "必填", "取值", "示例"], head)
        guide.set_column(0, 4, 30)
        for row, cells in enumerate(_guide(table), start=1):
            guide.write_row(row, 0, cells)
        guide.write_string(len(columns(table)) + 2, 0, about(table))


def read_templates(path: Path) -> list[Draft]:
    """The points of all sheets of our form in a workbook. Refuses faults by sheet, row and cell."""
    by_title = {title: name for name, title in titles().items()}
    drafts: list[Draft] = []
    for sheet in sheets.read(path):
        name = sheet.name.strip()
        if name == GUIDE:
            continue
        if name not in by_title:
            raise Refusal(
                "工作表名称不是知识模板的名称",
                where=f"工作表“{name}”",
                remedy=f"工作表应为{'、'.join(by_title)}之一，请使用平台的知识模板",
            )
        drafts += _read(sheet, by_title[name])
    if not drafts:
        raise Refusal("知识模板里没有填写知识点", where="文件", remedy="请从表头下一行起填写")
    return drafts


def _read(sheet: Sheet, table: str) -> Iterator[Draft]:
    told = columns(table)
    aliases = {name: (heading.label,) for name, heading in told.items()}
    for line in sheets.table(sheet, aliases, tuple(told)):
        yield _draft(line, table, told)


def _draft(line: Line, table: str, told: Mapping[str, Heading]) -> Draft:
    rule = line["rule_code"]
    if not RULE_CODE.fullmatch(rule.text):
        raise rule.refuse("规则编码不存在", "国家规则为 N01 至 N88，地方规则为 L 加三位数字")
    point = line["point_id"]
    if point.text and (not POINT_ID.fullmatch(point.text) or int(point.text[2:5]) != int(rule.text[1:])):
        raise point.refuse("知识点编号不合规范", "编号须与规则相符；新增的知识点请留空")
    limit = {name: _limit(line[name], told[name], table, name) for name in LIMIT_TABLES[table]}
    check_limit(_Cells(rule.sheet, rule.row, limit | {"point_id": point.text}, line, told), LIMIT_TABLES[table])
    limit = {name: value for name, value in limit.items() if value}
    first, last = _day(line["valid_from"]), _day(line["valid_to"])
    if first and last and first >= last:
        raise line["valid_to"].refuse("知识点的有效期不成立", "有效期止须晚于有效期起")
    return Draft(
        place=line["name"].place,
        rule_code=rule.text,
        name=sheets.name(line["name"]),
        codes=_own(limit) if table in OWN_CODES else _codes(line["med_list_codg"]),
        table=table,
        limit=limit,
        derived_by=_chosen(line["derived_by"], told["derived_by"]) or "list",
        point_id=point.text,
        valid_from=first,
        valid_to=last,
    )


def _own(limit: Mapping[str, str]) -> tuple[str, ...]:
    """The item codes of a table that names them itself: those of a pair; none where it is about codes of a record."""
    return tuple(code for side in ("code_a", "code_b") if side in limit for code in limit[side].split("|"))


def _codes(cell: Cell) -> tuple[str, ...]:
    parts = [Cell(cell.sheet, cell.row, cell.column, part, cell.number) for part in cell.text.split("|")]
    codes = tuple(sheets.code(part) for part in parts)
    if len(set(codes)) != len(codes):
        raise cell.refuse("项目编码重复", "请删除重复的编码")
    return codes


def _limit(cell: Cell, heading: Heading, table: str, name: str) -> str:
    """The value of a limit column as it is stored; empty where nothing is stated."""
    column = LIMIT_TABLES[table][name]
    if not cell.text:
        if column.required:
            raise cell.refuse(f"“{heading.label}”为空", "必填，请填写")
        return ""
    if column.codes:
        return "|".join(sorted(_codes(cell)))
    if column.ranges:
        code_ranges(cell.text, cell.place)
    value = _chosen(cell, heading)
    if column.number and not (value.isascii() and value.isdigit() and int(value) >= column.least):
        least = heading.shown(column.least)
        raise cell.refuse(f"“{heading.label}”数值不合规范", f"应为不小于 {least} 的数，不含单位和公式")
    if column.values and value not in column.values:
        raise cell.refuse(f"“{heading.label}”不在规定范围", f"应为 {'、'.join(column.values)} 之一")
    if len(value) > sheets.LONGEST_NAME:
        raise cell.refuse(f"“{heading.label}”过长", f"请不超过 {sheets.LONGEST_NAME} 字")
    return value


def _chosen(cell: Cell, heading: Heading) -> str:
    value = heading.stored(cell.text) if cell.text else ""
    if value is None:
        words = f"应为{'、'.join(heading.words.values())}之一" if heading.words else "应为数，不含单位"
        raise cell.refuse(f"“{heading.label}”不在规定范围", words)
    return value


@dataclass(frozen=True)
class _Cells(source.Line):
    """A row as the checks of the files see it; a refusal names the cell."""

    line: Line
    told: Mapping[str, Heading]

    def refuse(self, what: str, column: str, remedy: str) -> Refusal:
        cell = self.line[column if column in self.line.cells else "name"]
        label = self.told[column].label if column in self.told else ""
        return cell.refuse(f"{what}：{label}" if label else what, remedy)


def _day(cell: Cell) -> str:
    try:
        return date.fromisoformat(cell.text).isoformat() if cell.text else ""
    except ValueError:
        raise cell.refuse("日期无法识别", "日期请写作 2026-01-28 的形式") from None


def _guide(table: str) -> Iterator[tuple[str, str, str, str, str]]:
    for name, heading in columns(table).items():
        column = LIMIT_TABLES[table].get(name)
        must = column.required if column else name in ("rule_code", "name", "med_list_codg")
        yield heading.label, heading.note, "是" if must else "", "、".join(heading.words.values()), heading.example


def _standing(table: str, known: Knowledge) -> Iterator[dict[str, str]]:
    """The points of a table as the form writes them."""
    told = columns(table)
    for point_id, (name, limit) in sorted(limits_of(known).items()):
        if name != table:
            continue
        point = known.points[point_id]
        cells = {"point_id": point_id, "rule_code": point.rule_code, "name": point.name}
        cells |= {"med_list_codg": "|".join(point.codes), "derived_by": _SOURCES[point.derived_by]}
        cells |= {"valid_from": point.first_day, "valid_to": point.end_day}
        yield cells | {column: told[column].shown(value) for column, value in limit.items()}
