"""How long a backlog lasts at the present pace. Pure and repeatable: the same days give the same forecast.

The next working days are drawn from the past ones (arrivals and steps of a day together), many times over; the middle
and the tenth from either end are told. Below `LEAST` working days with steps nothing is forecast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from fundguard.law.calendar import is_workday

DAYS = 20  # past working days that are looked at
LEAST = 10
DRAWS = 400
HORIZON = 250  # working days; what lasts longer has no end in sight
SHOWN = 40  # working days in the chart


@dataclass(frozen=True)
class Past:
    """One working day."""

    day: date
    arrived: int
    done: int


@dataclass(frozen=True)
class Forecast:
    """Working days until nothing waits: the middle, and the bounds of four in five draws; None: not within `HORIZON`.

    `band` has for each of the next days what will then wait: low, middle, high.
    """

    middle: int | None
    low: int | None
    high: int | None
    band: tuple[tuple[int, int, int], ...]


def past(arrived: Mapping[date, int], done: Mapping[date, int], today: date) -> tuple[Past, ...]:
    """The last working days before today, from the first on which anything was done; a day off joins the next one.

    What came on the day on which work began was there to begin with: it is no arrival.
    """
    days: list[Past] = []
    in_, out = 0, 0
    for number in range(2 * DAYS + 20, 0, -1):
        day = today - timedelta(days=number)
        in_, out = in_ + arrived.get(day, 0), out + done.get(day, 0)
        if is_workday(day):
            days.append(Past(day, in_, out))
            in_, out = 0, 0
    days = days[-DAYS:]
    first = next((place for place, one in enumerate(days) if one.done), len(days))
    kept = days[first:]
    return tuple(replace(one, arrived=0) if first and one is kept[0] else one for one in kept)


def enough(days: Sequence[Past]) -> bool:
    return sum(one.done > 0 for one in days) >= LEAST


def forecast(waiting: int, days: Sequence[Past], seed: str) -> Forecast | None:
    """None where the history is too short."""
    if not enough(days):
        return None
    random = Random(seed)  # noqa: S311 (a draw of the future, not a secret)
    ends: list[int] = []
    paths: list[list[int]] = []
    for _ in range(DRAWS):
        path, left = [], waiting
        for _ in range(HORIZON):
            one = random.choice(days)
            left = max(0, left + one.arrived - one.done) if left else 0
            path.append(left)
            if not left:
                break
        ends.append(len(path) if not path or not path[-1] else HORIZON + 1)
        paths.append(path)
    ends.sort()
    low, middle, high = (_end(ends[len(ends) * tenth // 10]) for tenth in (1, 5, 9))
    length = min(SHOWN, max(len(path) for path in paths))
    return Forecast(middle, low, high, tuple(_cut(paths, day) for day in range(length)))


def _end(days: int) -> int | None:
    return None if days > HORIZON else days


def _cut(paths: list[list[int]], day: int) -> tuple[int, int, int]:
    at = sorted(path[day] if day < len(path) else 0 for path in paths)
    return at[len(at) // 10], at[len(at) // 2], at[len(at) * 9 // 10]


def missed(due: Mapping[date, int], pace: float, today: date) -> int:
    """Of what is not late yet, how many terms end before they are reached, even if the earliest is always taken first.

    `due`: last day → items; `pace` items a working day, beginning today.
    """
    left = {day: count for day, count in sorted(due.items()) if day >= today}
    late, spare = 0, 0.0
    for number in range((max(left) - today).days + 1 if left else 0):
        day = today + timedelta(days=number)
        spare += pace if is_workday(day) else 0
        for when, count in left.items():
            taken = min(count, int(spare))
            left[when] = count - taken
            spare -= taken
        late += left.pop(day, 0)
    return late


def next_days(today: date, count: int) -> list[date]:
    """The working days that follow."""
    days: list[date] = []
    day = today
    while len(days) < count:
        day += timedelta(days=1)
        if is_workday(day):
            days.append(day)
    return days
