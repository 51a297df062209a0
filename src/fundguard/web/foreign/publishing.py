"""From matched rows to findings in the queue: what stands already is linked, the rest becomes a run of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from fundguard.audit.foreign import publish_foreign
from fundguard.findings.foreign import Charge, ForeignHit
from fundguard.web.core.store import opened
from fundguard.web.findings.selectors import FOREIGN_FOLDER
from fundguard.web.foreign import overlap
from fundguard.web.foreign.models import ReceivedList, ReceivedRow, RowLink
from fundguard.web.jobs import services as jobs
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Report
from fundguard.web.ledger.services import record

KIND = "foreign.publish"
LEDGER_KIND = "外来疑点清单"
MATCHED = (ReceivedRow.State.EXACT, ReceivedRow.State.CHOSEN)
BATCH = 500
Effects = Sequence[Callable[[Path], object]]


def perform(job: Job, report: Report, effects: Effects) -> dict[str, Any]:
    """The job of bringing a list's matched rows onto the site."""
    one = ReceivedList.objects.get(pk=job.parameters["list"])
    return publish(one, effects, report)


def queue(one: ReceivedList) -> None:
    """Publish after this transaction, once for however many rows are decided meanwhile."""
    waiting = Job.objects.filter(kind=KIND, state=Job.State.WAITING, parameters__list=one.pk)
    if not waiting.exists():
        jobs.start(KIND, f"生成外来疑点 {one.number}", None, region=one.region, list=one.pk)


def publish(one: ReceivedList, effects: Effects, report: Report | None = None) -> dict[str, Any]:
    """Links every matched row, then tells all findings of the list as one run: who publishes later knows more, and an
    earlier one that comes late is not taken."""
    with transaction.atomic():
        one = ReceivedList.objects.select_for_update().get(pk=one.pk)
        link(one)
        hits = made_hits(one)
        number = one.published + 1
        ReceivedList.objects.filter(pk=one.pk).update(published=number)
    if not hits:
        return {"findings": 0}
    folder = settings.RUNS / f"{FOREIGN_FOLDER}{one.pk:06d}-{number:03d}"
    settings.RUNS.mkdir(parents=True, exist_ok=True)
    progress = None if report is None else (lambda done, total, name: report(done, total, "正在核对费用和门槛"))
    found = publish_foreign(opened(), folder, hits, region=one.region, progress=progress)
    with transaction.atomic():
        if ReceivedList.objects.select_for_update().get(pk=one.pk).published == number:
            for effect in effects:
                effect(folder)
            record(None, "生成外来疑点", LEDGER_KIND, one.number, region=one.region, detail={"疑点": found})
    return {"findings": found}


def link(one: ReceivedList) -> None:
    """`RowLink` for every matched row without one, in the order of the list. A row whose charges another finding may
    mean as well goes to a person instead."""
    waiting = one.rows.filter(state__in=MATCHED, links=None).order_by("place")
    for rows in _batches(list(waiting)):
        ours = {row.match_mdtrt_id for row in rows}
        stands = overlap.standing(ours)
        links = RowLink.objects.filter(row__of=one, row__match_mdtrt_id__in=ours, made=True).select_related("row")
        for made in links:
            _stand(stands, made.row, made.finding_key, made.lines)
        for row in rows:
            _link(row, stands)


def _link(row: ReceivedRow, stands: dict[str, list[overlap.Stands]]) -> None:
    key = _hit_key(row)
    found = stands.get(row.match_mdtrt_id, [])
    others = [one for one in found if one.key != key]
    if row.state == ReceivedRow.State.EXACT and overlap.unsure(others, row.match_setl_id, row.lines):
        row.state, row.reason = ReceivedRow.State.PROBABLE, "同一笔费用上已有疑点，须确认是否同一事项"
        row.save(update_fields=["state", "reason"])
        return
    taken = overlap.taken(found, row.lines)
    rest = [line for line in row.lines if line not in taken]
    if row.lines and not rest and set(taken.values()) == {key}:
        first = RowLink.objects.filter(row__of=row.of_id, finding_key=key).order_by("row__place").first()
        row.repeats_id = first.row_id if first else None
        row.state, row.reason = ReceivedRow.State.REPEATED, "与前面的行是同一明细、同一问题"
        row.save(update_fields=["repeats", "state", "reason"])
        return
    by_key: dict[str, list[str]] = defaultdict(list)
    for line, other in taken.items():
        if other != key:
            by_key[other].append(line)
    links = [RowLink(row=row, finding_key=other, made=False, lines=lines) for other, lines in by_key.items()]
    if rest or not row.lines:
        links.append(RowLink(row=row, finding_key=key, made=True, lines=rest))
        _stand(stands, row, key, rest)
    RowLink.objects.bulk_create(links)


def _stand(stands: dict[str, list[overlap.Stands]], row: ReceivedRow, key: str, lines: Sequence[str]) -> None:
    stands.setdefault(row.match_mdtrt_id, []).append(
        overlap.Stands(key, row.match_mdtrt_id, row.match_setl_id, frozenset(lines))
    )


def _hit_key(row: ReceivedRow) -> str:
    return ForeignHit(row.of.source, row.match_mdtrt_id, _anchor(row), ()).finding_key


def _anchor(row: ReceivedRow) -> str:
    return f"{row.of.number}|{row.named}"


def made_hits(one: ReceivedList) -> list[ForeignHit]:
    """Everything that the list accuses beyond what stood before, one hit for each encounter and sender's rule."""
    charges: dict[tuple[str, str], list[Charge]] = defaultdict(list)
    links = RowLink.objects.filter(row__of=one, made=True).select_related("row", "row__of").order_by("row__place")
    for made in links:
        charges[made.row.match_mdtrt_id, _anchor(made.row)] += _charges(made)
    return [ForeignHit(one.source, mdtrt_id, anchor, tuple(told)) for (mdtrt_id, anchor), told in charges.items()]


def _charges(made: RowLink) -> list[Charge]:
    row = made.row
    if made.lines:
        return [Charge("fee_list_d", line, row.lines[line], row.named, row.words) for line in made.lines]
    table, key = ("setl_d", row.match_setl_id) if row.match_setl_id else ("mdtrt_d", row.match_mdtrt_id)
    return [Charge(table, key, row.whole_fen, row.named, row.words)]


def _batches(rows: list[ReceivedRow]) -> Iterator[list[ReceivedRow]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
