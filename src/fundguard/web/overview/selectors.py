"""Guarded reads for the overview."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from fundguard.web.accounts.guard import Viewer
from fundguard.web.core.charts import bars, ranking
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.selectors import jobs
from fundguard.web.overview.pages import Figure, Overview

_DAYS = 14


def overview(viewer: Viewer) -> Overview | None:
    """What is going on in the viewer's regions; None while nothing was ever done there, or nothing may be seen."""
    if not viewer.may("jobs.view") or not jobs(viewer).exists():
        return None
    counts = dict(jobs(viewer).order_by().values_list("state").annotate(Count("pk")))
    today = timezone.localdate()
    first = today - timedelta(days=_DAYS - 1)
    by_day = dict(
        jobs(viewer)
        .filter(created_at__date__gte=first)
        .order_by()
        .annotate(on=TruncDate("created_at"))
        .values_list("on")
        .annotate(Count("pk"))
    )
    days = [first + timedelta(days=n) for n in range(_DAYS)]
    figures = [
        Figure("累计任务", sum(counts.values()), "项"),
        Figure("排队和运行中", counts.get("queued", 0) + counts.get("running", 0), "项"),
        Figure("已完成", counts.get("done", 0), "项"),
        Figure("失败", counts.get("failed", 0), "项"),
    ]
    return Overview(
        figures=figures,
        trend=bars([day.strftime("%m-%d") for day in days], [by_day.get(day, 0) for day in days], "任务数"),
        states=ranking(Job.State.labels, [counts.get(state, 0) for state in Job.State.values], "任务数"),
        latest=list(jobs(viewer).order_by("-pk")[:8]),
    )
