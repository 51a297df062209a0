"""What the scorecard measures by: declared in `criteria.csv`. Starting values, not measured."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("criteria.csv")


@dataclass(frozen=True)
class Criterion:
    key: str
    value: int
    about: str


@cache
def criteria() -> dict[str, Criterion]:
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return {r["key"]: Criterion(r["key"], int(r["value"]), r["about"]) for r in csv.DictReader(stream)}


def measure(key: str) -> int:
    return criteria()[key].value
