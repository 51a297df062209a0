"""Steps that a term's end takes by itself: nobody presses a button for them, and nothing is taken a second early."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction

from fundguard.web.desk import items, services
from fundguard.web.desk.models import StateRow
from fundguard.workflows.history import CLOCK
from fundguard.workflows.regions import VARIANTS

BATCH = 500
#: Where an item meanwhile stands elsewhere, is closed, or has time again, there is nothing to do.
NOTHING_TO_DO = frozenset({"WF-101", "WF-107", "WF-108"})
#: State → the step that the end of its term takes.
STEPS = {
    state: step.verb
    for flow in VARIANTS.values()
    for step in flow.steps
    if step.after_due and "clock" in step.by
    for state in step.sources
}


def tick(at: datetime) -> dict[str, int]:
    """Take every step that is due at this instant, in transactions of at most `BATCH`; how many of each verb."""
    taken: Counter[str] = Counter()
    after = 0
    while True:
        with transaction.atomic():
            due = StateRow.objects.filter(state__in=STEPS, due_at__lte=at, pk__gt=after).order_by("pk")
            rows = list(due.select_for_update(of=("self",))[:BATCH])
            known = items.items(rows)
            for row in rows:
                taken[_one(row, known[row.object_id], at)] += 1
        if not rows:
            break
        after = rows[-1].pk
    taken.pop("", None)
    return dict(taken)


def _one(row: StateRow, item: items.Item, at: datetime) -> str:
    verb = STEPS[row.state]
    try:
        services.taken_by(row, item, verb, CLOCK, papers={}, at=at)
    except services.Barred as barred:
        if {bar.code for bar in barred.bars} - NOTHING_TO_DO:
            raise
        return ""
    return verb
