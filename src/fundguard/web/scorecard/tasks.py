"""What the worker does for the scorecard by the clock."""

from __future__ import annotations

from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from fundguard.web.jobs import selectors as job_selectors
from fundguard.web.jobs import services as jobs
from fundguard.web.scorecard.services import KIND


@db_periodic_task(crontab(minute="41", hour="3"))
def scorecard_every_night() -> None:
    if not job_selectors.any_active(KIND):
        jobs.start(KIND, "统计规则记分", None)
