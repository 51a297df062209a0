"""Starting, cancelling and performing jobs."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.jobs import queue
from fundguard.web.jobs.handle import Cancelled, Handle
from fundguard.web.jobs.models import Job
from fundguard.web.ledger.services import record

_log = logging.getLogger(__name__)
_INTERRUPTED = {
    "error_what": "任务被中断",
    "error_seen": "处理任务的进程在完成前退出",
    "error_remedy": "数据没有受到影响，请重新提交任务。",
}
_UNFORESEEN = {
    "error_what": "任务处理出错",
    "error_seen": "遇到未预料的情况",
    "error_remedy": "请重新提交；仍然出错的，请把任务编号告知系统管理员。",
}


@transaction.atomic
def start(viewer: Viewer, kind: str, title: str, payload: dict[str, Any]) -> Job:
    """Put a job of the viewer's region in the queue; `payload` holds plain JSON values and no identity."""
    job = Job.objects.create(
        kind=kind, title=title, payload=payload, region=viewer.user.region.code, created_by=viewer.user
    )
    record(viewer.user, "job.start", ("job", str(job.pk)), region=job.region, detail={"kind": kind, "number": job.pk})
    queue.enqueue(job.pk)
    return job


@transaction.atomic
def cancel(viewer: Viewer, job: Job) -> None:
    """Ask a job to stop: one still waiting stops at once, a running one at its next step. A finished one is left."""
    waiting = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED)
    running = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING)
    stopped = waiting.update(state=Job.State.CANCELLED, cancel_requested=True, finished_at=timezone.now())
    if stopped or running.update(cancel_requested=True):
        record(viewer.user, "job.cancel", ("job", str(job.pk)), region=job.region, detail={"number": job.pk})


def perform(number: int) -> None:
    """Do one job; called by the worker. A job that is not waiting (cancelled, or delivered twice) is left alone."""
    from fundguard.web.wiring import JOBS

    mine = Job.objects.filter(pk=number)
    if not mine.filter(state=Job.State.QUEUED).update(state=Job.State.RUNNING, started_at=timezone.now()):
        return
    job = mine.select_related("created_by").get()
    try:
        result = JOBS[job.kind](Handle(job))
        outcome = {"state": Job.State.DONE, "result": result}
    except Cancelled:
        outcome = {"state": Job.State.CANCELLED}
    except Refusal as refusal:
        parts = ("what", "where", "seen", "remedy")
        outcome = {"state": Job.State.FAILED} | {f"error_{part}": getattr(refusal, part) for part in parts}
    except Exception as fault:  # the worker must live on; the type and place are logged, never the values
        _log.error("job %s (%s) failed: %s", number, job.kind, type(fault).__name__)
        outcome = {"state": Job.State.FAILED} | _UNFORESEEN
    mine.update(**outcome, finished_at=timezone.now())


def recover() -> None:
    """At the worker's start: jobs that died with an earlier worker are told so; waiting ones are queued again."""
    Job.objects.filter(state=Job.State.RUNNING).update(
        state=Job.State.FAILED, finished_at=timezone.now(), **_INTERRUPTED
    )
    for number in Job.objects.filter(state=Job.State.QUEUED).order_by("pk").values_list("pk", flat=True):
        queue.enqueue(number)
