"""Effects across apps, in one visible table: which function does which background work, and what follows what."""

from __future__ import annotations

from functools import partial

from fundguard.web import demo
from fundguard.web.desk import bulk, notices
from fundguard.web.desk import following as desk
from fundguard.web.desk import services as steps
from fundguard.web.findings import services as findings
from fundguard.web.intake import services as intake
from fundguard.web.jobs.services import WORK
from fundguard.web.runs import services as runs

#: A published run is handed on: functions of its folder.
AFTER_RUN: runs.Effects = (findings.take_run, desk.follow_run)

WORK.update(
    {
        intake.KIND: intake.perform,
        runs.KIND: partial(runs.perform, effects=AFTER_RUN),
        demo.KIND: partial(demo.perform, effects=AFTER_RUN),
        "findings.export": findings.export,
        bulk.KIND: bulk.perform,
    }
)
#: What follows a step: effect of a declared workflow → function of the step. Steps with effects not named here are
#: refused and not offered.
EFFECTS: steps.Effects = {
    "tell_institution": notices.send,
    "send_notice": notices.send,
    "revoke_notice": notices.revoke,
}
