"""Reads of inner questions: the office all of its own institutions, a doctor what was sent to him or his department."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from fundguard.web.accounts.guard import Viewer
from fundguard.web.desk.models import StateRow
from fundguard.web.findings import selectors as findings
from fundguard.web.portal.models import Question, Seat
from fundguard.web.portal.pages import Asked

#: Item states in which an answer to an inner question is still of use.
OPEN_STATES = ("notified", "awaiting_papers", "recovering", "extension_asked")


def questions(viewer: Viewer) -> QuerySet[Question]:
    """The institution's own; of a doctor's account only what was sent to him or to a department he answers for."""
    own = Question.objects.filter(fixmedins_code__in=viewer.institutions or ())
    if viewer.practitioner is None:
        return own if viewer.may("do.answer") else own.none()
    mine = Q(pk__in=())
    if viewer.practitioner:
        mine |= Q(practitioner=viewer.practitioner)
    for place, department in Seat.objects.filter(user=viewer.user).values_list("fixmedins_code", "department"):
        mine |= Q(fixmedins_code=place, department=department)
    return own.filter(mine, taken_back_at=None)


def question(viewer: Viewer, pk: int) -> Question:
    """One question, or Http404 both where there is none and where it was sent to somebody else."""
    return get_object_or_404(questions(viewer), pk=pk)


def of_finding(key: str) -> list[Asked]:
    """All questions of a finding that the caller was allowed to see, newest first."""
    return shown(Question.objects.filter(finding_key=key).order_by("-pk"))


def standing(keys: Collection[str]) -> dict[str, tuple[str, bool]]:
    """Finding → what stands inside (`内科 待填 11-30`), and whether its day is over."""
    today = timezone.localdate()
    told: dict[str, tuple[str, bool]] = {}
    for one in Question.objects.filter(finding_key__in=keys, taken_back_at=None).order_by("pk"):
        late = one.open and one.due_on < today
        words = f"{one.department or one.practitioner} {'待填' if one.open else '已填'}"
        told[one.finding_key] = (f"{words} {one.due_on:%m-%d}" if one.open else words, late)
    return told


def shown(listed: Iterable[Question]) -> list[Asked]:
    rows = list(listed)
    names, today = findings.rule_names(), timezone.localdate()
    told = findings.shown([one.finding_key for one in rows])
    states = dict(
        StateRow.objects.filter(workflow="finding", object_id__in=list(told)).values_list("object_id", "state")
    )
    return [
        Asked(
            pk=one.pk,
            finding_key=one.finding_key,
            number=findings.number(one.finding_key),
            rule=names.get(told[one.finding_key].rule_code, ""),
            to=one.department or f"医师 {one.practitioner}",
            text=one.text,
            due_on=one.due_on,
            late=one.open and one.due_on < today,
            open=one.open and states.get(one.finding_key) in OPEN_STATES,
            state=_state(one, states.get(one.finding_key, "")),
            advice=one.get_advice_display(),
            statement=one.statement,
            answered_by=str(one.answered_by or ""),
            answered_at=one.answered_at,
        )
        for one in rows
    ]


def _state(one: Question, state: str) -> str:
    if one.taken_back_at:
        return "已收回"
    if one.answered_at:
        return "已填"
    return "待填" if state in OPEN_STATES else "已答复，不必再填"
