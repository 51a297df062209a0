"""What the worker does for findings by the clock."""

from __future__ import annotations

from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from fundguard.web.findings.services import remove_old_exports


@db_periodic_task(crontab(minute="17"))
def exports_expire() -> None:
    remove_old_exports()
