"""Reads the official workbook of one rule: its points with what limits them, and the codes of each point.

The form: sheet 规则对应知识点明细 with titles above the heads and a row of sums below, and, for drugs and consumables,
sheet 知识点对应药品代码 with a row a code. Heads are found by the spellings of `official.csv`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fundguard.errors import Refusal
from fundguard.knowledge import sheets
from fundguard.knowledge.draft import Draft
from fundguard.knowledge.prose import READINGS
from fundguard.knowledge.sheets import Cell, Line, Sheet

_FILE = Path(__file__).with_name("official.csv")
DETAIL, CODES = "规则对应知识点明细", "知识点对应药品代码"
_PAIR = ("code_a", "name_a", "code_b", "name_b")
#: Columns that a limit is read from, by rule; where the list states it in words, 逻辑依据.
_NEEDED = {"N15": ("same_incision_group",), "N25": _PAIR, "N81": ("limit_sex",)}
_BY_NAME_ALONE = frozenset({"N01", "N02", "N03", "N04", "N05", "N07", "N08", "N29", "N47", "N65"})


def read_official(path: Path, rule_code: str) -> list[Draft]:
    """The points of the workbook as drafts of this rule. Refuses what the form does not allow, by sheet, row, cell."""
    reading = READINGS.get(rule_code)
    if reading is None:
        raise Refusal(
            "这条规则的官方表没有固定的读法",
            where="规则",
            seen=rule_code,
            remedy="请下载平台的知识模板，填写后导入",
        )
    book = {sheet.name.strip(): sheet for sheet in sheets.read(path)}
    detail = _sheet(book, DETAIL)
    lines, total = _split(list(sheets.table(detail, _aliases(), _required(rule_code))))
    listed = _codes(book, lines) if _apart(rule_code, lines) else None
    drafts = [_draft(line, rule_code, listed) for line in lines]
    _check_sums(total, lines, drafts)
    if not drafts:
        raise Refusal("工作表里没有知识点", where=f"工作表“{detail.name}”", remedy="请确认选对了文件和规则")
    return drafts


def _sheet(book: Mapping[str, Sheet], name: str) -> Sheet:
    found = next((sheet for title, sheet in book.items() if sheets.plain(title) == sheets.plain(name)), None)
    if found is None:
        raise Refusal(
            "缺少工作表", where=f"工作表“{name}”", seen="、".join(book) or "没有工作表", remedy=f"请补上工作表“{name}”"
        )
    return found


def _required(rule_code: str) -> tuple[str, ...]:
    needed = _NEEDED.get(rule_code, () if rule_code in _BY_NAME_ALONE else ("constraint",))
    return needed if rule_code == "N25" else ("name", *needed)


def _apart(rule_code: str, lines: list[Line]) -> bool:
    """Whether the codes stand in the other sheet."""
    return rule_code != "N25" and not any("code" in line.cells for line in lines)


def _split(lines: list[Line]) -> tuple[list[Line], Line | None]:
    """The lines above the row of sums, and that row. Refuses lines below it."""
    place = next((number for number, line in enumerate(lines) if sheets.is_total(line)), None)
    if place is None:
        return lines, None
    if lines[place + 1 :]:
        raise _first(lines[place + 1]).refuse("合计行之后还有内容", "合计行须是最后一行，请核对是否有多余或错位的行")
    return lines[:place], lines[place]


def _codes(book: Mapping[str, Sheet], points: list[Line]) -> dict[str, dict[str, str]]:
    """Name of a point → its codes with their names, as the sheet of codes lists them."""
    known = {sheets.name(line["name"]) for line in points}
    sheet = _sheet(book, CODES)
    lines, _ = _split(list(sheets.table(sheet, _aliases(), ("name", "code"))))
    listed: dict[str, dict[str, str]] = {}
    for line in lines:
        name, code = sheets.name(line["name"]), sheets.code(line["code"])
        if name not in known:
            raise line["name"].refuse("编码没有对应的知识点", f"名称须与工作表“{DETAIL}”中的完全一致")
        if code in listed.setdefault(name, {}):
            raise line["code"].refuse("项目编码重复", "同一知识点中同一编码只能出现一次")
        listed[name][code] = name
    return listed


def _draft(line: Line, rule_code: str, listed: Mapping[str, Mapping[str, str]] | None) -> Draft:
    reading = READINGS[rule_code]
    codes: tuple[str, ...]
    if rule_code == "N25":
        first, second = sheets.code(line["code_a"]), sheets.code(line["code_b"])
        names = {first: sheets.name(line["name_a"]), second: sheets.name(line["name_b"])}
        codes, title, place = (first, second), " / ".join(names.values()), line["code_a"].place
    else:
        title, place = sheets.name(line["name"]), line["name"].place
        names = dict(listed.get(title, {}) if listed is not None else {sheets.code(line["code"]): title})
        codes = tuple(names)
        if not codes:
            raise line["name"].refuse("知识点没有项目编码", f"请在工作表“{CODES}”中补上它的编码")
        _check_count(line, codes)
    limit = reading.read(_row(line))
    table, columns = limit or ("", {})
    return Draft(place, rule_code, title, codes, table, columns, reading.derived_by if limit else "", names)


def _row(line: Line) -> dict[str, str]:
    """As `prose` reads a list: what is not stated is empty."""
    told = {name: line.text(name) for name in _aliases()}
    return told | {"basis": told["constraint"]}


def _check_count(line: Line, codes: tuple[str, ...]) -> None:
    told = line.text("count")
    if told.isdigit() and int(told) != len(codes):
        raise line["count"].refuse("编码数与实际不符", f"实际列出 {len(codes)} 个编码，请核对是否缺行或多行")


def _check_sums(total: Line | None, lines: list[Line], drafts: list[Draft]) -> None:
    """A sum in the last row is of the codes, where the lines count them."""
    if total is None or "count" not in total.cells or not total.text("count").isdigit():
        return
    counted = sum(len(draft.codes) for draft in drafts)
    if any(line.text("count") for line in lines) and int(total.text("count")) != counted:
        raise total["count"].refuse("合计与明细不符", f"明细共 {counted} 个编码，请核对是否缺行")


def _first(line: Line) -> Cell:
    return next(cell for cell in line.cells.values() if cell.text)


@cache
def _aliases() -> dict[str, tuple[str, ...]]:
    with _FILE.open(encoding="utf-8", newline="") as stream:
        return {row["field"]: tuple(row["aliases"].split("|")) for row in csv.DictReader(stream)}
