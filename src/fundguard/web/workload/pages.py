"""What the templates of workload may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fundguard.web.accounts.models import User
from fundguard.web.workload.forecasting import Forecast, Past
from fundguard.web.workload.measures import Tally


@dataclass(frozen=True)
class Line:
    """A row of a table of tallies."""

    label: str
    tally: Tally


@dataclass(frozen=True)
class Stage:
    """A state that waits for people: what waits, what came and went, what is to be expected."""

    state: str
    name: str
    waiting: int
    late: int
    days: tuple[Past, ...]
    people: Mapping[str, int]
    due: Mapping[date, int]
    forecast: Forecast | None
    pace: float
    missed: int | None


@dataclass(frozen=True)
class Load:
    """A colleague's day: minutes that there are, minutes of what is assigned, and what balancing would add."""

    person: User
    away: bool
    minutes: int
    items: int
    used: int
    more: int = 0
    more_minutes: int = 0
