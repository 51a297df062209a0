"""Guarded reads: lists of the viewer's regions, how far each is, rows, what a person decides, lists of a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from fundguard.findings.foreign import foreign_sources
from fundguard.web.accounts.guard import Viewer
from fundguard.web.core import store
from fundguard.web.desk.models import StateRow
from fundguard.web.findings import selectors as findings
from fundguard.web.foreign import matching, outcomes, overlap
from fundguard.web.foreign.models import Feedback, ReceivedList, ReceivedRow, RowLink

FINAL = tuple(state for state, (_, closed) in outcomes.OUTCOMES.items() if closed)
_WAITING = (ReceivedRow.State.WAITING, ReceivedRow.State.PROBABLE)
_MATCHED = (ReceivedRow.State.EXACT, ReceivedRow.State.CHOSEN)
#: What each tab of a list shows.
TABS = {
    "all": ("全部", Q()),
    "matched": ("已匹配", Q(state__in=_MATCHED)),
    "probable": ("待人工确认", Q(state=ReceivedRow.State.PROBABLE)),
    "none": ("未匹配", Q(state__in=(ReceivedRow.State.NONE, *outcomes.WITHOUT))),
    "repeated": ("重复", Q(state=ReceivedRow.State.REPEATED)),
}


@dataclass(frozen=True)
class Progress:
    """Rows of a list or a source: all, those with nothing more to be done, those that wait for a person's match."""

    rows: int = 0
    closed: int = 0
    probable: int = 0


@dataclass(frozen=True)
class ListLine:
    """A list on the page of lists. `late`: the sender waits beyond the day of the document."""

    one: ReceivedList
    region: str
    progress: Progress
    late: bool
    days_left: int | None
    feedbacks: int

    @property
    def days_past(self) -> int:
        return max(0, -(self.days_left or 0))

    @property
    def open_rows(self) -> int:
        return self.progress.rows - self.progress.closed


@dataclass(frozen=True)
class SourceLine:
    """All lists of one source that the viewer may see."""

    code: str
    name: str
    lists: int
    progress: Progress
    late: int


@dataclass(frozen=True)
class Shown:
    """A candidate as the page of a row offers it."""

    place: int
    candidate: matching.Candidate
    institution: str
    first: date | None
    last: date | None
    lines: tuple[tuple[str, str, date | None, int], ...] = ()
    standing: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Mention:
    """A list that speaks of a finding: its rows' words."""

    number: str
    pk: int
    source: str
    document: str
    made: bool
    said: tuple[str, ...] = field(default_factory=tuple)


def lists(viewer: Viewer, wanted: Mapping[str, Any] | None = None) -> QuerySet[ReceivedList]:
    """Lists of the viewer's regions, newest first."""
    if viewer.institutions is not None:
        return ReceivedList.objects.none()
    found = ReceivedList.objects.filter(region__in=viewer.regions).order_by("-pk")
    asked = wanted or {}
    if source := asked.get("source"):
        found = found.filter(source=source)
    if word := asked.get("q"):
        found = found.filter(Q(sender__icontains=word) | Q(document__icontains=word) | Q(title__icontains=word))
    return found


def received(viewer: Viewer, pk: int) -> ReceivedList:
    return get_object_or_404(lists(viewer).select_related("created_by"), pk=pk)


def row(viewer: Viewer, pk: int) -> ReceivedRow:
    return get_object_or_404(
        ReceivedRow.objects.filter(of__in=lists(viewer)).select_related("of", "repeats", "decided_by"), pk=pk
    )


def feedback(viewer: Viewer, pk: int) -> Feedback:
    return get_object_or_404(Feedback.objects.filter(of__in=lists(viewer)).select_related("of"), pk=pk)


def progress(found: Iterable[int]) -> dict[int, Progress]:
    """Pk of a list → how far it is; one statement."""
    root = Coalesce(OuterRef("repeats_id"), OuterRef("pk"))
    links = RowLink.objects.filter(row_id=root)
    final = StateRow.objects.filter(workflow="finding", object_id=OuterRef("finding_key"), state__in=FINAL)
    rows = ReceivedRow.objects.filter(of__in=list(found)).annotate(stands=Coalesce(F("repeats__state"), F("state")))
    closed = Q(stands__in=tuple(outcomes.WITHOUT)) | (
        Q(stands__in=_MATCHED) & Exists(links) & ~Exists(links.filter(~Exists(final)))
    )
    counted = rows.values_list("of").annotate(
        rows=Count("pk"), closed=Count("pk", filter=closed), probable=Count("pk", filter=Q(state="probable"))
    )
    return {pk: Progress(*numbers) for pk, *numbers in counted.order_by()}


def lines(some: Sequence[ReceivedList], today: date) -> list[ListLine]:
    """Lists that the viewer was shown, with how far they are."""
    keys = [one.pk for one in some]
    far, names = progress(keys), findings.region_names()
    told = dict(Feedback.objects.filter(of__in=keys).values_list("of").annotate(n=Count("pk")).order_by())
    return [_line(one, far.get(one.pk, Progress()), today, names, told.get(one.pk, 0)) for one in some]


def by_source(viewer: Viewer, today: date) -> list[SourceLine]:
    """Closing by source, over all lists that were read."""
    ready = list(lists(viewer).filter(state=ReceivedList.State.READY))
    far = progress(one.pk for one in ready)
    told = []
    for code, source in foreign_sources().items():
        own = [one for one in ready if one.source == code]
        parts = [far.get(one.pk, Progress()) for one in own]
        whole = Progress(sum(p.rows for p in parts), sum(p.closed for p in parts), sum(p.probable for p in parts))
        late = sum(_late(one, far.get(one.pk, Progress()), today) for one in own)
        if own:
            told.append(SourceLine(code, source.name, len(own), whole, late))
    return told


def tabs(one: ReceivedList) -> list[tuple[str, str, int]]:
    """Value, label and number of rows of each tab."""
    counted = one.rows.aggregate(**{name: Count("pk", filter=condition) for name, (_, condition) in TABS.items()})
    return [(name, label, counted[name]) for name, (label, _) in TABS.items()]


def rows(one: ReceivedList, tab: str) -> QuerySet[ReceivedRow]:
    condition = TABS.get(tab, TABS["all"])[1]
    return one.rows.filter(condition).order_by("place")


def amounts(one: ReceivedList) -> int:
    """What the sender's rows come to in fen, repeated ones once."""
    told = one.rows.exclude(state=ReceivedRow.State.REPEATED).aggregate(fen=Sum("amount_fen"))
    return told["fen"] or 0


def waiting(one: ReceivedList) -> ReceivedRow | None:
    """The next row that a person must decide."""
    return one.rows.filter(state=ReceivedRow.State.PROBABLE).order_by("place").first()


_NAMED = """
SELECT bkkp_sn, coalesce(hilist_name, medins_list_name, med_list_codg, ''), CAST(fee_ocur_time AS DATE)
FROM fee_list_d WHERE list_contains($lines, bkkp_sn)
"""
_PLACES = "SELECT fixmedins_code, fixmedins_name FROM fixmedins_b WHERE list_contains($codes, fixmedins_code)"


def candidates(viewer: Viewer, one: ReceivedRow) -> list[Shown]:
    """The candidates of a probable row with what the store says of their lines, within the viewer's regions."""
    kept = [matching.candidate_of(told) for told in one.candidates]
    stands = overlap.standing(candidate.mdtrt_id for candidate in kept)
    with store.reading(viewer) as connection:
        wanted = sorted({line for candidate in kept for line in candidate.lines})
        named = {line: rest for line, *rest in connection.execute(_NAMED, {"lines": wanted}).fetchall()}
        codes = sorted({candidate.fixmedins_code for candidate in kept})
        places = dict(connection.execute(_PLACES, {"codes": codes}).fetchall())
    return [
        Shown(
            place=place,
            candidate=candidate,
            institution=places.get(candidate.fixmedins_code) or candidate.fixmedins_code,
            first=matching.day_of(candidate.first),
            last=matching.day_of(candidate.last),
            lines=tuple((line, *named.get(line, ("", None)), fen) for line, fen in sorted(candidate.lines.items())),
            standing=_standing(viewer, overlap.unsure(stands[candidate.mdtrt_id], candidate.setl_id, candidate.lines)),
        )
        for place, candidate in enumerate(kept)
        if candidate.region in viewer.regions
    ]


def mentions(viewer: Viewer, key: str) -> list[Mention]:
    """Lists of the viewer's regions that speak of a finding which the viewer was shown."""
    links = RowLink.objects.filter(finding_key=key, row__of__in=lists(viewer)).select_related("row", "row__of")
    told: dict[int, list[RowLink]] = {}
    for link in links.order_by("row__of", "row__place"):
        told.setdefault(link.row.of_id, []).append(link)
    return [_mention(some) for some in told.values()]


def _mention(links: Sequence[RowLink]) -> Mention:
    one = links[0].row.of
    said = dict.fromkeys(
        f"{link.row.named}（{link.row.words}）" if link.row.words else link.row.named for link in links
    )
    made = any(link.made for link in links)
    return Mention(one.number, one.pk, one.get_source_display(), one.document, made, tuple(said)[:5])


def _standing(viewer: Viewer, keys: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
    names = findings.rule_names()
    found = findings.findings(viewer).filter(pk__in=keys).order_by("pk")
    return tuple((one.pk, one.number, names.get(one.rule_code, one.rule_code)) for one in found)


def _line(one: ReceivedList, far: Progress, today: date, names: Mapping[str, str], told: int) -> ListLine:
    left = outcomes.days_left(one.due_on, today)
    return ListLine(one, names.get(one.region, one.region), far, _late(one, far, today), left, told)


def _late(one: ReceivedList, far: Progress, today: date) -> bool:
    closed = one.state == ReceivedList.State.READY and far.rows == far.closed
    return one.state != ReceivedList.State.FAILED and outcomes.overdue(one.due_on, closed=closed, today=today)
