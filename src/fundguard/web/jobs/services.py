"""Starting, running, cancelling background work. `WORK` says which function does which kind; `wiring.py` fills it."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone
from huey.contrib.djhuey import on_startup, task

from fundguard.errors import Refusal
from fundguard.web.accounts.models import User
from fundguard.web.jobs.models import Job

Report = Callable[[int, int, str], None]
#: kind → function of the job and a progress report; what it returns is kept as the job's result
WORK: dict[str, Callable[[Job, Report], dict[str, Any]]] = {}
REPORT_EVERY = 0.5  # seconds


class Cancelled(Exception):
    """Raised out of a progress report once its owner has asked to cancel."""


def start(kind: str, title: str, created_by: User | None, *, region: str = "", **parameters: Any) -> Job:
    """A new job; it runs after the transaction commits."""
    job = Job.objects.create(kind=kind, title=title, created_by=created_by, region=region, parameters=parameters)
    transaction.on_commit(lambda: _run(job.pk))
    return job


def cancel(job: Job) -> None:
    """Ask a running job to stop; one that has not begun is cancelled at once."""
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    Job.objects.filter(pk=job.pk, state=Job.State.WAITING).update(state=Job.State.CANCELLED, ended_at=timezone.now())


@on_startup()
def recover() -> None:
    """When the worker starts: jobs that a dead one left running are told so, waiting ones are queued again.

    A job queued twice runs once, because running takes it out of the waiting state.
    """
    error = {"what": "后台程序中途停止", "where": "", "seen": "", "remedy": "数据没有写入一半；请重新发起"}
    running = Job.objects.filter(state=Job.State.RUNNING)
    running.update(state=Job.State.FAILED, error=error, ended_at=timezone.now())
    for pk in Job.objects.filter(state=Job.State.WAITING).order_by("pk").values_list("pk", flat=True):
        _run(pk)


@task()
def _run(job_id: int) -> None:
    if not Job.objects.filter(pk=job_id, state=Job.State.WAITING).update(state=Job.State.RUNNING):
        return
    from fundguard.web import wiring  # noqa: F401  fills WORK; brings in engines that no command needs to start

    job = Job.objects.get(pk=job_id)
    try:
        result = WORK[job.kind](job, _reporter(job))
    except Cancelled:
        _end(job, Job.State.CANCELLED)
    except Refusal as refusal:
        parts = {"what": refusal.what, "where": refusal.where, "seen": refusal.seen, "remedy": refusal.remedy}
        _end(job, Job.State.FAILED, error=parts)
    except Exception as fault:  # the page must tell; the type and place only, a message could quote a row
        place = traceback.extract_tb(fault.__traceback__)[-1]
        seen = f"{type(fault).__name__}（{place.name}）"
        _end(
            job,
            Job.State.FAILED,
            error={
                "what": "程序出错，任务未完成",
                "where": job.title,
                "seen": seen,
                "remedy": "请把以上内容告知系统管理员；数据没有写入一半",
            },
        )
    else:
        _end(job, Job.State.DONE, result=result)


def _end(job: Job, state: Job.State, **fields: Any) -> None:
    Job.objects.filter(pk=job.pk).update(state=state, ended_at=timezone.now(), **fields)


def _reporter(job: Job) -> Report:
    last = 0.0

    def report(done: int, total: int, message: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < REPORT_EVERY:
            return
        last = now
        Job.objects.filter(pk=job.pk).update(done=done, total=total, message=message[:200])
        if Job.objects.filter(pk=job.pk, cancel_requested=True).exists():
            raise Cancelled

    return report
