"""Progress of a job, polled by the page; cancel."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fundguard.web.accounts.guard import Viewer, require
from fundguard.web.accounts.roles import PERMISSIONS
from fundguard.web.jobs import selectors, services
from fundguard.web.jobs.models import Job

#: Who may start a kind of work may cancel it.
CANCELLED_BY = {"import": "do.import", "demo": "do.import", "desk.bulk": "do.bulk", "foreign.receive": "do.foreign"}
CANCELLED_BY |= {"recall": "confirm.recall", "what_if": "do.rulebase"}


@require("see.overview")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The card; a job that has ended lets the page load again, which then shows its outcome."""
    job = get_object_or_404(selectors.jobs(request.viewer), pk=pk)
    answer = render(request, "jobs/progress.html", card(request, job))
    if not job.active:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@require("see.overview")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(selectors.jobs(request.viewer), pk=pk)
    if not may_cancel(request.viewer, job):
        raise PermissionDenied(PERMISSIONS[_cancelled_by(job)])
    services.cancel(job)
    job.refresh_from_db()
    return render(request, "jobs/progress.html", card(request, job))


def card(request: HttpRequest, job: Job) -> dict[str, object]:
    """What `core/progress.html` needs."""
    return {
        "job": job,
        "poll_url": reverse("job_progress", args=[job.pk]),
        "cancel_url": reverse("job_cancel", args=[job.pk]) if may_cancel(request.viewer, job) else "",
    }


def may_cancel(viewer: Viewer, job: Job) -> bool:
    return job.active and viewer.may(_cancelled_by(job))


def _cancelled_by(job: Job) -> str:
    return CANCELLED_BY.get(job.kind, "do.run")
