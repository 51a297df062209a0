"""Kinds of papers as declared data, and composing: typed values into the finished text of one paper.

A kind is a YAML file: name, the word of its number (文号), title, typed fields, paragraphs with `{field}` places,
tables with typed columns, articles it rests on. A place is a bare name: no attribute, index, format or call stands
there. Money is handed over in fen, days as dates; wrong, missing or extra values are refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from fundguard.errors import Refusal
from fundguard.law import article

FOLDER = Path(__file__).parent / "kinds"
HEAD = ("number", "issued_on", "issuer", "party")  # places that every kind has
TYPES: dict[str, type] = {"text": str, "money": int, "count": int, "day": date}
NUMERIC = ("money", "count")
_KEYS = {"kind", "name", "word", "title", "fields", "paragraphs", "tables", "basis", "wide"}
_PLACE = re.compile(r"\{(\w*)\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")  # what XML cannot hold


@dataclass(frozen=True)
class Kind:
    """`word` is the word in the number, empty for a paper without one; `wide` turns the page. `tables`: name →
    (title, column → (heading, type))."""

    kind: str
    name: str
    word: str
    title: str
    fields: Mapping[str, str]
    paragraphs: Sequence[str]
    tables: Mapping[str, tuple[str, Mapping[str, tuple[str, str]]]]
    basis: Sequence[str]
    wide: bool


@dataclass(frozen=True)
class Heading:
    """What stands above and below the text: who to whom, when, under which number."""

    number: str
    issued_on: date
    issuer: str
    party: str


@dataclass(frozen=True)
class Table:
    title: str
    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Paper:
    """The finished text: everything is a string to be shown as it stands."""

    kind: str
    name: str
    number: str
    title: str
    party: str
    paragraphs: tuple[str, ...]
    tables: tuple[Table, ...]
    basis: tuple[str, ...]
    issuer: str
    issued_on: str  # 2026年11月22日
    wide: bool

    @property
    def content_hash(self) -> str:
        """SHA-256 over the whole text."""
        return hashlib.sha256(json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    @property
    def check_code(self) -> str:
        """The beginning of the hash in groups of four, to compare by eye."""
        code = self.content_hash[:16].upper()
        return "-".join(code[start : start + 4] for start in range(0, 16, 4))


def kinds(overlays: tuple[Path, ...] = ()) -> dict[str, Kind]:
    """All kinds; a bureau's folder in `overlays` replaces or adds kinds, the later folder wins."""
    return _kinds(overlays)


def compose(kind: Kind, heading: Heading, values: Mapping[str, Any]) -> Paper:
    """The text of one paper. `values` holds every field and every table (a list of rows by column name).

    Refusal where a value is missing, unknown or of the wrong type, or an article is not in force on the day of issue.
    """
    wanted = {**kind.fields, **dict.fromkeys(kind.tables, "table")}
    if set(values) != set(wanted):
        _refuse(kind, "内容", "、".join(sorted(set(values) ^ set(wanted))))
    shown = {name: _shown(kind, name, values[name], type_) for name, type_ in kind.fields.items()}
    shown |= {
        "number": heading.number,
        "issued_on": _day(heading.issued_on),
        "issuer": _clean(heading.issuer),
        "party": _clean(heading.party),
    }
    return Paper(
        kind=kind.kind,
        name=kind.name,
        number=heading.number,
        title=_filled(kind.title, shown),
        party=shown["party"],
        paragraphs=tuple(_filled(text, shown) for text in kind.paragraphs),
        tables=tuple(_table(kind, name, values[name]) for name in kind.tables),
        basis=tuple(_cited(ref, heading.issued_on) for ref in kind.basis),
        issuer=shown["issuer"],
        issued_on=shown["issued_on"],
        wide=kind.wide,
    )


@cache
def _kinds(overlays: tuple[Path, ...]) -> dict[str, Kind]:
    found = {}
    for folder in (FOLDER, *overlays):
        for path in sorted(folder.glob("*.yaml")):
            kind = _declared(path)
            found[kind.kind] = kind
    return found


def _declared(path: Path) -> Kind:
    raw = yaml.safe_load(path.read_text("utf-8"))
    if not isinstance(raw, dict) or not {"kind", "name", "title", "paragraphs"} <= set(raw) <= _KEYS:
        raise Refusal(
            "文书模板的写法不合规范",
            where=path.name,
            seen="、".join(sorted(map(str, raw))) if isinstance(raw, dict) else type(raw).__name__,
            remedy=f"只能有这些项：{'、'.join(sorted(_KEYS))}",
        )
    tables = {
        name: (table["title"], {column: (told["name"], told["type"]) for column, told in table["columns"].items()})
        for name, table in raw.get("tables", {}).items()
    }
    kind = Kind(
        kind=raw["kind"],
        name=raw["name"],
        word=raw.get("word", ""),
        title=raw["title"],
        fields=raw.get("fields", {}),
        paragraphs=tuple(raw["paragraphs"]),
        tables=tables,
        basis=tuple(raw.get("basis", ())),
        wide=bool(raw.get("wide", False)),
    )
    _check(kind, path.name)
    return kind


def _check(kind: Kind, where: str) -> None:
    """Every place names a declared field, every type is known, every article is on file."""
    known = {*HEAD, *kind.fields}
    texts = (kind.title, *kind.paragraphs)
    strange = {place for text in texts for place in _PLACE.findall(text)} - known
    braces = [text for text in texts if re.search(r"[{}]", _PLACE.sub("", text))]
    columns = (type_ for _, table in kind.tables.values() for _, type_ in table.values())
    types = {*kind.fields.values(), *columns} - set(TYPES)
    if strange or braces or types:
        raise Refusal(
            "文书模板中有未登记的字段、类型或写法",
            where=where,
            seen="、".join([*sorted(strange), *sorted(types), *braces]),
            remedy="正文中只能用 {字段名}，字段须在 fields 中登记为 text、money、count 或 day",
        )
    for ref in kind.basis:
        article(ref)


def _filled(text: str, shown: Mapping[str, str]) -> str:
    """Places are filled once: what a value holds is never read as a place again."""
    return _PLACE.sub(lambda place: shown[place[1]], text)


def _table(kind: Kind, name: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    title, columns = kind.tables[name]
    for row in rows:
        if set(row) != set(columns):
            _refuse(kind, name, "、".join(sorted(set(row) ^ set(columns))))
    return Table(
        title=title,
        columns=tuple(heading for heading, _ in columns.values()),
        numeric=tuple(type_ in NUMERIC for _, type_ in columns.values()),
        rows=tuple(
            tuple(_cell(kind, f"{name}.{column}", row[column], type_) for column, (_, type_) in columns.items())
            for row in rows
        ),
    )


def _cell(kind: Kind, name: str, value: Any, type_: str) -> str:
    """As in the text, but days in figures: a column stays narrow."""
    shown = _shown(kind, name, value, type_)
    return value.isoformat() if type_ == "day" else shown


def _shown(kind: Kind, name: str, value: Any, type_: str) -> str:
    if not isinstance(value, TYPES[type_]) or isinstance(value, bool):
        _refuse(kind, name, f"应为 {type_}")
    if type_ == "money":
        sign, fen = ("-" if value < 0 else ""), abs(value)
        return f"{sign}{fen // 100:,}.{fen % 100:02}"
    if type_ == "day":
        return _day(value)
    return f"{value:,}" if type_ == "count" else _clean(value)


def _refuse(kind: Kind, where: str, seen: str) -> None:
    raise Refusal(f"“{kind.name}”的内容不全或类型不符", where=where, seen=seen, remedy="请按模板登记的字段提供内容")


def _cited(ref: str, day: date) -> str:
    found = article(ref)
    if not found.in_force(day):
        raise Refusal("文书引用的条文在出具日无效", where=ref, seen=str(day), remedy="请改用出具日有效的条文")
    return found.cited + (f"（{found.flag}）" if found.flag else "")


def _clean(text: str) -> str:
    return _CONTROL.sub("", text)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
