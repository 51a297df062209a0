"""How many items stand where, told at once however many there are.

Triggers of the database write the difference that each statement makes into `StateCount`, in its transaction and
without touching a row of anybody else's: nobody waits, and the sum is what is there at that moment. `fold` adds the
differences up now and then. What the sums do not know (an institution, a person, a term) is counted row by row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, QuerySet, Sum

from fundguard.web.accounts.guard import Viewer
from fundguard.web.desk import selectors
from fundguard.web.desk.models import StateCount, StateRow

FOLD_AT = 20_000  # differences; below it their sum is told in a few milliseconds
#: What can be asked of the sums: value of the filter → column.
SUMMED = {"rule": "rule_code", "region": "region", "verdict": "verdict"}
Counts = dict[str, tuple[int, int]]


def counts(viewer: Viewer, wanted: Mapping[str, Any]) -> Counts:
    """State → number and counted amount in fen of what matches the rest of the filter."""
    if viewer.institutions is not None or not _known(wanted):
        return _told(selectors.filtered(viewer, wanted))
    same = {column: wanted[name] for name, column in SUMMED.items() if wanted.get(name)}
    if wanted.get("whose") == "nobody":
        same["assigned"] = False
    summed = StateCount.objects.filter(workflow=selectors.FLOW, region__in=viewer.regions, **same)
    told = summed.values_list("state").annotate(Sum("number"), Sum("fen")).order_by()
    found = {state: (number, fen) for state, number, fen in told}
    if unseen := selectors.blind(viewer):
        hidden = _told(selectors.filtered(viewer, wanted, without=frozenset()).filter(object_id__in=unseen))
        found |= {s: (found[s][0] - number, found[s][1] - fen) for s, (number, fen) in hidden.items()}
    return {state: both for state, both in found.items() if both[0]}


def fold(at: int = FOLD_AT) -> int:
    """Add up the differences of the same place where there are at least `at`; how many rows are left."""
    if StateCount.objects.count() < at:
        return 0
    columns = [field.column for field in StateCount._meta.concrete_fields if not field.primary_key]
    table = StateCount._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} RETURNING {', '.join(columns)}")
        summed: Counter[tuple[Any, ...]] = Counter()
        money: Counter[tuple[Any, ...]] = Counter()
        for *place, number, fen in cursor.fetchall():
            summed[tuple(place)] += number
            money[tuple(place)] += fen
        kept = [
            StateCount(**dict(zip(columns, (*place, number, money[place]), strict=True)))
            for place, number in summed.items()
            if number or money[place]
        ]
        StateCount.objects.bulk_create(kept, batch_size=1000)
    return len(kept)


def _known(wanted: Mapping[str, Any]) -> bool:
    """Whether the sums can answer: nothing is asked that they do not keep."""
    asked = {name for name, value in wanted.items() if value} - {"state", "whose", *SUMMED}
    return not asked and wanted.get("whose") in (None, "", "nobody")


def _told(found: QuerySet[StateRow]) -> Counts:
    told = found.values_list("state").annotate(n=Count("pk"), fen=Sum("counted_fen")).order_by()
    return {state: (n, fen or 0) for state, n, fen in told}
