"""Progress of a job, polled by the page; cancel."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fundguard.web.accounts.guard import require
from fundguard.web.jobs import selectors, services
from fundguard.web.jobs.models import Job


@require("see.runs")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(selectors.jobs(request.viewer), pk=pk)
    return _card(request, job)


@require_POST
@require("do.run")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(selectors.jobs(request.viewer), pk=pk)
    services.cancel(job)
    job.refresh_from_db()
    return _card(request, job)


def _card(request: HttpRequest, job: Job) -> HttpResponse:
    may_cancel = job.active and request.viewer.may("do.run")
    addresses = {
        "poll_url": reverse("job_progress", args=[job.pk]),
        "cancel_url": reverse("job_cancel", args=[job.pk]) if may_cancel else "",
    }
    return render(request, "jobs/progress.html", {"job": job, **addresses})
