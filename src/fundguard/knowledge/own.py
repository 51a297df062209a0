"""Knowledge points that a rule brings with it: laid over the knowledge of a region, for this rule alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pyarrow as pa

from fundguard.errors import Refusal
from fundguard.knowledge.base import Knowledge, Point
from fundguard.knowledge.schema import ITEM_CODE, LIMIT_TABLES, OWN_CODES, Column
from fundguard.knowledge.source import OPEN_DAY

_EPOCH = date(1970, 1, 1)
MOST = 500  # points that one rule may bring
_FIRST = 900_000  # numbers of these points, apart from those of the knowledge base


@dataclass(frozen=True)
class OwnPoint:
    """A point of a rule: what it is called, its item codes, and its limits by column."""

    point_id: str
    rule_code: str
    name: str
    codes: tuple[str, ...]
    since: date
    limits: Mapping[str, Any] = field(default_factory=dict)


def read_own(rule_code: str, table: str, text: str, since: date) -> tuple[OwnPoint, ...]:
    """Points from lines `名称;编码 编码;days=30 times=1`. Refuses limits the table does not have; names the line."""
    if not takes_own(table):
        raise Refusal("这种知识点不能随规则填写", where="知识点", seen=table, remedy="请在知识库中提出新版本")
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST:
        raise Refusal("知识点过多", where="知识点", seen=str(len(lines)), remedy=f"一条规则最多自带 {MOST} 个知识点")
    return tuple(_read(rule_code, table, number, line, since) for number, line in enumerate(lines, 1))


def takes_own(table: str) -> bool:
    """Whether points of this table can be written in a line: codes, and limits that are numbers or words of a list."""
    columns = LIMIT_TABLES.get(table, {})
    plain = not any(one.codes or one.ranges for one in columns.values())
    return bool(columns) and plain and table not in OWN_CODES


def with_own(base: Knowledge, table: str, points: Sequence[OwnPoint]) -> Knowledge:
    """The knowledge with these points. They are firm: two people agree to a rule before it runs in earnest."""
    if not points:
        return base
    rows = [row for point in points for row in _rows(point)]
    told = [[p.point_id, p.name, *p.codes, p.since.isoformat(), sorted(p.limits.items())] for p in points]
    content = base.version + json.dumps(told, ensure_ascii=False)
    added = pa.Table.from_pylist(rows, schema=base.tables[table].schema)
    return replace(
        base,
        points=base.points | {point.point_id: _point(point) for point in points},
        tables=base.tables | {table: pa.concat_tables([base.tables[table], added])},
        version=hashlib.sha256(content.encode()).hexdigest()[:16],
    )


def _read(rule_code: str, table: str, number: int, line: str, since: date) -> OwnPoint:
    where = f"知识点 第{number}行"
    parts = [part.strip() for part in line.replace("；", ";").split(";")]
    if len(parts) != 3 or not parts[0] or not parts[1]:
        raise Refusal("看不懂这一行", where=where, seen=line[:60], remedy="写成 名称;编码 编码;days=30 times=1")
    codes = tuple(parts[1].split())
    wrong = [code for code in codes if not ITEM_CODE.fullmatch(code)]
    if wrong:
        raise Refusal("项目编码不对", where=where, seen=parts[1][:60], remedy="编码为大写字母和数字")
    point_id = f"X-{int(rule_code[1:]):03d}-{_FIRST + number}"
    return OwnPoint(point_id, rule_code, parts[0], codes, since, _limits(table, parts[2], where))


def _limits(table: str, text: str, where: str) -> dict[str, Any]:
    columns = LIMIT_TABLES[table]
    given = dict(part.partition("=")[::2] for part in text.split())
    strange = [name for name in given if name not in columns]
    missing = [name for name, one in columns.items() if one.required and name not in given and len(one.values) != 1]
    if strange or missing:
        seen = "、".join([*strange, *(f"缺少 {name}" for name in missing)])
        raise Refusal("知识点的限定不对", where=where, seen=seen[:80], remedy=f"可写：{'、'.join(columns) or '无'}")
    fixed = {name: one.values[0] for name, one in columns.items() if one.required and len(one.values) == 1}
    return fixed | {name: _value(columns[name], value, f"{where} {name}") for name, value in given.items()}


def _value(column: Column, value: str, where: str) -> int | str:
    fits = value in column.values if column.values else bool(value)
    if column.number:
        fits = fits and value.isdigit() and column.least <= int(value) < 2**31
    if not fits:
        allowed = "、".join(column.values) or (f"不小于 {column.least} 的整数" if column.number else "文字")
        raise Refusal("取值不在允许范围内", where=where, seen=value[:40], remedy=f"可取：{allowed}")
    return int(value) if column.number else value


def _rows(point: OwnPoint) -> list[dict[str, Any]]:
    since = (point.since - _EPOCH).days
    own = {"rule_code": point.rule_code, "point_id": point.point_id, "firm": 1}
    row: dict[str, Any] = own | {"valid_from_day": since, "valid_to_day": OPEN_DAY} | dict(point.limits)
    return [row | {"med_list_codg": code} for code in sorted(point.codes)]


def _point(one: OwnPoint) -> Point:
    return Point(
        point_id=one.point_id,
        rule_code=one.rule_code,
        name=one.name,
        batch="",
        valid_from_day=(one.since - _EPOCH).days,
        valid_to_day=OPEN_DAY,
        status="usable",
        derived_by="list",
        signed_by=(),
        initials="",
        codes=one.codes,
    )
