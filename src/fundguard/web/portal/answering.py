"""A sheet, from upload to answers: read and checked once, then taken one by one by the service that takes every step.

Each answer is written with its outcome in one transaction, so a job that died goes on where it stopped, and neither a
second job nor the same file again answers anything twice.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet, Sum
from django.http import Http404
from django.shortcuts import get_object_or_404

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.desk import services
from fundguard.web.desk.models import StateRow
from fundguard.web.jobs import services as jobs
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Report
from fundguard.web.ledger.services import record
from fundguard.web.portal import selectors
from fundguard.web.portal.checking import Checked, checked
from fundguard.web.portal.deciding import SAID
from fundguard.web.portal.models import Sheet, SheetAnswer, SheetFault
from fundguard.web.portal.reading import ROWS, read
from fundguard.web.portal.sheets import SHEET

KIND = "portal.answers"
LEDGER_KIND = "答复表"
BATCH = 50
FAULTS_KEPT = 1000
_TOLD = 300


def own(viewer: Viewer) -> QuerySet[Sheet]:
    return Sheet.objects.filter(created_by=viewer.user).select_related("job")


def sheet(viewer: Viewer, pk: int) -> Sheet:
    """One of the viewer's own uploads, or Http404."""
    return get_object_or_404(own(viewer), pk=pk)


def to_fill_in(viewer: Viewer, wanted: dict[str, Any]) -> list[StateRow]:
    """The open items of a filter for a sheet; Refusal where there is none or the sheet would not be read again."""
    found = selectors.matching(viewer, {**wanted, "tab": "all"}).filter(state=selectors.ANSWERED_FROM)
    rows = list(found.defer(None)[: ROWS + 1])
    lines = sum(max(1, len(row.lines)) for row in rows)
    if not rows or lines > ROWS:
        raise Refusal(
            "没有待答复的疑点" if not rows else f"待答复的费用明细超过 {ROWS} 行",
            where=LEDGER_KIND,
            seen="" if not rows else f"{lines} 行",
            remedy="收到告知以后再下载" if not rows else "请用规则、科室或者期限筛选，分几次下载",
        )
    return rows


def take_in(viewer: Viewer, file: UploadedFile) -> Sheet:
    """Read and check an upload; the same file of the same account is the sheet it was before. Nothing is answered."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    known = own(viewer).filter(sha256=digest.hexdigest()).first()
    if known is not None:
        return known
    file.seek(0)
    told = checked(viewer, read(file, SHEET))
    try:
        with transaction.atomic():
            return _keep(viewer, digest.hexdigest(), told)
    except IntegrityError:  # pressed twice at the same moment
        return own(viewer).get(sha256=digest.hexdigest())


def start(viewer: Viewer, pk: int) -> Sheet:
    """Queue the answers that wait. Refusal where none waits, or a job of the sheet is still under way."""
    with transaction.atomic():
        one = Sheet.objects.select_for_update().filter(pk=pk, created_by=viewer.user).first()
        if one is None:
            raise Http404
        waiting = one.answers.filter(state=SheetAnswer.State.WAITING).count()
        if not waiting or (one.job is not None and one.job.active):
            raise Refusal("这份答复表没有待提交的答复，或者正在提交", where=LEDGER_KIND, remedy="请刷新页面查看结果")
        one.job = jobs.start(KIND, f"提交答复 {waiting} 条", viewer.user, region=_home(viewer), sheet=one.pk)
        one.save(update_fields=["job"])
        detail = {"待提交": waiting, "文件散列": one.sha256}
        record(viewer.user, "提交答复表", LEDGER_KIND, str(one.pk), region=_home(viewer), detail=detail)
    return one


def perform(job: Job, report: Report) -> dict[str, Any]:
    """Background work: batch by batch until no answer waits."""
    viewer = Viewer(job.created_by)
    one = Sheet.objects.get(pk=job.parameters["sheet"])
    total = one.answers.count()
    while True:
        with transaction.atomic():
            looked = _batch(viewer, one)
        if not looked:
            break
        done = one.answers.exclude(state=SheetAnswer.State.WAITING).count()
        report(done, total, f"已处理 {done} 条")
    taken = one.answers.filter(state=SheetAnswer.State.TAKEN).count()
    return {"taken": taken, "refused": total - taken}


def sums(one: Sheet) -> list[tuple[str, str, int, int]]:
    """(step, state, number, amount in fen) over the answers of a sheet."""
    told = one.answers.order_by().values_list("verb", "state").annotate(n=Count("pk"), fen=Sum("amount_fen"))
    states = dict(SheetAnswer.State.choices)
    return [(SAID[verb], states[state], n, fen) for verb, state, n, fen in sorted(told)]


def _batch(viewer: Viewer, one: Sheet) -> int:
    waiting = one.answers.select_for_update().filter(state=SheetAnswer.State.WAITING)
    answers = list(waiting[:BATCH])
    for answer in answers:
        try:
            with transaction.atomic():
                services.take(
                    viewer,
                    answer.finding_key,
                    answer.verb,
                    answer.papers,
                    answer.version,
                    request=f"sheet-{one.pk}-{answer.pk}",
                )
        except (Refusal, Http404) as fault:
            answer.state = SheetAnswer.State.REFUSED
            words = f"{fault.what}。{fault.remedy}" if isinstance(fault, Refusal) else "没有找到该疑点"
            answer.told = words[:_TOLD]
        else:
            answer.state = SheetAnswer.State.TAKEN
        answer.save(update_fields=["state", "told"])
    return len(answers)


def _keep(viewer: Viewer, sha256: str, told: Checked) -> Sheet:
    one = Sheet.objects.create(
        created_by=viewer.user, sha256=sha256, rows=told.rows, blank=told.blank, faults=len(told.faults)
    )
    SheetAnswer.objects.bulk_create(
        SheetAnswer(
            sheet=one,
            finding_key=answer.key,
            first_row=answer.row,
            verb=answer.decision.verb,
            papers=answer.decision.papers,
            version=answer.version,
            amount_fen=answer.amount_fen,
        )
        for answer in told.answers
    )
    SheetFault.objects.bulk_create(
        SheetFault(sheet=one, row=fault.row, what=fault.what[:200], remedy=fault.remedy[:200])
        for fault in told.faults[:FAULTS_KEPT]
    )
    detail = {"行数": told.rows, "疑点": len(told.answers), "有误": len(told.faults), "文件散列": sha256}
    record(viewer.user, "上传答复表", LEDGER_KIND, str(one.pk), region=_home(viewer), detail=detail)
    return one


def _home(viewer: Viewer) -> str:
    return viewer.user.region.code if viewer.user.region else ""
