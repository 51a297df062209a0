"""Reads one folder of knowledge files and checks it; a fault is a Refusal that names file, line and what was seen."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fundguard.errors import Refusal
from fundguard.knowledge.ranges import code_ranges
from fundguard.knowledge.schema import ITEM_CODE, LIMIT_TABLES, OWN_CODES, POINT_COLUMNS, POINT_ID, RULE_CODE, Column

PLAIN_TABLES: dict[str, tuple[str, ...]] = {
    "point": POINT_COLUMNS,
    "point_code": ("point_id", "med_list_codg"),
    "item": ("name", "initials", "med_list_codg"),
    "phrase": ("rule_code", "phrase"),
}
STATUSES = {"usable": ("list", "prose"), "text_only": ("",)}  # status → where a limit may have come from
OPEN_DAY = (date(9999, 12, 31) - date(1970, 1, 1)).days  # a point without an end


@dataclass(frozen=True)
class Line:
    """One row of a file with its physical line."""

    file: str
    number: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def refuse(self, what: str, column: str, remedy: str) -> Refusal:
        place = f"{self.file} 第{self.number}行 {column}"
        return Refusal(what, where=place, seen=self.values.get(column, ""), remedy=remedy)


Tables = dict[str, list[Line]]


def read_folder(folder: Path) -> Tables:
    """All tables of a folder, each file checked by itself; a file that is not there is an empty table."""
    tables = {name: read_table(folder / f"{name}.csv", columns) for name, columns in PLAIN_TABLES.items()}
    for name, columns in LIMIT_TABLES.items():
        tables[name] = read_table(folder / f"{name}.csv", ("point_id", *columns))
    for line in tables["point"]:
        _check_point(line)
    for name in ("point", *LIMIT_TABLES):
        _check_unique(tables[name])
    for name, columns in LIMIT_TABLES.items():
        for line in tables[name]:
            check_limit(line, columns)
    return tables


def check_together(tables: Tables) -> None:
    """Checks between tables, after overlays: a usable point has codes and one limit, a limit has its point."""
    points = {line["point_id"]: line for line in tables["point"]}
    limited: dict[str, Line] = {}
    for name in LIMIT_TABLES:
        for line in tables[name]:
            if line["point_id"] in limited:
                raise line.refuse("知识点的限定重复", "point_id", "一个知识点只能有一行限定，请删除多余的一行")
            limited[line["point_id"]] = line
    coded = {line["point_id"]: line for line in tables["point_code"]}
    for point_id, line in (limited | coded).items():
        if point_id not in points:
            raise line.refuse("限定或编码没有对应的知识点", "point_id", "请在 point.csv 中登记该知识点，或删除本行")
    own = {line["point_id"] for name in OWN_CODES for line in tables[name]}
    for point_id, point in points.items():
        if (point["status"] == "usable") != (point_id in limited):
            raise point.refuse(
                "知识点的状态与限定不符", "status", "可用的知识点须有一行限定，仅有文字的知识点不得有限定"
            )
        if point_id not in coded and point_id not in own:
            raise point.refuse("知识点没有项目编码", "point_id", "请在 point_code.csv 中填写其编码")


def codes_of(line: Line, column: str = "med_list_codg") -> list[str]:
    """The codes in a cell; refuses a malformed or repeated one."""
    codes = line[column].split("|")
    bad = next((code for code in codes if not ITEM_CODE.fullmatch(code)), None)
    if bad is not None:
        raise Refusal(
            "项目编码不合规范",
            where=f"{line.file} 第{line.number}行 {column}",
            seen=bad,
            remedy="编码只含数字和大写字母，多个编码以“|”分隔，不含空格和全角字符",
        )
    if len(set(codes)) != len(codes):
        raise line.refuse("项目编码重复", column, "请删除重复的编码")
    return codes


def day_number(line: Line, column: str) -> int:
    """A date cell as days since 1970-01-01; an empty one is `OPEN_DAY`."""
    if not line[column]:
        return OPEN_DAY
    try:
        return (date.fromisoformat(line[column]) - date(1970, 1, 1)).days
    except ValueError:
        raise line.refuse("日期无法识别", column, "日期请写作 2026-01-28 的形式") from None


def read_table(path: Path, columns: tuple[str, ...]) -> list[Line]:
    """The rows of one file, none where it is missing. Refuses another encoding, other columns, a row of other width."""
    if not path.exists():
        return []
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal("知识文件不是 UTF-8 编码", where=path.name, remedy="请另存为 UTF-8 编码的 CSV 文件") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    if (header := next(reader, [])) != list(columns):
        seen = ",".join(header)
        raise Refusal("知识文件的列与规定不符", where=path.name, seen=seen, remedy=f"列应依次为 {','.join(columns)}")
    lines = []
    for cells in reader:
        place = f"{path.name} 第{reader.line_num}行"
        if len(cells) != len(columns):
            raise Refusal("列数不符", where=place, seen=f"{len(cells)} 列", remedy=f"每行应有 {len(columns)} 列")
        lines.append(Line(path.name, reader.line_num, dict(zip(columns, cells, strict=True))))
    return lines


def _check_unique(lines: list[Line]) -> None:
    seen: set[str] = set()
    for line in lines:
        if line["point_id"] in seen:
            raise line.refuse("知识点编号重复", "point_id", "同一文件中编号不得重复")
        seen.add(line["point_id"])


def _check_point(line: Line) -> None:
    if not RULE_CODE.fullmatch(line["rule_code"]):
        raise line.refuse("规则编码不存在", "rule_code", "国家规则为 N01 至 N88，地方规则为 L 加三位数字")
    if not POINT_ID.fullmatch(line["point_id"]) or int(line["point_id"][2:5]) != int(line["rule_code"][1:]):
        raise line.refuse(
            "知识点编号不合规范", "point_id", "编号为类别字母、三位规则号、流水号，如 D-067-0001 或 D-067-R9901-0001"
        )
    if not line["valid_from"] or day_number(line, "valid_from") >= day_number(line, "valid_to"):
        raise line.refuse("知识点的有效期不成立", "valid_from", "须填写起始日，且早于终止日（终止日当日起不再适用）")
    if line["status"] not in STATUSES or line["derived_by"] not in STATUSES[line["status"]]:
        raise line.refuse("知识点的状态或来源不在规定范围", "status", "usable 配 list 或 prose；text_only 的来源留空")
    if line["signed_1"] and line["signed_1"] == line["signed_2"]:
        raise line.refuse("两个签名是同一人", "signed_2", "由文字录入的限定须由两人分别签名")


def check_limit(line: Line, columns: Mapping[str, Column]) -> None:
    """Refuses a row of a limit table whose cells, or what they say together, are not as declared."""
    for name, column in columns.items():
        _check_cell(line, name, column)
    if not any(line[name] for name in columns):
        raise line.refuse("限定没有任何内容", "point_id", "请至少填写一项限定")
    if "source" in columns and not (line["sex"] or line["age_from_years"] or line["age_to_years"]):
        raise line.refuse("编码没有限定性别或年龄", "sex", "请填写性别或年龄上下限")
    low, high = line.values.get("age_from_years"), line.values.get("age_to_years")
    if low and high and int(low) >= int(high):
        raise line.refuse("年龄上下限不成立", "age_to_years", "上限须大于下限（满上限周岁之日起不再适用）")
    for name in columns:
        if name.startswith("from_") and line[name] >= line[f"to_{name.removeprefix('from_')}"]:
            raise line.refuse("编码范围不成立", name, "范围的终点须大于起点（终点本身不在范围内）")
    if "code_a" in columns and set(codes_of(line, "code_a")) & set(codes_of(line, "code_b")):
        raise line.refuse("项目对的两个编码相同", "code_b", "项目对的两边不得有同一项目")
    if line.values.get("window") == "before" and not line["days"]:
        raise line.refuse("没有写明回溯天数", "days", "window 为 before 时须填写天数")


def _check_cell(line: Line, name: str, column: Column) -> None:
    text = line[name]
    if not text:
        if column.required:
            raise line.refuse("必填列为空", name, "请填写")
        return
    if column.number and not (text.isascii() and text.isdigit() and int(text) >= column.least):
        raise line.refuse("数值不合规范", name, f"应为不小于 {column.least} 的整数")
    if column.values and text not in column.values:
        raise line.refuse("取值不在规定范围", name, f"应为 {'、'.join(column.values)} 之一")
    if column.codes:
        codes_of(line, name)
    if column.ranges:
        code_ranges(text, f"{line.file} 第{line.number}行 {name}")
