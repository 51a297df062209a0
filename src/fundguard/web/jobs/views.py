"""Jobs: the list, one job, its live progress, its cancel button."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from fundguard.web.accounts.guard import require, viewer_of
from fundguard.web.core.paging import listing
from fundguard.web.jobs import selectors, services
from fundguard.web.jobs.models import Job

_ORDERS = {"created": "created_at", "state": "state"}


@require("jobs.view")
def jobs(request: HttpRequest) -> HttpResponse:
    """Jobs of the viewer's regions, newest first."""
    rows = selectors.jobs(viewer_of(request))
    page = {"title": "后台任务", "listing": listing(rows, request.GET, _ORDERS, "-created")}
    return render(request, "jobs/jobs.html", page)


@require("jobs.view")
def job(request: HttpRequest, number: int) -> HttpResponse:
    """One job; as a fragment when its page asks for progress."""
    found = _seen(request, number)
    template = "jobs/job.html#progress" if request.htmx else "jobs/job.html"
    return render(request, template, {"title": found.title, "job": found})


@require("jobs.view")
@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Ask a job to stop."""
    services.cancel(viewer_of(request), _seen(request, number))
    return redirect("job", number)


def _seen(request: HttpRequest, number: int) -> Job:
    return get_object_or_404(selectors.jobs(viewer_of(request)), pk=number)
