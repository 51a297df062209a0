"""A bulk step taken back by its owner: exactly what it took and what still stands where it left it, as a bulk step."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.desk import bulk, selectors
from fundguard.web.desk.models import BulkStep, StateRow
from fundguard.workflows.parts import Step
from fundguard.workflows.regions import VARIANTS


@dataclass(frozen=True)
class Offer:
    """What can be taken back now: `count` items stand where the bulk step left them, `moved` ones went on since."""

    name: str
    count: int
    moved: int


def offer(viewer: Viewer, made: BulkStep) -> Offer | None:
    """None while the job runs, and where its step cannot be taken back."""
    step = _undo(made)
    if step is None or made.job.active:
        return None
    count = _standing(viewer, made).count()
    return Offer(step.name, count, made.taken - count)


def start(viewer: Viewer, made: BulkStep) -> BulkStep:
    """Queue it. Each item is asked of the kernel again: only its author, only until the next step."""
    step = _undo(made)
    if step is None:
        raise Refusal("此事项办理以后不能撤销", where="批量办理", remedy="请对需要更正的疑点逐条办理")
    if made.job.active:
        raise Refusal("批量办理尚未结束", where="批量办理", remedy="请先取消，或者等待其完成后再撤销")
    told = selectors.preview(_standing(viewer, made), step)
    if not told.count:
        raise Refusal("没有可以撤销的疑点", where="批量办理", remedy="本次办理的疑点已有后续办理或者已经撤销")
    return bulk.queue(viewer, step, told, wanted={"requests": _requests(made)}, takes_back=made)


def _undo(made: BulkStep) -> Step | None:
    steps = VARIANTS[selectors.FLOW, ""].step_by_verb
    return steps.get(steps[made.verb].undone_by)


def _standing(viewer: Viewer, made: BulkStep) -> QuerySet[StateRow]:
    return selectors.matching(viewer, {"requests": _requests(made)})


def _requests(made: BulkStep) -> list[str]:
    """Of this one and of those that it went on with."""
    found: list[str] = []
    one: BulkStep | None = made
    while one is not None:
        found.append(bulk.request_of(one.job_id))
        one = one.continues
    return found
