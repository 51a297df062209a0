"""What the calendar tells once a day: terms that are near or over, substitutes who begin, old reminders that go."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta

from django.db.models import Count, QuerySet
from django.utils import timezone

from fundguard.web.desk.answering import TERMS
from fundguard.web.desk.models import StateRow, Substitution
from fundguard.web.reminders.models import Reminder
from fundguard.web.reminders.services import tell
from fundguard.web.reminders.telling import accounts_of
from fundguard.workflows.regions import VARIANTS

AHEAD = 3  # days before the end of a term
KEPT = 90  # days that a read reminder stays
OWN_TERMS = sorted({clock.name for flow in VARIANTS.values() for clock in flow.clocks if clock.term in TERMS})


def remind(day: date) -> None:
    """Once for each person and day, however often it is called."""
    begin = timezone.make_aware(datetime.combine(day, time()))
    running = StateRow.objects.filter(due_at__isnull=False)
    soon = running.filter(due_at__gt=begin, due_at__lte=begin + timedelta(days=AHEAD + 1))
    for kind, found in (("overdue", running.filter(due_at__lte=begin)), ("due_soon", soon)):
        for person, count in _counted(found.exclude(assignee=None), "assignee_id"):
            _once(person, kind, begin, count)
    owed: Counter[int] = Counter()
    for code, count in _counted(soon.filter(due_term__in=OWN_TERMS), "fixmedins_code"):
        owed.update(dict.fromkeys(accounts_of(str(code)), count))
    for person, count in owed.items():
        _once(person, "answer_due", begin, count)
    for loan in Substitution.objects.filter(since=day).select_related("principal"):
        words = f"{loan.principal}，今日起至 {loan.until:%Y-%m-%d}"
        _once(loan.substitute_id, "lent", begin, 1, words)
    Reminder.objects.filter(read_at__lt=begin - timedelta(days=KEPT)).delete()


def _counted(found: QuerySet[StateRow], column: str) -> list[tuple[int, int]]:
    return list(found.values_list(column).annotate(n=Count("pk")).order_by(column))


def _once(person: int, kind: str, begin: datetime, count: int, words: str = "") -> None:
    source = f"{kind}:{timezone.localdate(begin)}"
    if not Reminder.objects.filter(person_id=person, kind=kind, source=source).exists():
        tell([person], kind, source, at=timezone.now(), count=count, words=words)
