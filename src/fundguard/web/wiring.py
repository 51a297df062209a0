"""What one app does for another, in one visible place."""

from __future__ import annotations

from collections.abc import Callable

from fundguard.web.accounts.guard import Viewer
from fundguard.web.jobs.handle import Work

#: Kind of subject → reads the clear identity fields of one subject by national name. The key is a pseudonym.
IDENTITY_SOURCES: dict[str, Callable[[Viewer, str], dict[str, str]]] = {}

#: Kind of job → what a worker does for it.
JOBS: dict[str, Work] = {}
