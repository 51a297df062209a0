"""The sealer's turn, every few seconds, in the job worker: a thread of its own, because a job may take long."""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, close_old_connections
from huey.contrib.djhuey import on_shutdown, on_startup

from fundguard.web.ledger.sealing import seal

EVERY = 5.0  # seconds
_log = logging.getLogger(__name__)
_stop = threading.Event()
_started = threading.Lock()


@on_startup()
def begin() -> None:
    """The hook runs in every thread of the worker; one sealer is enough."""
    if _started.acquire(blocking=False):
        threading.Thread(target=_turns, name="ledger-sealer", daemon=True).start()


@on_shutdown()
def end() -> None:
    _stop.set()


def _turns() -> None:
    while not _stop.wait(EVERY):
        close_old_connections()
        try:
            seal()
        except DatabaseError as error:  # a database that is away or locked comes back; the rows wait
            _log.error("台账存证未完成，稍后重试：%s", type(error).__name__)
    close_old_connections()
