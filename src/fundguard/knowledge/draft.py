"""A knowledge point as somebody hands it in, before it has a number: from the official workbook or from a template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Draft:
    """`codes` are those of its items, none where its table is not about items. `place` says where it was read. `table`
    is the limit table, empty where the limit is text only; `limit` its columns, what is stated only. `names`: code →
    name. `point_id` is stated where a point is corrected in place. Days are YYYY-MM-DD, empty where the batch's hold.
    """

    place: str
    rule_code: str
    name: str
    codes: tuple[str, ...]
    table: str
    limit: Mapping[str, str]
    derived_by: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    point_id: str = ""
    valid_from: str = ""
    valid_to: str = ""

    @property
    def letter(self) -> str:
        """The kind letter by the form of the first code."""
        code = self.codes[0] if self.codes else "-"
        if len(code) == 15 and code.isdigit():
            return "S"
        return {"X": "D", "Z": "D", "T": "H", "C": "C"}.get(code[0], "X")


@dataclass(frozen=True)
class Batch:
    """What drafts come as: a name, the day of publication from which they apply, and the rules whose list it holds
    whole (points of these that it does not hold end on that day)."""

    name: str
    day: date
    whole: frozenset[str] = frozenset()
