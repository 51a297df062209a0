"""Days and minutes of the city as integers since 1970-01-01."""

from __future__ import annotations

from datetime import date

import numpy as np

from fundguard.claims.city.frames import NONE, Ints

MINUTES = 1440


def day(year: int, month: int, number: int) -> int:
    return (date(year, month, number) - date(1970, 1, 1)).days


FIRST = day(2025, 10, 1)
LAST = day(2026, 9, 30)
#: The day on which the second delivery was written.
CORRECTED = day(2026, 10, 12)
MONTH_ENDS = np.array(
    [day(y, m, 1) - 1 for y, m in [(2025, 10), (2025, 11), (2025, 12), *[(2026, m) for m in range(1, 11)]]], np.int64
)


def birthday(age: int, on: int, offset: int = 0) -> int:
    """Day of birth of someone who turns `age` on day `on` + `offset` (days)."""
    turned = date.fromordinal(date(1970, 1, 1).toordinal() + on + offset)
    if (turned.month, turned.day) == (2, 29):
        raise ValueError("birthday on a leap day")
    return day(turned.year - age, turned.month, turned.day)


def month_index(days: Ints) -> Ints:
    """Month of the city's year: 0 is October 2025."""
    months: Ints = np.searchsorted(MONTH_ENDS, days, side="left") - 1
    return months


def date_digits(days: Ints) -> Ints:
    """Days as the number YYYYMMDD; NULL gives 19000101."""
    safe = np.where(days == NONE, -25567, days).astype("datetime64[D]")
    months = safe.astype("datetime64[M]")
    of_month: Ints = (safe - months).astype(np.int64)
    number: Ints = months.astype(np.int64)
    return (number // 12 + 1970) * 10000 + (number % 12 + 1) * 100 + of_month + 1
