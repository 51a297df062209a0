"""From an uploaded list to its rows: which column is which, values as the store writes them, faults in words.

`columns.csv` declares the fields of a list: kind as in the national tables, and the heads that senders use. Formulas
come as their stored values; a text that looks like one stays text. Names and numbers of persons are not kept: a
person's number becomes the pseudonym, other columns are not read.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from fundguard.claims.intake.casting import cast
from fundguard.claims.intake.chunk import Source
from fundguard.claims.intake.naming import plain
from fundguard.claims.intake.sources import EXCEL, TEXT, open_sources
from fundguard.claims.tables import Field
from fundguard.errors import Refusal

TABLE = Path(__file__).with_name("columns.csv")
SUFFIXES = sorted(TEXT | EXCEL | {".zip"})
#: A list of more rows is no list of doubts but a data set.
MOST_ROWS = 500_000
LONGEST_FILE = 200 << 20
#: Titles may stand above the heads: the heads are looked for in so many rows.
HEADS_WITHIN = 10
#: Fields by which a row says what it is about; one of these groups must be there.
WHERE = (("setl_id",), ("mdtrt_id",), ("bkkp_sn",), ("fixmedins_code", "psn_no", "first_day"))
_NUMBERS = re.compile(r"(?<!\d)(\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?!\d)")
_LENGTHS = {"serial": 80, "named": 120, "words": 500, "institution_name": 200, "item_name": 200}
_CODE_LENGTHS = {"fixmedins_code": 40, "item_code": 60}


@dataclass(frozen=True)
class ListColumn:
    field: str
    label: str
    kind: str
    aliases: tuple[str, ...]


@cache
def list_columns() -> dict[str, ListColumn]:
    """The fields of a list by name, in the order of forms."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return {
            row["field"]: ListColumn(row["field"], row["label"], row["kind"], tuple(row["aliases"].split("|")))
            for row in csv.DictReader(stream)
        }


def guess(heads: Sequence[str], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Field → head: as the sender's last list was read, else by the declared heads; each head serves one field."""
    found = {field: head for field, head in (known or {}).items() if head in heads and field in list_columns()}
    free = [head for head in heads if head not in found.values()]
    for name, column in list_columns().items():
        spelled = [plain(alias) for alias in (name, column.label, *column.aliases)]
        ranked = sorted((spelled.index(plain(head)), head) for head in free if plain(head) in spelled)
        if name not in found and ranked:
            found[name] = ranked[0][1]
            free.remove(ranked[0][1])
    return found


def faults(columns: Mapping[str, str]) -> list[str]:
    """Why a list cannot be read with these columns; empty where it can."""
    labels = {name: column.label for name, column in list_columns().items()}
    told = []
    if "named" not in columns:
        told.append("没有指明“规则或问题名称”是哪一列")
    if not any(all(field in columns for field in group) for group in WHERE):
        ways = "；".join("、".join(labels[field] for field in group) for group in WHERE)
        told.append(f"没有能找到费用的列，至少要有以下一组：{ways}")
    doubled = {head for head in columns.values() if list(columns.values()).count(head) > 1}
    if doubled:
        told.append(f"同一列不能对应两个字段：{'、'.join(sorted(doubled))}")
    return told


def heads_of(path: Path) -> list[str]:
    """The column heads of the one table in a file or zip. Refuses none, several, and what no reader takes."""
    with _source(path) as source:
        return [head for head in _placed(source)[0] if head]


def read_rows(path: Path, columns: Mapping[str, str], psn_key: Callable[[str], str]) -> Iterator[list[dict[str, Any]]]:
    """Rows in batches, as values of `ReceivedRow`: what could not be read has `reason`; blank rows are left out."""
    with _source(path) as source:
        heads, skip = _placed(source)
        missing = [head for head in columns.values() if head not in heads]
        if missing:
            raise Refusal(
                "文件的列与确认时不同", where="列对应", seen="、".join(missing), remedy="请重新上传并确认列对应。"
            )
        positions = {field: heads.index(head) for field, head in columns.items()}
        line, count = 2, 0
        for _, ready in source.chunks():
            chunk = ready()
            table = chunk.rows.slice(skip)
            batch = _typed(table, positions, psn_key)
            for number, row in zip(chunk.record[skip:], batch, strict=True):
                row["line"] = line + int(number) - 1
            batch += [
                {"line": bad.line or line + bad.record - 1, "reason": f"读不出这一行：{bad.reason}"}
                for bad in chunk.unreadable
            ]
            batch = sorted((row for row in batch if row.get("reason") or _filled(row)), key=lambda row: row["line"])
            line, skip, count = line + chunk.records, 0, count + len(batch)
            if count > MOST_ROWS:
                raise Refusal(
                    "清单行数过多",
                    where="文件",
                    seen=f"超过 {MOST_ROWS:,} 行",
                    remedy="请分成多份清单接收，或作为数据导入。",
                )
            yield [row | {"row_hash": row_hash(row)} for row in batch]


def row_hash(row: Mapping[str, Any]) -> str:
    """Of what the sender says, wherever it stands in the list and whatever number it has there."""
    said = {name: str(value) for name, value in row.items() if name not in ("serial", "line", "reason") and value}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


def masked(text: str) -> str:
    """A text without numbers of identity papers and telephones."""
    return _NUMBERS.sub("＊", text)


@contextmanager
def _source(path: Path) -> Iterator[Source]:
    with open_sources(path) as found:
        if not found.sources:
            raise Refusal("文件里没有清单", where="文件", remedy="请上传带列名的 CSV 或 Excel 文件。")
        if len(found.sources) > 1:
            seen = "、".join(source.name for source in found.sources[:3])
            raise Refusal("文件里不止一张表", where="文件", seen=seen, remedy="请只保留一张工作表或一个文件，再上传。")
        yield found.sources[0]


def _placed(source: Source) -> tuple[list[str], int]:
    """Heads, and how many rows below the first one they end: the row that names most fields."""
    rows = [[name.strip() for name in source.columns]]
    for _, ready in source.chunks():
        top = ready().rows.slice(0, HEADS_WITHIN).to_pylist()
        rows += [[str(value or "").strip() for value in row.values()] for row in top]
        break
    named = [len(guess(row)) for row in rows]
    place = named.index(max(named))
    return rows[place], place


def _typed(table: pa.Table, positions: Mapping[str, int], psn_key: Callable[[str], str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{} for _ in range(table.num_rows)]
    for name, position in positions.items():
        column = list_columns()[name]
        told = cast(table.column(position), Field("", name, column.kind, 0, False, "", (), column.label))
        values = told.values.to_pylist()
        bad = told.bad.to_pylist() if told.bad is not None else [False] * len(values)
        for row, value, wrong in zip(rows, values, bad, strict=True):
            _put(row, column, value, wrong, psn_key)
    return rows


def _put(
    row: dict[str, Any], column: ListColumn, value: Any, wrong: bool | None, psn_key: Callable[[str], str]
) -> None:
    name = column.field
    longest = _CODE_LENGTHS.get(name, 80)
    if wrong or (column.kind == "code" and name not in _LENGTHS and len(value or "") > longest):
        row["reason"] = (row.get("reason", "") + f"“{column.label}”读不出；")[:300]
    elif name == "amount_fen" and value is not None and value < 0:
        row["reason"] = (row.get("reason", "") + f"“{column.label}”为负数；")[:300]
    elif name == "psn_no":
        row["psn_key"] = psn_key(value) if value else ""
    elif column.kind in ("text", "code"):
        row[name] = masked(value or "")[: _LENGTHS[name]] if name in _LENGTHS else value or ""
    else:
        row[name] = value


def _filled(row: Mapping[str, Any]) -> bool:
    return any(value for name, value in row.items() if name not in ("line", "serial"))
