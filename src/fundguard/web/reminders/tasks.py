"""Reminders by the calendar, from the job worker."""

from __future__ import annotations

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from fundguard.web.reminders import daily


@db_periodic_task(crontab(hour="7", minute="30"))
def remind_of_the_day() -> None:
    daily.remind(timezone.localdate())
