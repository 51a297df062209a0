"""Work of the desk that the job worker does by the clock."""

from __future__ import annotations

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from fundguard.web.core import sums
from fundguard.web.desk import clock
from fundguard.web.desk.models import StateCount


@db_periodic_task(crontab(minute="*/5"))
def take_due_steps() -> None:
    clock.tick(timezone.now())
    sums.fold(StateCount)
