"""From findings, the desk, the ledger and the book of demands to tallies: one grouped statement and passes over what is
rare beside the findings; memory is bounded by the groups.

Hours are measured from the ledger's instants: where one person takes two steps on findings with no more than
`gap_minutes` between them, that time is the second finding's; longer gaps are absence, and a bulk step costs next to
nothing. So they are a lower bound of the work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TypeVar

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Substr, TruncMonth
from django.utils import timezone

from fundguard.findings.changes import KNOWLEDGE, RULE
from fundguard.findings.funds import PATIENT
from fundguard.web.desk.models import StateRow
from fundguard.web.findings.models import Finding
from fundguard.web.fund.models import Standing
from fundguard.web.ledger.models import Entry
from fundguard.web.scorecard.criteria import measure
from fundguard.web.scorecard.models import FIGURES, Tally
from fundguard.workflows.finding import FINDING
from fundguard.workflows.posts import POSTS

FLOW = "finding"
DISMISSED, LOST, WITHDRAWN = "dismissed", "cleared", "withdrawn"
#: Confirmed by a second person and not given up since.
UPHELD = (
    "confirmed", "notified", "extension_asked", "accepted", "objected", "unanswered", "verifying", "arguing",
    "examined", "determined", "proposed", "hearing", "heard", "reviewed", "in_case", "correcting", "recovering",
    "closed",
)  # fmt: skip
#: Looked at by a first reviewer, who said something.
REVIEWED = ("upheld", *UPHELD, DISMISSED, LOST)
DETERMINED = ("determined", "proposed", "hearing", "heard", "reviewed", "in_case", "recovering", "closed")
BATCH = 2000
Group = tuple[date, str, str, str, str]
Numbers = dict[str, int]
#: Keys of findings that were recalled because their rule was wrong, among those withdrawn by a person.
Recalled = Callable[[], Iterable[str]]
Item = TypeVar("Item")


def recalled_by_run() -> QuerySet[StateRow]:
    """Withdrawn because the rule's text or the knowledge changed: the accusation did not hold."""
    told = Q(told__contains=RULE) | Q(told__contains=KNOWLEDGE)
    return StateRow.objects.filter(told, workflow=FLOW, state=WITHDRAWN)


def tallies(recalled: Recalled) -> list[Tally]:
    """Every group with its figures."""
    groups: dict[Group, Numbers] = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
    for group, state, hits, fen in _states():
        _add(groups[group], state, hits, fen)
    _spread(groups, "determined_fen", _determined())
    _spread(groups, "recovered_fen", _recovered())
    _spread(groups, "seconds", _seconds())
    wrong = _wrong(recalled)
    _spread(groups, "recalled", ((key, 1) for key in wrong))
    _spread(groups, "withdrawn", ((key, -1) for key in wrong))
    names = ("month", "rule_code", "region", "kind", "level")
    return [Tally(**dict(zip(names, group, strict=True)), **numbers) for group, numbers in sorted(groups.items())]


def group_of(found: QuerySet[Finding]) -> QuerySet[Finding]:
    """Findings with the month in which they were made and the kind of their institution."""
    return found.annotate(month=TruncMonth("created_at"), kind=Substr("fixmedins_code", 1, 1))


def _states() -> Iterator[tuple[Group, str, int, int]]:
    state = StateRow.objects.filter(workflow=FLOW, object_id=OuterRef("pk")).values("state")
    found = group_of(Finding.objects.annotate(stands=Coalesce(Subquery(state), F("state")))).order_by()
    counted = found.values_list("month", "rule_code", "region", "kind", "level", "stands")
    for *group, stands, hits, fen in counted.annotate(n=Count("pk"), fen=Sum("counted_fen")):
        yield _group(group), stands, hits, fen


def _add(numbers: Numbers, state: str, hits: int, fen: int) -> None:
    numbers["hits"] += hits
    numbers["found_fen"] += fen
    numbers["reviewed"] += hits if state in REVIEWED else 0
    for name, states in (
        ("upheld", UPHELD),
        ("dismissed", (DISMISSED,)),
        ("lost", (LOST,)),
        ("withdrawn", (WITHDRAWN,)),
    ):
        numbers[name] += hits if state in states else 0


def _spread(groups: dict[Group, Numbers], figure: str, told: Iterable[tuple[str, int]]) -> None:
    """Adds a figure of single findings to their groups."""
    for some in _parts(told):
        keys = {key for key, _ in some}
        found = group_of(Finding.objects.filter(pk__in=keys))
        places = {
            key: _group(rest) for key, *rest in found.values_list("pk", "month", "rule_code", "region", "kind", "level")
        }
        for key, number in some:
            if key in places:
                groups[places[key]][figure] += number


def _determined() -> Iterator[tuple[str, int]]:
    rows = StateRow.objects.filter(workflow=FLOW, state__in=DETERMINED)
    return rows.values_list("object_id", "amount_now_fen").iterator(chunk_size=BATCH)


def _recovered() -> Iterator[tuple[str, int]]:
    """What came back to the funds and stayed: repaid or refused, less what is owed or was given back."""
    funds = Standing.objects.exclude(account=PATIENT).order_by()
    kept = F("repaid") + F("refusal_of_payment") - F("owed_back") - F("given_back")
    return funds.values_list("demand__finding_key").annotate(fen=Sum(kept)).iterator(chunk_size=BATCH)


def _wrong(recalled: Recalled) -> list[str]:
    """Withdrawn findings that speak against their rule, each once."""
    by_person = StateRow.objects.filter(workflow=FLOW, state=WITHDRAWN)
    told = set(recalled_by_run().values_list("object_id", flat=True))
    for some in _parts(recalled()):
        told |= set(by_person.filter(object_id__in=some).values_list("object_id", flat=True))
    return sorted(told)


def _seconds() -> Iterator[tuple[str, int]]:
    """Seconds of each step that followed another of the same person in the offices."""
    last: dict[int, datetime] = {}
    gap = timedelta(minutes=measure("gap_minutes"))
    posts = [post for post, told in POSTS.items() if told.side in ("agency", "bureau")]
    steps = Entry.objects.filter(object_kind=FINDING.title, detail__post__in=posts).exclude(actor=None)
    for actor, at, key in steps.order_by("pk").values_list("actor_id", "at", "object_id").iterator(chunk_size=BATCH):
        spent = at - last[actor] if actor in last else gap * 2
        last[actor] = at
        if timedelta() < spent <= gap:
            yield key, round(spent.total_seconds())


def _group(parts: Iterable[object]) -> Group:
    month, rule, region, kind, level = parts
    return timezone.localtime(month).date(), rule, region, kind, level


def _parts(told: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(told)
    while some := list(islice(rest, BATCH)):
        yield some
