"""Writes about who does the work: taking it, giving it to a colleague, leave and substitutes, conflicts of interest."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.accounts.roles import POSTS_HELD, ROLES
from fundguard.web.desk import capacity, selectors
from fundguard.web.desk.listening import Assigned, listeners
from fundguard.web.desk.models import Recusal, StateRow, Substitution
from fundguard.web.ledger.services import record
from fundguard.workflows.posts import INCOMPATIBLE

KIND = "疑点分派"
AT_ONCE = 500


def colleagues(viewer: Viewer) -> list[User]:
    """Active accounts with a post, of the viewer's division and those below it."""
    roles = [role for role in POSTS_HELD if not ROLES[role].own_institution]
    found = User.objects.filter(is_active=True, role__in=roles, region__code__in=viewer.regions)
    return list(found.select_related("region").order_by("role", "username"))


@transaction.atomic
def claim_day(viewer: Viewer) -> int:
    """Take the day's advised work; what a colleague took meanwhile is left to him. The number taken."""
    keys = [work.key for work in selectors.day(viewer, timezone.localdate()).works]
    free = StateRow.objects.select_for_update().filter(workflow=selectors.FLOW, object_id__in=keys, assignee=None)
    taken = [row.pk for row in free.only("pk").order_by("pk")]
    StateRow.objects.filter(pk__in=taken).update(assignee=viewer.user)
    if taken:
        _record(viewer, "领取疑点", viewer.user, len(taken))
    return len(taken)


@transaction.atomic
def claim(viewer: Viewer, key: str) -> StateRow:
    """Take one item that nobody has, so that no colleague begins on it; Http404 outside the viewer's regions."""
    row = selectors.rows(viewer).select_for_update(of=("self",)).filter(object_id=key).first()
    if row is None:
        raise Http404
    if row.assignee_id not in (None, viewer.user.pk):
        raise Refusal("已由他人领取", where="经办人", seen=str(row.assignee), remedy="请看下一条，或者请分派人员调整")
    if row.state not in selectors.own_states(viewer):
        raise Refusal("目前环节不由本人岗位办理", where="领取", seen=row.stands.name, remedy="请领取本人岗位的疑点")
    if row.assignee_id is None:
        row.assignee = viewer.user
        row.save(update_fields=["assignee"])
        record(viewer.user, "领取疑点", "疑点", key, region=row.region, detail={"经办人": str(viewer.user)})
    return row


@transaction.atomic
def assign(viewer: Viewer, keys: Collection[str], to: User | None) -> int:
    """Give items to a colleague, or back to nobody. The history of each stays as it is: the ledger tells this apart.

    Refuses a colleague who has no post for the item's state, or a conflict of interest with its institution.
    """
    if len(keys) > AT_ONCE:
        raise Refusal("一次分派的疑点过多", seen=f"{len(keys)} 条", remedy=f"请每次不超过 {AT_ONCE} 条")
    if to is not None and to not in colleagues(viewer):
        raise Refusal("不能分派给此人", where="经办人", remedy="请选择本辖区有相应岗位的人员")
    listed = selectors.rows(viewer).select_for_update().filter(object_id__in=keys).order_by("pk")
    found = list(listed.defer("lines"))
    if to is not None:
        _suitable(found, to)
    StateRow.objects.filter(pk__in=[row.pk for row in found]).update(assignee=to)
    for row in found:
        detail = {"经办人": str(to or "未分派"), "原经办人": row.assignee_id or 0}
        record(viewer.user, "分派疑点" if to else "取消分派", "疑点", row.object_id, region=row.region, detail=detail)
    if to is not None and found:
        given = Assigned(tuple(row.object_id for row in found), to, viewer.user, timezone.now())
        for told in listeners().assigned:
            told(given)
    return len(found)


def _suitable(found: list[StateRow], to: User) -> None:
    states = selectors.states_of(POSTS_HELD[to.role])
    if wrong := [row for row in found if row.state not in states]:
        names = "、".join(sorted({row.stands.name for row in wrong}))
        raise Refusal("此人没有办理该环节的岗位", where="经办人", seen=names, remedy="请选择有相应岗位的人员")
    if capacity.away([to.pk], timezone.localdate()):
        raise Refusal("此人正在请假", where="经办人", seen=str(to), remedy="请分派给代办人或者其他人员")
    places = {row.fixmedins_code for row in found}
    if Recusal.objects.filter(person=to, fixmedins_code__in=places).exists():
        raise Refusal("此人与其中的机构有利害关系，应当回避", where="经办人", remedy="请分派给其他人员")


@transaction.atomic
def lend(viewer: Viewer, principal: User, substitute: User, since: date, until: date) -> Substitution:
    """Register a leave. Refuses a substitute whose own posts may not be held together with those lent."""
    known = colleagues(viewer)
    if principal not in known or substitute not in known or principal == substitute:
        raise Refusal("请假人和代办人须为本辖区的不同人员", where="代办人", remedy="请重新选择")
    if until < since:
        raise Refusal("结束日期早于开始日期", where="日期", seen=f"{since} 至 {until}", remedy="请核对日期")
    both = POSTS_HELD[principal.role] | POSTS_HELD[substitute.role]
    if any(pair.posts <= both for pair in INCOMPATIBLE):
        raise Refusal("两人的岗位不得由同一人兼任，不能代办", where="代办人", remedy="请选择岗位相容的人员")
    made = Substitution.objects.create(principal=principal, substitute=substitute, since=since, until=until)
    detail = {"请假人": str(principal), "代办人": str(substitute), "从": str(since), "到": str(until)}
    record(viewer.user, "登记请假代办", KIND, str(made.pk), region=_home(principal), detail=detail)
    for told in listeners().lent:
        told(made)
    return made


@transaction.atomic
def recuse(viewer: Viewer, institution: str, reason: str) -> int:
    """Declare a conflict of interest of one's own; what is assigned to the person there goes back to nobody."""
    made, new = Recusal.objects.get_or_create(
        person=viewer.user, fixmedins_code=institution, defaults={"reason": reason}
    )
    given_back = StateRow.objects.filter(assignee=viewer.user, fixmedins_code=institution).update(assignee=None)
    if new:
        detail = {"机构": institution, "退回分派": given_back}
        record(viewer.user, "声明回避", KIND, str(made.pk), region=_home(viewer.user), detail=detail)
    return given_back


def _record(viewer: Viewer, act: str, to: User, count: int) -> None:
    record(viewer.user, act, KIND, to.username, region=_home(viewer.user), detail={"条数": count})


def _home(user: User) -> str:
    return user.region.code if user.region else ""
