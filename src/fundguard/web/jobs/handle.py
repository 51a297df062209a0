"""What a running job sees of itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fundguard.web.jobs.models import Job

#: The work of one kind of job: gets its handle, returns a result as plain JSON values.
Work = Callable[["Handle"], dict[str, Any]]
_EVERY = 0.5  # seconds between two writes of progress


class Cancelled(Exception):
    """Someone asked the job to stop."""


class Handle:
    """Progress out, the wish to cancel in."""

    def __init__(self, job: Job) -> None:
        self.payload: dict[str, Any] = job.payload
        self.created_by = job.created_by
        self._rows = type(job).objects.filter(pk=job.pk)
        self._written = float("-inf")

    def progress(self, done: int, total: int, message: str) -> None:
        """Tell how far the work is; raises `Cancelled` when it should stop. Cheap to call often."""
        now = time.monotonic()
        if now - self._written < _EVERY and done < total:
            return
        self._written = now
        self._rows.update(done=done, total=total, message=message[:200])
        if self._rows.values_list("cancel_requested", flat=True).get():
            raise Cancelled
