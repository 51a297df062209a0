"""How many items stand where, told at once however many there are.

Told from the sums that the database keeps (`core.sums`). What they do not know (an institution, a person, a term) is
counted row by row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from fundguard.web.accounts.guard import Viewer
from fundguard.web.desk import selectors
from fundguard.web.desk.models import StateCount, StateRow

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


def _known(wanted: Mapping[str, Any]) -> bool:
    """Whether the sums can answer: nothing is asked that they do not keep."""
    asked = {name for name, value in wanted.items() if value} - {"state", "whose", *SUMMED}
    return not asked and wanted.get("whose") in (None, "", "nobody")


def _told(found: QuerySet[StateRow]) -> Counts:
    """Grouped by the value and not by the column: for the column's order SQLite would walk every row."""
    told = (
        found.annotate(at=Coalesce("state", Value("")))
        .values_list("at")
        .annotate(n=Count("pk"), fen=Sum("counted_fen"))
        .order_by()
    )
    return {state: (n, fen or 0) for state, n, fen in told}
