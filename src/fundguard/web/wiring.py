"""Effects across apps, in one visible table: which function does which background work, and what follows what."""

from __future__ import annotations

from fundguard.web.findings import services as findings
from fundguard.web.jobs.services import WORK

WORK.update({"findings.export": findings.export})
