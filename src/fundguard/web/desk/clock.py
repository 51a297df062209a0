"""Steps that a term's end takes by itself: nobody presses a button for them, and nothing is taken a second early."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
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
            due_steps: dict[str, list[services.Wish]] = defaultdict(list)
            for row in rows:
                due_steps[STEPS[row.state]].append(services.Wish(row, known[row.object_id], {}))
            for verb, wishes in due_steps.items():
                taken[verb] += len(wishes) - _barred(services.taken_all(wishes, verb, CLOCK, at=at))
        if not rows:
            break
        after = rows[-1].pk
    return {verb: count for verb, count in taken.items() if count}


def _barred(barred: Mapping[int, services.Barred]) -> int:
    """How many had nothing to do; any other bar is a fault."""
    for one in barred.values():
        if {bar.code for bar in one.bars} - NOTHING_TO_DO:
            raise one
    return len(barred)
