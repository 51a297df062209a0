"""Which table a source is, and which column is which field: exact names, declared aliases, provincial spellings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from fundguard.claims.tables import Table, tables
from fundguard.errors import Refusal

#: Names of layers, provinces, cities and schemas that exports put before a table's name: `STG_SD_YT_`, `setlcent_db.`
_BEFORE = r"(?:[a-z]\w*_db\.)?(?:(?:ods|stg|dwd|dw|src|exp|imp|t|v)_)?(?:[a-z]{2}_){0,2}"
#: Periods and part numbers after it: `_202501`, `-part-3`, `_2025-01`, `(2)`
_AFTER = r"(?:[_\-. ]?\d{4}(?:[_\-.]?\d{2}){0,2})?(?:[_\-. ]?part[_\-. ]?\d+|[_\-. ]\d{1,3}| ?\(\d+\))?"


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(f"{_BEFORE}(?P<table>{'|'.join(map(re.escape, tables()))}){_AFTER}")


def table_of(source: str) -> Table | None:
    """The table a source's name says it is, None if it says none.

    `source` is `fee_list_d_202501.csv`, `fee_list_d/part-0.parquet`, `data.zip/STG_SD_YT_SETL_D.csv`,
    `book.xlsx#setl_d` or a database table's name. The last part that names a table counts.
    """
    path, _, sheet = source.partition("#")
    parts = [sheet] if sheet else []
    pure = PurePosixPath(path)
    parts += [pure.stem if pure.suffix.lower() in _SUFFIXES else pure.name, *(p.name for p in pure.parents)]
    for part in parts:
        name = unicodedata.normalize("NFKC", part).strip().lower()
        if match := _pattern().fullmatch(name):
            return tables()[match["table"]]
    return None


_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".parquet", ".pq", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})


@dataclass(frozen=True)
class Columns:
    """Where each field stands in a source: field name → column position, and the columns that are no field."""

    positions: dict[str, int]
    unknown: tuple[str, ...]


def columns_of(table: Table, names: Sequence[str], source: str) -> Columns:
    """Match column names to the fields of `table`.

    Raises `Refusal` where a required column is missing or two columns are the same field.
    """
    spelling = spellings(table)
    positions: dict[str, int] = {}
    unknown: list[str] = []
    for position, name in enumerate(names):
        field = spelling.get(plain(name))
        if field is None:
            unknown.append(name)
        elif field in positions:
            raise Refusal(
                "两列是同一个字段",
                where=f"文件 {source}，字段 {field}",
                seen=f"{names[positions[field]]}、{name}",
                remedy="请只保留其中一列后重新导入",
            )
        else:
            positions[field] = position
    missing = [f for f in table.fields if f.required and f.name not in positions]
    if missing:
        raise Refusal(
            "缺少必需的列",
            where=f"文件 {source}（{table.name}）",
            seen="缺少 " + "、".join(f"{f.name}（{f.meaning}）" for f in missing),
            remedy="请补齐列后重新导出；列名不同的，请用 --mapping 指定映射文件",
        )
    return Columns(positions, tuple(unknown))


def plain(name: str) -> str:
    """A column name without case, full-width forms, quotes and a table prefix (`T.SETL_ID` is `setl_id`)."""
    text = unicodedata.normalize("NFKC", name).strip(" \t\ufeff\"'`[]").lower()
    return text.rpartition(".")[2]


def spellings(table: Table) -> dict[str, str]:
    """Every accepted spelling → field name. A spelling that could mean two fields means none of them."""
    found: dict[str, set[str]] = {}
    for field in table.fields:
        for name in (*field.aliases, *map(_other_spelling, (field.name, *field.aliases))):
            found.setdefault(name, set()).add(field.name)
    clear = {name: fields.pop() for name, fields in found.items() if len(fields) == 1}
    return clear | {field.name: field.name for field in table.fields}


def _other_spelling(name: str) -> str:
    """Provinces write `_code` where others write `_codg`."""
    if name.endswith("_code"):
        return name[:-1].removesuffix("cod") + "codg"
    return name[:-1] + "e" if name.endswith("_codg") else name
