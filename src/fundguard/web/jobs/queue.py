"""The queue: the only module that knows huey. Only the number of a job passes through it."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from huey import SqliteHuey

settings.QUEUE.parent.mkdir(parents=True, exist_ok=True)
huey = SqliteHuey(
    "fundguard",
    filename=str(settings.QUEUE),
    fsync=True,
    results=False,
    immediate=getattr(settings, "JOBS_AT_ONCE", False),
)


@huey.task()
def _run(number: int) -> None:
    from fundguard.web.jobs.services import perform

    perform(number)


def enqueue(number: int) -> None:
    """Hand a job to the worker once the surrounding transaction is committed."""
    transaction.on_commit(lambda: _run(number))


def consume() -> None:
    """Work until a signal ends the process. Exactly one process consumes; `serve.worker` holds the lock."""
    huey.create_consumer(workers=1, worker_type="thread", periodic=False, initial_delay=0.1, max_delay=1.0).run()
