"""What people call the limit tables and their columns: headings, notes, examples, the words of coded values.

`headings.csv` has a row a table (no column) and a row a column. Numbers that are kept scaled are written plainly:
`…_e4` in units of the thing, `…_fen` in yuan.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from fundguard.knowledge.schema import LIMIT_TABLES

_FILE = Path(__file__).with_name("headings.csv")
_SCALES = {"_e4": 10_000, "_fen": 100}
Name = Callable[[str], str]


@dataclass(frozen=True)
class Heading:
    """A column as people see it. `words`: stored value → word. `scale`: what a plain number is multiplied by."""

    label: str
    note: str = ""
    example: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    scale: int = 1

    def shown(self, value: object) -> str:
        """A stored value as people write it; empty for what is not stated."""
        if value is None or value == "":
            return ""
        if self.scale != 1:
            return format((Decimal(str(value)) / self.scale).normalize(), "f")
        return self.words.get(str(value), str(value))

    def stored(self, text: str) -> str | None:
        """What is kept for a written value (a word, a stored value, a plain number); None where it is neither."""
        if self.words:
            known = {word: value for value, word in self.words.items()}
            return known.get(text, text if text in self.words else None)
        if self.scale == 1:
            return text
        try:
            scaled = Decimal(text) * self.scale
        except InvalidOperation:
            return None
        return str(int(scaled)) if scaled.is_finite() and scaled == scaled.to_integral_value() else None


def titles() -> dict[str, str]:
    """Limit table → its name; as declared, and where nobody named it the table's own."""
    return {name: _rows().get((name, ""), Heading(name)).label for name in LIMIT_TABLES}


def about(table: str) -> str:
    return _rows().get((table, ""), Heading(table)).note


def headings(table: str) -> dict[str, Heading]:
    """Column → heading of a limit table, in the order in which it is declared."""
    return {name: _heading(table, name) for name in LIMIT_TABLES[table]}


def said(table: str, row: Mapping[str, object], name: Name = str) -> str:
    """One row of a limit table in words, what is stated only; `name` gives the name of an item code."""
    told = []
    for column, heading in headings(table).items():
        shown = heading.shown(row.get(column))
        if shown and LIMIT_TABLES[table][column].codes:
            shown = "、".join(name(code) for code in shown.split("|"))
        if shown:
            told.append(f"{heading.label}：{shown}")
    return "，".join(told)


def _heading(table: str, column: str) -> Heading:
    found = _rows().get((table, column), Heading(column))
    scale = next((scale for suffix, scale in _SCALES.items() if column.endswith(suffix)), 1)
    return Heading(found.label, found.note, found.example, found.words, scale)


@cache
def _rows() -> dict[tuple[str, str], Heading]:
    with _FILE.open(encoding="utf-8", newline="") as stream:
        return {
            (row["table"], row["column"]): Heading(row["label"], row["note"], row["example"], _words(row["words"]))
            for row in csv.DictReader(stream)
        }


def _words(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split("|")) if text else {}
