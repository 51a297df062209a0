"""Writes inside the institution: items sent to a department or doctor, their statements, who answers for a department.

Each leaves a row in the ledger without region, which no bureau's ledger page but the system's own shows, and of the
texts only the keyed digest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.desk import items
from fundguard.web.desk import selectors as desk
from fundguard.web.desk.models import StateRow
from fundguard.web.ledger.services import record
from fundguard.web.portal import asked, selectors
from fundguard.web.portal.models import OwnKey, Question, Seat

LEDGER_KIND = "院内征询"
SEAT_KIND = "科室联系人"
AT_ONCE = 500
DEPARTMENT, DOCTOR = "d", "p"


def addressees(viewer: Viewer) -> dict[str, str]:
    """Value of the form → name: departments and doctors that occur among what was told."""
    offered = selectors.choices(viewer)
    departments = {f"{DEPARTMENT}:{one}": one for one in offered["department"]}
    return departments | {f"{DOCTOR}:{one}": f"医师 {one}" for one in offered["practitioner"]}


@transaction.atomic
def ask(viewer: Viewer, found: QuerySet[StateRow], to: str, text: str, due_on: date) -> int:
    """Send items to one department or doctor; how many. What was asked there already and not answered is left out.

    The inner day lies from today to before the last day of every item's own term.
    """
    if to not in addressees(viewer):
        raise Refusal("没有这个科室或者医师", where="发给", remedy="请在列出的科室、医师中选择")
    rows = list(found.filter(state__in=asked.OPEN_STATES)[: AT_ONCE + 1])
    if not rows or len(rows) > AT_ONCE:
        raise Refusal(
            "没有可以征询的疑点" if not rows else f"一次最多征询 {AT_ONCE} 条",
            where=LEDGER_KIND,
            remedy="只有待答复、待补充材料和待整改的可以征询；请调整筛选条件",
        )
    last = min((day for row in rows if (day := desk.last_day(row))), default=None)
    if due_on < timezone.localdate() or (last is not None and due_on >= last):
        raise Refusal(
            "内部期限须从今天起，并且早于答复期限的最后一日",
            where="内部期限",
            seen=f"{due_on}，最早届满的是 {last or '未定'}",
            remedy="请改填较早的日期；今天就届满的，请直接答复或者先申请延期",
        )
    kind, _, name = to.partition(":")
    addressee = {"department": name if kind == DEPARTMENT else "", "practitioner": name if kind == DOCTOR else ""}
    standing = Question.objects.filter(
        finding_key__in=[row.object_id for row in rows], answered_at=None, taken_back_at=None, **addressee
    )
    already = set(standing.values_list("finding_key", flat=True))
    at = timezone.now()
    fresh = [
        Question(
            finding_key=row.object_id,
            fixmedins_code=row.fixmedins_code,
            version=row.version,
            text=text,
            due_on=due_on,
            asked_by=viewer.user,
            asked_at=at,
            **addressee,
        )
        for row in rows
        if row.object_id not in already
    ]
    try:
        with transaction.atomic():
            Question.objects.bulk_create(fresh)
    except IntegrityError:
        raise Refusal("他人刚刚发出了同样的征询", where=LEDGER_KIND, remedy="请刷新页面查看") from None
    for one in fresh:
        detail = {"疑点": one.finding_key[:10], "内部期限": str(due_on), "问题": items.digest(text)}
        record(viewer.user, "发出院内征询", LEDGER_KIND, one.finding_key, detail=detail)
    return len(fresh)


@transaction.atomic
def answer(viewer: Viewer, pk: int, advice: str, statement: str) -> Question:
    """What the one asked says of it, once; a correction is asked for by the office with a new question."""
    one = _locked(viewer, pk)
    row = desk.rows(viewer).filter(object_id=one.finding_key).first()
    if not one.open or row is None or row.state not in asked.OPEN_STATES:
        raise Refusal(
            "此征询已经填过、收回，或者疑点已经答复",
            where=LEDGER_KIND,
            remedy="请刷新页面；需要补充的，请告知医保办重新发出",
        )
    one.advice, one.statement, one.answered_by, one.answered_at = advice, statement, viewer.user, timezone.now()
    one.save()
    detail = {"疑点": one.finding_key[:10], "意见": one.get_advice_display(), "情况说明": items.digest(statement)}
    record(viewer.user, "填写院内情况说明", LEDGER_KIND, one.finding_key, detail=detail)
    return one


@transaction.atomic
def take_back(viewer: Viewer, pk: int) -> Question:
    one = _locked(viewer, pk)
    if not one.open:
        raise Refusal("此征询已经填过或者收回", where=LEDGER_KIND, remedy="请刷新页面")
    one.taken_back_at = timezone.now()
    one.save(update_fields=["taken_back_at"])
    record(viewer.user, "收回院内征询", LEDGER_KIND, one.finding_key, detail={"疑点": one.finding_key[:10]})
    return one


def accounts(viewer: Viewer) -> Mapping[str, str]:
    """Accounts of doctors of the viewer's institutions: username → name."""
    own = viewer.institutions or frozenset()
    found = User.objects.filter(is_active=True, role="doctor").order_by("username")
    return {one.username: str(one) for one in found if own & set(one.institutions.split())}


@transaction.atomic
def seat(viewer: Viewer, department: str, username: str) -> None:
    """Let a doctor's account answer for a department in those of its institutions that the viewer answers for."""
    if username not in accounts(viewer) or department not in selectors.choices(viewer)["department"]:
        raise Refusal("没有这个账号或者科室", where=SEAT_KIND, remedy="请在列出的账号和科室中选择")
    user = User.objects.get(username=username)
    for place in _with_department(viewer, user, department):
        Seat.objects.get_or_create(user=user, fixmedins_code=place, department=department)
    record(viewer.user, "登记科室联系人", SEAT_KIND, department, detail={"账号": username})


@transaction.atomic
def unseat(viewer: Viewer, pk: int) -> None:
    one = Seat.objects.select_for_update().filter(pk=pk, fixmedins_code__in=viewer.institutions or ()).first()
    if one is None:
        raise Http404
    record(viewer.user, "取消科室联系人", SEAT_KIND, one.department, detail={"账号": one.user.username})
    one.delete()


def seats(viewer: Viewer) -> QuerySet[Seat]:
    own = Seat.objects.filter(fixmedins_code__in=viewer.institutions or ())
    return own.select_related("user").order_by("department", "user__username")


def _with_department(viewer: Viewer, user: User, department: str) -> Collection[str]:
    own = (viewer.institutions or frozenset()) & set(user.institutions.split())
    held = OwnKey.objects.filter(fixmedins_code__in=own, departments__contains=f"|{department}|")
    return sorted(set(held.values_list("fixmedins_code", flat=True)))


def _locked(viewer: Viewer, pk: int) -> Question:
    asked.question(viewer, pk)
    return Question.objects.select_for_update().get(pk=pk)
