"""Chaining the rows: one sealer takes what is unsealed, so that no writer of the ledger waits for another.

Row numbers are drawn before their transaction commits, so a row may appear below one that is sealed already. A seal
therefore names its rows, and the numbers that were passed over, which are looked at again for a day.
"""

from __future__ import annotations

import json
import logging
import os
from datetime import timedelta
from functools import reduce
from operator import or_
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from fundguard.web.ledger import spans
from fundguard.web.ledger.models import BEGINNING, MARK, Entry, Seal

MOST = 5000  # rows of one seal
GAPS_AT_ONCE = 100  # in one condition: SQLite's parser is not deep
#: How long a number that was passed over may still turn up: no transaction stays open so long.
LATE = timedelta(days=1)
_log = logging.getLogger(__name__)


def unsealed() -> QuerySet[Entry]:
    """Rows above the last seal, and late ones below it, in the order of their numbers."""
    last = Seal.objects.order_by("-number").first()
    late = Q(pk__in=_late(_open_gaps(last)))
    return Entry.objects.filter(late | Q(pk__gt=last.last if last else 0)).order_by("pk")


def _open_gaps(last: Seal | None) -> spans.Spans:
    """What the last seal has as passed over, less what an older one than `LATE` had reached already."""
    if last is None or not last.missing:
        return []
    settled = (
        Seal.objects.filter(at__lt=timezone.now() - LATE).order_by("-number").values_list("last", flat=True).first()
    )
    return [(max(first, (settled or 0) + 1), end) for first, end in spans.read(last.missing) if end > (settled or 0)]


def _late(gaps: spans.Spans) -> list[int]:
    """Numbers of rows that have turned up in the gaps."""
    found: list[int] = []
    for place in range(0, len(gaps), GAPS_AT_ONCE):
        wanted = reduce(or_, (Q(pk__range=gap) for gap in gaps[place : place + GAPS_AT_ONCE]))
        found += Entry.objects.filter(wanted).values_list("pk", flat=True)
    return sorted(found)


def seal() -> Seal | None:
    """Seal what is unsealed, `MOST` rows at a time; the last seal made, None where nothing was to do.

    The seal's number is its key: of two sealers at once one fails to insert, and tries again at its next turn.
    """
    made = None
    while unsealed().exists():
        try:
            with transaction.atomic():
                one = _next()
        except IntegrityError:
            break
        if one is None:
            break
        made = one
    if made or Seal.objects.exists():
        _write_daily_head()
    return made


def _next() -> Seal | None:
    last = Seal.objects.order_by("-number").first()
    rows = list(unsealed().values_list("pk", "own_hash")[:MOST])
    if not rows:
        return None
    numbers = [number for number, _ in rows]
    before = last.last if last else 0
    highest = max(before, numbers[-1])
    gaps = [*_open_gaps(last), *([(before + 1, highest)] if highest > before else [])]
    made = Seal(
        number=last.number + 1 if last else 1,
        at=timezone.now(),
        previous=last.head if last else BEGINNING,
        rows=spans.written(numbers),
        missing=spans.joined(part for gap in gaps for part in spans.without(gap, numbers)),
        last=highest,
        count=len(rows),
        total=(last.total if last else 0) + len(rows),
        marks="".join(own_hash[:MARK] for _, own_hash in rows),
    )
    made.head = made.digest([own_hash for _, own_hash in rows])
    made.save()
    return made


def _write_daily_head() -> None:
    """The chain's head, once a day, into the folder of the daily heads; a file that is there is never touched.

    A folder that cannot be written to does not stop the sealing, but the log says so every time.
    """
    folder: Path = settings.LEDGER_HEADS
    path = folder / f"{timezone.localdate():%Y-%m-%d}.json"
    if path.exists():
        return
    last = Seal.objects.latest("number")
    told = {"day": path.stem, "number": last.number, "head": last.head, "total": last.total}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x") as file:
            file.write(json.dumps(told) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        return
    except OSError as error:
        _log.error("台账每日链头无法写入：%s", error.strerror)
