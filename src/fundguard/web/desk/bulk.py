"""One step over everything that matches a filter: previewed, then taken in the background in short transactions.

The cursor is written with each batch, so a job that died or was cancelled can go on where it stopped. Each item is
locked and asked of the kernel by itself; what is barred is counted by code and left as it was.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.desk import items, notices, selectors, services
from fundguard.web.desk.models import BulkStep, StateRow
from fundguard.web.desk.pages import Preview
from fundguard.web.jobs import services as jobs
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Report
from fundguard.web.ledger.services import record
from fundguard.workflows.papers import PAPERS
from fundguard.workflows.parts import Step
from fundguard.workflows.refusals import CODES
from fundguard.workflows.regions import VARIANTS

KIND = "desk.bulk"
BATCH = 500
#: Seconds between two batches on SQLite, which has one writer: whoever waits looks again within so long.
TURN = 0.15
REQUEST = "bulk-"  # how the name of a bulk step begins, where a form would have its number
LEDGER_KIND = "批量办理"
#: What each item needs an own answer to is not done in bulk.
SINGLE = frozenset({"lines", "other_lines", "part_amount", "amount", "articles", "file"})


def steps(state: str, viewer: Viewer) -> tuple[Step, ...]:
    """The steps from `state` that this account's posts could take over many items at once."""
    posts = items.actor(viewer, timezone.now()).posts
    flow = VARIANTS[selectors.FLOW, ""]
    return tuple(
        step
        for step in flow.leaving(state)
        if set(step.by) & posts
        and not step.recalls
        and step.verb not in flow.undoing
        and selectors.fillable(step)
        and not SINGLE & _asked(step)
    )


def _asked(step: Step) -> set[str]:
    """Kinds of the papers that somebody fills in."""
    return {PAPERS[code].kind for code in step.needs if code not in selectors.MADE}


def start(viewer: Viewer, verb: str, papers: Mapping[str, Any], wanted: Mapping[str, Any]) -> BulkStep:
    """Queue the step over `wanted` (which names the state). Refuses an empty range and a second one at a time."""
    step = next((step for step in steps(str(wanted.get("state", "")), viewer) if step.verb == verb), None)
    if step is None:
        raise Refusal("此事项不能批量办理", where="批量办理", remedy="请先选定环节，再选择该环节可办的事项")
    told = selectors.preview(selectors.matching(viewer, wanted), step)
    if not told.count:
        raise Refusal("没有符合条件的疑点", where="批量办理", remedy="请调整筛选条件")
    return queue(viewer, step, told, papers=dict(papers), wanted=dict(wanted))


@transaction.atomic
def queue(viewer: Viewer, step: Step, told: Preview, **fields: Any) -> BulkStep:
    """The job, its row (`fields`) and its row of the ledger; refused while another one of this account is under way."""
    _alone(viewer)
    home = viewer.user.region.code if viewer.user.region else ""
    job = jobs.start(KIND, f"批量{step.name} {told.count} 条", viewer.user, region=home)
    made = BulkStep.objects.create(job=job, verb=step.verb, total=told.count, **fields)
    detail = {"事项": step.name, "条数": told.count, "金额": told.amount_fen, "范围": made.wanted}
    record(viewer.user, "发起批量办理", LEDGER_KIND, str(made.pk), region=home, detail=detail)
    return made


def go_on(viewer: Viewer, former: BulkStep) -> BulkStep:
    """A job that died or was cancelled, continued behind its cursor by a new one."""
    with transaction.atomic():
        _alone(viewer)
        job = jobs.start(KIND, f"继续：{former.job.title}"[:200], viewer.user, region=former.job.region)
        kept = ("verb", "papers", "wanted", "cursor", "total", "taken", "taken_fen", "refused", "takes_back")
        made = BulkStep.objects.create(job=job, continues=former, **{name: getattr(former, name) for name in kept})
        detail = {"原任务": former.pk, "已办": former.taken}
        record(viewer.user, "继续批量办理", LEDGER_KIND, str(made.pk), region=former.job.region, detail=detail)
    return made


def _alone(viewer: Viewer) -> None:
    """The account's row is the lock: of two presses the second sees the first one's job."""
    User.objects.select_for_update().get(pk=viewer.user.pk)
    active = Job.objects.filter(kind=KIND, created_by=viewer.user, state__in=(Job.State.WAITING, Job.State.RUNNING))
    if active.exists():
        raise Refusal("本人已有一项批量办理正在进行", where="批量办理", remedy="请等待其完成或者取消后再发起")


def perform(job: Job, report: Report) -> dict[str, Any]:
    """Background work: batch by batch over what matches behind the cursor."""
    viewer = Viewer(job.created_by)
    made = BulkStep.objects.get(job=job)
    matching = selectors.matching(viewer, made.wanted).filter(pk__gt=made.cursor).order_by("pk")
    numbers = list(matching.values_list("pk", flat=True))
    for begin in range(0, len(numbers), BATCH):
        batch = numbers[begin : begin + BATCH]
        with transaction.atomic():
            _batch(viewer, made, batch)
        report(begin + len(batch), made.total, f"已办 {made.taken} 条")
        if connection.vendor == "sqlite":
            time.sleep(TURN)
    return {"taken": made.taken, "fen": made.taken_fen, "refused": made.refused}


def reasons(made: BulkStep) -> list[tuple[str, str, int]]:
    """Code, sentence and number of items for everything that barred an item."""
    return [(code, re.sub(r"\{\w+\}", "…", CODES[code].text), number) for code, number in made.refused.items()]


def _batch(viewer: Viewer, made: BulkStep, numbers: list[int]) -> None:
    """What of these rows still matches, locked; each is asked of the kernel, then the cursor stands behind them."""
    found = selectors.matching(viewer, made.wanted).filter(pk__in=numbers).order_by("pk")
    rows = list(found.select_for_update(of=("self",)))
    at = timezone.now()  # after the locks: later than every step before
    known = items.items(rows)
    wishes = [services.Wish(row, known[row.object_id], _papers(made, row)) for row in rows]
    who, request = items.actor(viewer, at), request_of(made.job_id)
    barred = services.taken_all(wishes, made.verb, who, at=at, by=viewer.user, request=request)
    refused = Counter(made.refused)
    for one in barred.values():
        refused.update(bar.code for bar in one.bars)
    taken = [row for row in rows if row.pk not in barred]
    made.taken += len(taken)
    made.taken_fen += sum(row.amount_now_fen for row in taken)
    made.cursor, made.refused = numbers[-1], dict(refused)
    made.save(update_fields=("taken", "taken_fen", "cursor", "refused"))


def _papers(made: BulkStep, row: StateRow) -> dict[str, Any]:
    needs = row.flow.step_by_verb[made.verb].needs
    return made.papers | {code: notices.number(row, row.version + 1) for code in needs if code in selectors.MADE}


def request_of(job: int) -> str:
    """What the rows that this job took name as the form that took them."""
    return f"{REQUEST}{job}"
