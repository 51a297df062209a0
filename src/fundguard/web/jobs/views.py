"""Progress of a job, polled by the page; cancel."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from fundguard.web.accounts.guard import require
from fundguard.web.jobs import selectors, services


@require("see.runs")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(selectors.jobs(request.viewer), pk=pk)
    return render(request, "jobs/progress.html", {"job": job})


@require_POST
@require("do.run")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(selectors.jobs(request.viewer), pk=pk)
    services.cancel(job)
    job.refresh_from_db()
    return render(request, "jobs/progress.html", {"job": job})
