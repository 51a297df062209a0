"""Guarded reads of jobs: a viewer sees the jobs of the own regions."""

from __future__ import annotations

from django.db.models import QuerySet

from fundguard.web.accounts.guard import Viewer
from fundguard.web.jobs.models import Job


def jobs(viewer: Viewer, kind: str | None = None) -> QuerySet[Job]:
    """Newest first; those without a region are the site's own."""
    found = Job.objects.filter(region__in=viewer.regions | {""}).select_related("created_by")
    return found.filter(kind=kind) if kind else found


def any_active(kind: str) -> bool:
    """Whether work of this kind waits or runs anywhere; says nothing about it."""
    return Job.objects.filter(kind=kind, state__in=(Job.State.WAITING, Job.State.RUNNING)).exists()


def any_done(kind: str) -> bool:
    """Whether work of this kind was ever finished."""
    return Job.objects.filter(kind=kind, state=Job.State.DONE).exists()
