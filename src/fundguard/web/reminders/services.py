"""Writes of reminders, in the transaction of what they tell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F
from django.utils import timezone

from fundguard.web.accounts.guard import Viewer
from fundguard.web.reminders.models import Reminder

SHOWN = 100  # a badge says no more


def tell(  # noqa: PLR0913 (the columns of a row)
    people: Iterable[int], kind: str, source: str, *, at: datetime, object_id: str = "", count: int = 1, words: str = ""
) -> None:
    """One reminder a person; what comes from the same source again is added to it, and it is unread again."""
    for person in sorted(set(people)):
        first = {"object_id": object_id, "count": count, "words": words, "made_at": at}
        made, new = Reminder.objects.get_or_create(person_id=person, kind=kind, source=source, defaults=first)
        if not new:
            Reminder.objects.filter(pk=made.pk).update(count=F("count") + count, object_id="", made_at=at, read_at=None)


def unread(viewer: Viewer) -> int:
    """At most `SHOWN`: one look into a partial index."""
    return Reminder.objects.filter(person=viewer.user, read_at=None).order_by()[:SHOWN].count()


def read(viewer: Viewer, pk: int | None = None) -> int:
    """One's own reminder, or all of them; how many were unread."""
    own = Reminder.objects.filter(person=viewer.user, read_at=None)
    return (own if pk is None else own.filter(pk=pk)).update(read_at=timezone.now())
