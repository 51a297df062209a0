"""Working days. `workdays.csv` lists the days that differ from Monday to Friday; each year is added from its notice.

A year without any row is not yet announced: answers that touch it are provisional (暂定), never silent.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "workdays.csv"


@dataclass(frozen=True)
class Deadline:
    """The last day of a period; `provisional` when it was counted over a year that is not announced."""

    day: date
    provisional: bool


def is_workday(day: date) -> bool:
    """Whether `day` is worked; by the weekday alone where its year is not announced (see `is_announced`)."""
    return _exceptions().get(day, day.weekday() < 5)


def is_announced(year: int) -> bool:
    """Whether the holidays of `year` are in the table."""
    return any(day.year == year for day in _exceptions())


def after_workdays(start: date, count: int, excluded: frozenset[date] = frozenset()) -> Deadline:
    """The `count`-th working day after `start`; the day of `start` and `excluded` days are not counted."""
    day = start
    while count:
        day += timedelta(days=1)
        count -= is_workday(day) and day not in excluded
    return Deadline(day, not all(is_announced(year) for year in range(start.year, day.year + 1)))


def after_days(start: date, count: int, excluded: frozenset[date] = frozenset()) -> Deadline:
    """The `count`-th calendar day after `start`, not counting as above; from a day off it moves to the next worked one.

    Provisional only where the last days are of a year not announced: days off on the way count like any other.
    """
    day = start
    while count:
        day += timedelta(days=1)
        count -= day not in excluded
    last = day
    while not is_workday(last):
        last += timedelta(days=1)
    return Deadline(last, not (is_announced(day.year) and is_announced(last.year)))


@cache
def _exceptions() -> dict[date, bool]:
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return {date.fromisoformat(row["day"]): row["is_workday"] == "1" for row in csv.DictReader(stream)}
