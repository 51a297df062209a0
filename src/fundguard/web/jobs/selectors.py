"""Guarded reads over jobs."""

from __future__ import annotations

from django.db.models import QuerySet

from fundguard.web.accounts.guard import Viewer
from fundguard.web.jobs.models import Job


def jobs(viewer: Viewer) -> QuerySet[Job]:
    """Jobs of the viewer's regions."""
    return Job.objects.filter(region__in=viewer.regions()).select_related("created_by")
