"""Who is told of what happens at the desk: functions that `web/wiring.py` names, inside the desk's transaction."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from django.utils import timezone

from fundguard.web.accounts.models import User
from fundguard.web.accounts.roles import ROLES
from fundguard.web.desk.bulk import REQUEST
from fundguard.web.desk.listening import Assigned
from fundguard.web.desk.models import BulkStep, Substitution
from fundguard.web.desk.services import SENDS, Done
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Report
from fundguard.web.reminders.services import tell
from fundguard.workflows.history import local_day
from fundguard.workflows.posts import INSTITUTION

SENT_BACK = frozenset({"send_back", "reopen"})
EVIDENCE = frozenset({"take_new_evidence", "return_to_review", "open_correction", "withdraw"})
ANSWERS = [code for code, role in ROLES.items() if role.own_institution and "do.answer" in role.permissions]
#: How the request of a step begins that is one of many: a bulk step, an institution's sheet.
BATCH = re.compile(rf"(?:{REQUEST}|sheet-)\d+")
Work = Callable[[Job, Report], dict[str, Any]]


def after_step(done: Done) -> None:
    """The office people whom the step concerns, and the institution where it learns something of it."""
    by_institution = bool(set(done.step.by) & set(INSTITUTION))
    told = partial(tell, source=_source(done), at=done.at, object_id=done.row.object_id)
    actor = done.by.pk if done.by else None
    if done.step.verb in SENT_BACK:
        told(_authors(done) - {actor}, "sent_back")
    elif done.step.verb in EVIDENCE:
        told({done.row.assignee_id} - {None, actor}, "evidence")
    elif by_institution:
        told(_concerned(done) - {actor}, "answered")
    elif done.by is None and done.step.after_due:
        told(_concerned(done), "lapsed")
    if not by_institution and _learns(done):
        told(accounts_of(done.row.fixmedins_code), "told")


def after_assigning(assigned: Assigned) -> None:
    if assigned.to.pk != assigned.by.pk and assigned.keys:
        one = assigned.keys[0] if len(assigned.keys) == 1 else ""
        source = f"assign:{assigned.by.pk}:{assigned.at.isoformat()}"
        tell([assigned.to.pk], "assigned", source, at=assigned.at, object_id=one, count=len(assigned.keys))


def after_lending(loan: Substitution) -> None:
    words = f"{loan.principal}，{loan.since:%Y-%m-%d} 至 {loan.until:%Y-%m-%d}"
    tell([loan.substitute.pk], "lent", f"lend:{loan.pk}", at=timezone.now(), words=words)


def ending(perform: Work) -> Work:
    """The work of a bulk step, and its owner told when it is over or broke off."""

    def performed(job: Job, report: Report) -> dict[str, Any]:
        try:
            result = perform(job, report)
        except BaseException:
            _bulk(job, "bulk_broken")
            raise
        _bulk(job, "bulk_ended")
        return result

    return performed


def accounts_of(institution: str) -> set[int]:
    """Active accounts that answer for this institution."""
    near = User.objects.filter(is_active=True, role__in=ANSWERS, institutions__contains=institution)
    return {pk for pk, codes in near.values_list("pk", "institutions") if institution in codes.split()}


def _bulk(job: Job, kind: str) -> None:
    made = BulkStep.objects.get(job=job)
    words = f"{job.title}，已办 {made.taken} 条，未办 {sum(made.refused.values())} 条"[:200]
    people = [job.created_by_id] if job.created_by_id else []
    tell(people, kind, f"bulk:{made.pk}", at=timezone.now(), object_id=str(made.pk), words=words)


def _source(done: Done) -> str:
    """A bulk step, a sheet of answers, a recall, or a machine in one day, tells a person once."""
    if done.together:
        return f"{done.step.verb}:{done.papers.get('recall_order', '')}"
    if batch := BATCH.match(done.row.request):
        return batch[0]
    if done.by is None:
        return f"{done.step.verb}:{local_day(done.at)}"
    return f"{done.row.object_id}:{done.row.version}"


def _authors(done: Done) -> set[int]:
    """Whose opinion it was."""
    return {int(person) for person in done.before.standing[-1].people}


def _concerned(done: Done) -> set[int]:
    """The assignee; where there is none, who of the office acted last."""
    if done.row.assignee_id:
        return {done.row.assignee_id}
    office = (row for row in reversed(done.before.standing) if row.person and row.post not in INSTITUTION)
    last = next(office, None)
    return {int(last.person)} if last else set()


def _learns(done: Done) -> bool:
    """Whether what the institution is shown changes; of what it was never told it learns nothing."""
    before = done.before.workflow.state_by_code[done.before.state].shown
    return bool(before or SENDS & set(done.step.effects)) and before != done.row.stands.shown
