"""A site of its own whose worker is killed in the middle of a bulk step: `python -m tests.web.desk.killed PART`.

`make` findings and queue the step, `work` until the kernel kills this process, `again` as a new worker would: prints
what came of it.
"""

from __future__ import annotations

import json
import os
import signal
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.utils import timezone  # noqa: E402

from fundguard.web.accounts.services import seed_demo  # noqa: E402
from fundguard.web.desk import bulk, following, services  # noqa: E402
from fundguard.web.desk.models import BulkStep, StateRow  # noqa: E402
from fundguard.web.findings.models import TakenRun  # noqa: E402
from fundguard.web.jobs.models import Job  # noqa: E402
from fundguard.web.jobs.services import recover  # noqa: E402
from fundguard.web.ledger.models import Entry  # noqa: E402
from tests.web.desk import conftest  # noqa: E402

FINDINGS, LIVES = 10, 2
bulk.BATCH = 3


def make() -> None:
    call_command("migrate", verbosity=0)
    seed_demo()
    folder = settings.RUNS / "r1"
    folder.mkdir(parents=True)
    run = TakenRun.objects.create(run_id="r1", folder="r1", taken_at=timezone.now())
    for number in range(FINDINGS):
        conftest._finding(f"n{number}", run, {}, conftest.LINES).save()
    conftest._write(folder / "evidence.parquet", [])
    following.follow_run(folder)
    job = bulk.start(conftest.viewer("reviewer1"), "dismiss", {"reason": "同一原因"}, {"state": "found"}).job
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING)


def work() -> None:
    """The third batch has its ledger rows written, not yet its state rows, and nothing of it committed."""
    append, lives = services.append, [LIVES]

    def dies(entries: list[Entry]) -> None:
        append(entries)
        lives[0] -= 1
        if lives[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    services.append = dies
    bulk.perform(Job.objects.get(), lambda *_: None)


def again() -> dict[str, object]:
    left = StateRow.objects.filter(state="dismissed").count()
    recover()
    failed = BulkStep.objects.select_related("job").get()
    made = bulk.go_on(conftest.viewer("reviewer1"), failed)
    bulk.perform(made.job, lambda *_: None)
    made.refresh_from_db()
    rows = Entry.objects.filter(act="初审不成立").values("object_id").annotate(n=Count("pk")).order_by()
    return {
        "left": left,
        "told": failed.job.state,
        "taken": made.taken,
        "states": sorted(set(StateRow.objects.values_list("state", flat=True))),
        "rows": [row["n"] for row in rows],
    }


if __name__ == "__main__":
    print(json.dumps({"make": make, "work": work, "again": again}[sys.argv[1]]()))
