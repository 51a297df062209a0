"""A worker that is killed in the middle of a recall, and the next one that goes on; each a process of its own.

`python killed.py begin` makes the findings and dies with its second batch begun; `python killed.py go_on` continues and
prints what stands then.
"""

from __future__ import annotations

import json
import os
import signal
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402
from huey.contrib.djhuey import HUEY  # noqa: E402

from fundguard.web.accounts.guard import Viewer  # noqa: E402
from fundguard.web.accounts.models import User  # noqa: E402
from fundguard.web.accounts.services import seed_demo  # noqa: E402
from fundguard.web.desk import following, order  # noqa: E402
from fundguard.web.desk.models import StateRow  # noqa: E402
from fundguard.web.findings.models import Finding, TakenRun  # noqa: E402
from fundguard.web.jobs.models import Job  # noqa: E402
from fundguard.web.jobs.services import recover  # noqa: E402
from fundguard.web.ledger.models import Entry  # noqa: E402
from fundguard.web.recall import performing, services  # noqa: E402
from fundguard.web.recall.models import Item, Recall  # noqa: E402

COUNT = performing.BATCH + 7
PLACE = "H99010100001"


def viewer(username: str) -> Viewer:
    return Viewer(User.objects.select_related("region").get(username=username))


def findings() -> None:
    now = timezone.now()
    run = TakenRun.objects.create(run_id="r1", folder="r1", taken_at=now)
    same = {"rule_code": "N67", "rule_version": 1, "verdict": "可疑", "subject_kind": "encounter", "region": "990101"}
    same |= {"message": "示例", "cause": "疑似违规", "run": run, "created_at": now, "changed_at": now}
    same |= {"fixmedins_code": PLACE, "amount_fen": 100, "counted_fen": 100}
    made = Finding.objects.bulk_create(
        Finding(finding_key=f"{n:032x}", finding_id=f"{n:032x}", subject_id=f"M{n}", **same) for n in range(COUNT)
    )
    batch = [
        {"finding_key": one.pk, "finding_id": one.finding_id, "told": "", "lines": {}, "point": ""}
        | {name: getattr(one, name) for name in ("region", "fixmedins_code", "rule_code", "verdict", "subject_kind")}
        | {"amount_fen": 100, "counted_fen": 100}
        for one in made
    ]
    following._enter(batch, {"N67": order.Tally()})


def begin() -> None:
    call_command("migrate", verbosity=0)
    seed_demo()
    findings()
    HUEY.immediate = False  # nobody takes the job but this process
    made = services.propose(viewer("chief"), services.Asked("N67", "990101"), "该规则的限定与说明书不一致")
    made = services.decide(viewer("recall"), made.pk, confirm=True, opinion="")
    Job.objects.filter(pk=made.job_id).update(state=Job.State.RUNNING)
    performing.perform(Job.objects.get(pk=made.job_id), lambda *_: os.kill(os.getpid(), signal.SIGKILL))


def go_on() -> None:
    HUEY.immediate = False
    first = Item.objects.count()
    recover()
    made = services.go_on(viewer("recall"), Recall.objects.get().pk)
    performing.perform(Job.objects.get(pk=made.job_id), lambda *_: None)
    told = {
        "first": first,
        "items": Item.objects.filter(outcome="withdrawn").count(),
        "states": sorted(set(StateRow.objects.values_list("state", flat=True))),
        "steps": Entry.objects.filter(act="撤回", object_kind="疑点办理").count(),
        "done": Recall.objects.get().done_at is not None,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    {"begin": begin, "go_on": go_on}[sys.argv[1]]()
