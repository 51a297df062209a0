"""Writes: receive a list, confirm its columns, read and match it, decide a row, match again."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from fundguard.claims.store import Store
from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import Region
from fundguard.web.core import store
from fundguard.web.foreign import matching, overlap, publishing, reading
from fundguard.web.foreign.models import KnownColumns, ReceivedList, ReceivedRow, RowLink
from fundguard.web.foreign.publishing import LEDGER_KIND
from fundguard.web.intake.services import keep
from fundguard.web.jobs import services as jobs
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Report
from fundguard.web.ledger.services import record

KIND = "foreign.receive"
BATCH = 500
MATCHED_AT_ONCE = 5000
#: What is matched once more when later data have come in.
AGAIN = (ReceivedRow.State.NONE, ReceivedRow.State.NO_INSTITUTION, ReceivedRow.State.ELSEWHERE)


@dataclass(frozen=True)
class Decision:
    """A person's word on a probable row: `choice` is the place of a candidate (None: none of them), `lines` those that
    are meant, `same` the key of a finding that stands and is the same matter."""

    choice: int | None
    reason: str
    lines: Sequence[str] = ()
    same: str = ""


_FOUND = ("state", "reason", "candidates", "match_setl_id", "match_mdtrt_id", "lines", "whole_fen")


def receive(viewer: Viewer, upload: UploadedFile, told: Mapping[str, Any]) -> ReceivedList:
    """Keeps the file and what its document says; its columns are confirmed next. Refuses a file that is no list and one
    that was received before."""
    home = viewer.user.region
    drawn = f"list-{secrets.token_hex(16)}"
    folder = settings.UPLOADS / drawn
    try:
        [name] = keep([upload], folder)
        heads = reading.heads_of(folder / name)
        file_hash = _hash(folder / name)
        with transaction.atomic():
            _once(ReceivedList.objects.filter(region=home.code, source=told["source"], file_hash=file_hash))
            made = ReceivedList.objects.create(
                **told, region=home.code, file_hash=file_hash, folder=drawn, heads=heads, created_by=viewer.user
            )
            detail = {"来源": made.get_source_display(), "文号": made.document, "反馈期限": str(made.due_on or "未定")}
            record(viewer.user, "接收外来疑点清单", LEDGER_KIND, made.number, region=made.region, detail=detail)
    except IntegrityError:
        shutil.rmtree(folder, ignore_errors=True)
        raise _received_before("") from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return made


def guessed(one: ReceivedList) -> dict[str, str]:
    """Field → head, as the sender's last list was read, else by the declared heads."""
    known = KnownColumns.objects.filter(region=one.region, source=one.source, sender=one.sender).first()
    return reading.guess(one.heads, known.columns if known else None)


@transaction.atomic
def confirm(viewer: Viewer, one: ReceivedList, columns: Mapping[str, str]) -> Job:
    """Reads the list with these columns in the background, and remembers them for the sender."""
    locked = ReceivedList.objects.select_for_update().get(pk=one.pk)
    if locked.state != ReceivedList.State.COLUMNS:
        raise Refusal("这份清单的列对应已经确认", where=locked.number, remedy="请查看清单的接收情况。")
    if told := reading.faults(columns):
        raise Refusal("还不能按这样的列对应接收", where="列对应", seen="；".join(told), remedy="请改正后再确认。")
    if not (settings.UPLOADS / locked.folder).is_dir():
        raise Refusal("上传的文件已按期删除", where=locked.number, remedy="请重新上传这份清单。")
    store.opened()
    KnownColumns.objects.update_or_create(
        region=locked.region, source=locked.source, sender=locked.sender, defaults={"columns": dict(columns)}
    )
    job = jobs.start(KIND, f"接收外来疑点清单 {locked.number}", viewer.user, region=locked.region, list=locked.pk)
    locked.state, locked.columns, locked.job_id = ReceivedList.State.READING, dict(columns), job.pk
    locked.save(update_fields=["state", "columns", "job_id"])
    detail = {reading.list_columns()[field].label: head for field, head in columns.items()}
    record(viewer.user, "确认列对应", LEDGER_KIND, locked.number, region=locked.region, detail=detail)
    return job


@transaction.atomic
def discard(viewer: Viewer, one: ReceivedList) -> None:
    """A list that was uploaded by mistake, before it is read, or whose reading was cut off."""
    locked = ReceivedList.objects.select_for_update().get(pk=one.pk)
    if not discardable(locked):
        raise Refusal("清单已经接收，不能作废", where=locked.number, remedy="不属本单位的行可以按匹配结果反馈。")
    _emptied(locked)
    _failed(locked, "上传有误，已作废")
    record(viewer.user, "作废外来疑点清单", LEDGER_KIND, locked.number, region=locked.region)
    transaction.on_commit(lambda: shutil.rmtree(settings.UPLOADS / locked.folder, ignore_errors=True))


def perform(job: Job, report: Report, effects: publishing.Effects) -> dict[str, Any]:
    """The job of a confirmed list: read, match, publish. Nothing of it stays where it fails."""
    one = ReceivedList.objects.get(pk=job.parameters["list"])
    try:
        _read(one, report)
        match(one, report)
    except BaseException as error:
        _emptied(one)
        _failed(one, error.what if isinstance(error, Refusal) else "没有完成，请重新上传")
        raise
    finally:
        shutil.rmtree(settings.UPLOADS / one.folder, ignore_errors=True)
    ReceivedList.objects.filter(pk=one.pk).update(state=ReceivedList.State.READY)
    counts = {str(ReceivedRow.State(state).label): n for state, n in states(one).items()}
    record(job.created_by, "外来疑点清单已匹配", LEDGER_KIND, one.number, region=one.region, detail=counts)
    return publishing.publish(one, effects, report) | {"list": one.pk}


def discardable(one: ReceivedList) -> bool:
    """Not yet read; or being read by a job that has ended without saying so (its worker was killed)."""
    if one.state == ReceivedList.State.READING:
        active = (Job.State.WAITING, Job.State.RUNNING)
        return not Job.objects.filter(pk=one.job_id, state__in=active).exists()
    return one.state == ReceivedList.State.COLUMNS


def states(one: ReceivedList) -> dict[str, int]:
    """State → rows of the list."""
    found: dict[str, int] = {}
    for state in one.rows.values_list("state", flat=True).iterator(chunk_size=5000):
        found[state] = found.get(state, 0) + 1
    return found


def match(one: ReceivedList, report: Report | None = None) -> None:
    """Matches the rows that wait; those found are linked when the list is published."""
    regions = reach(one.region)
    waiting = one.rows.filter(state=ReceivedRow.State.WAITING).order_by("place")
    total, done = waiting.count(), 0
    with store.opened().connect(threads=1) as connection:
        while rows := list(waiting[:MATCHED_AT_ONCE]):
            found = matching.match(connection, [_asked(row) for row in rows], regions)
            for row in rows:
                _put(row, found[row.place])
            ReceivedRow.objects.bulk_update(rows, _FOUND, batch_size=BATCH)
            done += len(rows)
            if report:
                report(done, total, f"已匹配 {done:,} 行")


@transaction.atomic
def match_again(viewer: Viewer, one: ReceivedList) -> int:
    """Rows that found nothing are looked for again in the data of today; how many are. What is matched and was not
    published, because a job was cut off, is published."""
    locked = ReceivedList.objects.select_for_update().get(pk=one.pk)
    again = locked.rows.filter(state__in=AGAIN).update(state=ReceivedRow.State.WAITING, reason="")
    if locked.state == ReceivedList.State.READY:
        jobs.start(publishing.KIND, f"再次匹配 {locked.number}", viewer.user, region=locked.region, list=locked.pk)
        record(viewer.user, "再次匹配", LEDGER_KIND, locked.number, region=locked.region, detail={"行数": again})
    return again


def perform_again(job: Job, report: Report, effects: publishing.Effects) -> dict[str, Any]:
    """The job after a decision or a new match: what waits is matched, what is matched is published."""
    one = ReceivedList.objects.get(pk=job.parameters["list"])
    match(one, report)
    return publishing.publish(one, effects, report)


@transaction.atomic
def decide(viewer: Viewer, row: ReceivedRow, given: Decision) -> None:
    """Refuses a row that was decided, and a decision that does not fit its candidates."""
    locked = ReceivedRow.objects.select_for_update().get(pk=row.pk)
    if locked.state != ReceivedRow.State.PROBABLE:
        raise Refusal("这一行已经有人确认", where=f"第 {locked.place} 行", remedy="请刷新页面查看结果。")
    locked.decided_by, locked.decided_at, locked.reason = viewer.user, timezone.now(), given.reason[:300]
    told: dict[str, Any] = {"行": locked.place, "理由": given.reason}
    if given.choice is None:
        locked.state, told["结果"] = ReceivedRow.State.NONE, "均不是"
    else:
        candidate = _candidate(locked, given.choice)
        chosen = [line for line in given.lines if line in candidate.lines]
        if candidate.lines and not chosen:
            raise Refusal("请选定来文所指的明细", where="明细", remedy="至少勾选一条；都不是的，请选“均不是”。")
        stands = overlap.standing([candidate.mdtrt_id])[candidate.mdtrt_id]
        if given.same and given.same not in {one.key for one in stands if one.touches(candidate.setl_id)}:
            raise Refusal("所选的疑点不在这笔费用上", where="已有疑点", remedy="请刷新页面后重新选择。")
        _matched(locked, candidate, chosen)
        locked.state, told["结果"] = ReceivedRow.State.CHOSEN, candidate.setl_id or candidate.mdtrt_id
        if given.same:
            RowLink.objects.create(row=locked, finding_key=given.same, made=False, lines=chosen)
            told["并入"] = given.same[:10].upper()
    locked.save()
    record(viewer.user, "确认匹配", LEDGER_KIND, locked.of.number, region=locked.of.region, detail=told)
    publishing.queue(locked.of)


def reach(region: str) -> frozenset[str]:
    """Codes of the division and those below it."""
    home = Region.objects.get(code=region)
    return frozenset(Region.objects.filter(path__startswith=home.path).values_list("code", flat=True))


def _candidate(row: ReceivedRow, place: int) -> matching.Candidate:
    if not 0 <= place < len(row.candidates):
        raise Refusal("没有这个候选", where=f"第 {row.place} 行", remedy="请刷新页面后重新选择。")
    return matching.candidate_of(row.candidates[place])


def _matched(row: ReceivedRow, candidate: matching.Candidate, lines: Sequence[str]) -> None:
    row.match_setl_id, row.match_mdtrt_id = candidate.setl_id, candidate.mdtrt_id
    row.lines = matching.charged(candidate, lines, row.amount_fen)
    row.whole_fen = None if row.lines else row.amount_fen


def _put(row: ReceivedRow, outcome: matching.Outcome) -> None:
    row.state, row.reason = outcome.state, outcome.reason
    row.candidates = [candidate.told() for candidate in outcome.candidates]
    if outcome.state == matching.EXACT:
        _matched(row, outcome.candidates[0], list(outcome.candidates[0].lines))


def _asked(row: ReceivedRow) -> matching.Asked:
    return matching.Asked(**{name: getattr(row, name) for name in matching.Asked.__dataclass_fields__})


def _read(one: ReceivedList, report: Report) -> None:
    path = next((settings.UPLOADS / one.folder).iterdir())
    ours = Store.open(settings.STORE)
    first: dict[str, int] = {}
    digest, place = [], 0
    for batch in reading.read_rows(path, one.columns, ours.psn_key):
        for some in _parts(batch):
            rows = [_row(one, place + number, given) for number, given in enumerate(some, start=1)]
            place += len(rows)
            _add(one, rows, first)
            digest += [row.row_hash for row in rows]
            report(0, 0, f"已读取 {place:,} 行")
    if not place:
        raise Refusal("清单里没有内容", where="文件", remedy="请核对文件后重新上传。")
    content = hashlib.sha256("".join(sorted(digest)).encode()).hexdigest()
    same = ReceivedList.objects.filter(region=one.region, source=one.source, content_hash=content)
    _once(same.exclude(pk=one.pk))
    ReceivedList.objects.filter(pk=one.pk).update(content_hash=content)


def _parts(batch: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(batch), BATCH):
        yield batch[start : start + BATCH]


def _row(one: ReceivedList, place: int, given: dict[str, Any]) -> ReceivedRow:
    values = {name: value for name, value in given.items() if value is not None}
    if not values.get("reason") and not values.get("named"):
        values["reason"] = "没有规则或问题名称"
    state = ReceivedRow.State.UNREADABLE if values.get("reason") else ReceivedRow.State.WAITING
    return ReceivedRow(of=one, place=place, state=state, **values)


def _add(one: ReceivedList, rows: list[ReceivedRow], first: dict[str, int]) -> None:
    """Saves rows of the list; what it, or an earlier one of the same source, has told already is marked. `first` is
    content → row of this list."""
    waiting = [row for row in rows if row.state == ReceivedRow.State.WAITING]
    earlier = _earlier(one, waiting)
    again, told = [], set(first)
    for row in waiting:
        if row.row_hash in told:
            row.state, row.reason = ReceivedRow.State.REPEATED, "清单内重复的行"
            again.append(row)
            continue
        told.add(row.row_hash)
        if former := earlier.get(row.row_hash):
            row.state, row.repeats = ReceivedRow.State.REPEATED, former
            row.reason = f"清单 {former.of.number} 第 {former.place} 行已列"
    later = {row.place for row in again}
    fresh = [row for row in rows if row.place not in later]
    ReceivedRow.objects.bulk_create(fresh)
    first.update((row.row_hash, row.pk) for row in fresh if row.state != ReceivedRow.State.UNREADABLE)
    for row in again:
        row.repeats_id = first[row.row_hash]
    ReceivedRow.objects.bulk_create(again)


def _earlier(one: ReceivedList, rows: list[ReceivedRow]) -> dict[str, ReceivedRow]:
    """Content → the first row that said the same in an earlier list of the same source."""
    former = ReceivedRow.objects.filter(row_hash__in=[row.row_hash for row in rows], of__region=one.region)
    former = former.filter(of__source=one.source, repeats=None).exclude(of=one)
    former = former.exclude(state=ReceivedRow.State.UNREADABLE)
    return {row.row_hash: row for row in former.select_related("of").order_by("-pk")}


def _emptied(one: ReceivedList) -> None:
    ReceivedRow.objects.filter(of=one).update(repeats=None)
    ReceivedRow.objects.filter(of=one).delete()


def _failed(one: ReceivedList, why: str) -> None:
    ReceivedList.objects.filter(pk=one.pk).update(state=ReceivedList.State.FAILED, error=why[:200])


def _once(same: Any) -> None:
    former = same.exclude(state=ReceivedList.State.FAILED).first()
    if former:
        raise _received_before(f"{former.number}，{former.received_on} 收到，来文 {former.document}")


def _received_before(seen: str) -> Refusal:
    return Refusal("同一份清单已经接收", where="文件", seen=seen, remedy="不需要再次接收；补充的行请单独成清单。")


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
