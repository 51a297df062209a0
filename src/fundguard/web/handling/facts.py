"""What the kernel asks about items that are about to be closed: fact → keys of the items for which it holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from fundguard.web.desk import items
from fundguard.web.desk.models import StateRow, StepPaper
from fundguard.web.evidence import selectors as evidence
from fundguard.web.fund import selectors as fund
from fundguard.web.papers.models import Paper
from fundguard.workflows.history import Taken
from fundguard.workflows.papers import PAPERS

Histories = Mapping[str, Sequence[Taken]]


def paid(rows: Sequence[StateRow], histories: Histories) -> set[str]:
    """Nothing of the demand is open; what was never demanded is not open either."""
    keys = {row.object_id for row in rows}
    return keys - fund.unpaid(keys)


def complete(rows: Sequence[StateRow], histories: Histories) -> set[str]:
    """Every text that a step brought is held and is the one the ledger proves, every attachment that one names is
    there, and every issued paper is intact."""
    held = {
        (row_id, version, code): text
        for row_id, version, code, text in StepPaper.objects.filter(row__in=[row.pk for row in rows]).values_list(
            "row_id", "version", "code", "text"
        )
    }
    places = {row.pk: row.fixmedins_code for row in rows}
    gone = evidence.missing((places[row_id], text) for (row_id, *_), text in held.items())
    broken = {row_id for (row_id, *_), text in held.items() if (places[row_id], text) in gone}
    issued: dict[str, list[Paper]] = defaultdict(list)
    for paper in Paper.objects.filter(about__in=[row.object_id for row in rows]):
        issued[paper.about].append(paper)
    return {
        row.object_id
        for row in rows
        if row.pk not in broken
        and all(paper.intact for paper in issued[row.object_id])
        and all(
            items.digest(held.get((row.pk, version, code), "")) == digest
            for version, taken in enumerate(histories[row.object_id], start=1)
            for code, digest in taken.papers.items()
            if PAPERS[code].kind not in items.OPEN_KINDS
        )
    }
