"""Which months of the book are closed, and in which month a booking counts."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models.functions import Coalesce

from fundguard.web.accounts.selectors import wider
from fundguard.web.fund.models import Close

#: The day on which a booking counts in statements and clearing files.
COUNTS_ON = Coalesce("carried_to", "effective_on")
OF_LINE = Coalesce("booking__carried_to", "booking__effective_on")


def next_month(month: date) -> date:
    """The first day of the month after that of this day."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def open_from(region: str) -> date | None:
    """The first day of the first month still open here: closing a month closes what was before. None: none closed."""
    last = Close.objects.filter(region__in=wider(region), closed_at__isnull=False).order_by("month").last()
    return next_month(last.month) if last else None


def carried_to(region: str, day: date) -> date | None:
    """Where the month of this day is closed the day from which it counts instead; None where it is open.

    Within the caller's transaction: a closing of that month that is under way is waited for, and waits.
    """
    asked = Close.objects.filter(region__in=wider(region), closed_at=None, month__gte=day.replace(day=1))
    list(asked.order_by("pk").select_for_update())
    first = open_from(region)
    return first if first and day < first else None
