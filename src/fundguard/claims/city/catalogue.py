"""The city's own price list: plain items, and a few limited ones whose code, name and limit are national facts."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from fundguard.claims.city.frames import NONE, Coded, Ints, coded

LEVELS = ("01", "02", "03")


@dataclass(frozen=True)
class Catalogue:
    """Items by position. `price` and `cap` in 10^-6 yuan (`cap` NONE without limit); `share` own part in percent."""

    rows: tuple[dict[str, str], ...]
    price: Ints
    cap: Ints
    share: Ints
    stocked: npt.NDArray[np.bool_]
    herb: npt.NDArray[np.bool_]
    consumable: npt.NDArray[np.bool_]
    groups: dict[str, Ints]
    _joined: dict[tuple[str, ...], Ints] = field(default_factory=dict)
    _places: dict[str, dict[str, int]] = field(default_factory=dict)

    def group(self, *names: str) -> Ints:
        """Positions of the items of these groups."""
        if names not in self._joined:
            self._joined[names] = np.concatenate([self.groups[name] for name in names])
        return self._joined[names]

    def code(self, code: str) -> int:
        return self._place("code")[code]

    def named(self, name: str) -> int:
        return self._place("name")[name]

    def _place(self, field: str) -> dict[str, int]:
        """The first row of each value of a field."""
        if field not in self._places:
            self._places[field] = {row[field]: i for i, row in reversed(list(enumerate(self.rows)))}
        return self._places[field]

    def column(self, field: str, items: Ints) -> Coded:
        """Text column of a price-list field for lines of these items; -1 (no item) is NULL."""
        return coded([row[field] for row in self.rows], items)


@cache
def catalogue() -> Catalogue:
    text = resources.files("fundguard.claims.city").joinpath("catalogue.csv").read_text("utf-8")
    rows = tuple(csv.DictReader(text.splitlines()))
    return Catalogue(
        rows=rows,
        price=np.array([_micro(row["price"]) for row in rows], np.int64),
        cap=np.array([_micro(row["cap"]) if row["cap"] else NONE for row in rows], np.int64),
        share=np.array([(0, 10, 100)[LEVELS.index(row["level"])] for row in rows], np.int64),
        stocked=np.array([row["stock"] == "1" for row in rows]),
        herb=np.array([row["list_type"] == "102" for row in rows]),
        consumable=np.array([row["list_type"] == "301" for row in rows]),
        groups={
            name: np.flatnonzero([row["group"] == name for row in rows]) for name in {row["group"] for row in rows}
        },
    )


def _groups(rows: tuple[dict[str, str], ...]) -> list[str]:
    return sorted({row["group"] for row in rows})


def _micro(yuan: str) -> int:
    whole, _, part = yuan.partition(".")
    return int(whole) * 10**6 + int(part.ljust(6, "0"))
