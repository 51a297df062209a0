"""The published problem list (2025): which of its items are checked here, by which rules and knowledge points."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fundguard.knowledge.base import PROBLEM_LIST
from fundguard.knowledge.source import read_table

COLUMNS = ("number", "field", "kind", "text", "evidence", "audience", "rules")


@dataclass(frozen=True)
class Problem:
    """One row of the list in our own words. `number` is the source's, several where it condenses several (`96–99`).

    `evidence`: A charge lines show it, B records are needed too, C stock, equipment or qualification. `rules`: every
    finding of these belongs to the item; `points`: findings of these knowledge points do. Neither: not checked here,
    for want of a national code (`uncoded`) or because charges do not show it.
    """

    number: str
    field: str
    kind: str
    text: str
    evidence: str
    audience: str  # hospital | pharmacy
    rules: tuple[str, ...]
    points: tuple[str, ...]

    @property
    def checked(self) -> bool:
        return bool(self.rules or self.points)

    @property
    def uncoded(self) -> bool:
        """Charges show it, but the codes of its items are not in the national knowledge that we hold."""
        return not self.checked and "A" in self.evidence

    @property
    def items(self) -> int:
        """How many items of the source this row stands for."""
        first, *more = (int(number) for number in re.findall(r"\d+", self.number))
        return more[-1] - first + 1 if "–" in self.number else 1 + len(more)


@cache
def problems(*folders: Path) -> dict[str, Problem]:
    """The items by number, in the order of the list. `folders` of a region may add points (problem_point.csv)."""
    points: dict[str, list[str]] = {}
    for folder in (PROBLEM_LIST, *folders):
        for line in read_table(folder / "problem_point.csv", ("number", "point_id")):
            points.setdefault(line["number"], []).append(line["point_id"])
    return {
        line["number"]: Problem(
            **{name: line[name] for name in COLUMNS if name != "rules"},
            rules=tuple(code for code in line["rules"].split("|") if code),
            points=tuple(points.get(line["number"], ())),
        )
        for line in read_table(PROBLEM_LIST / "problem.csv", COLUMNS)
    }
