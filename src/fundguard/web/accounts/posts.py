"""Writes of the system administrator: accounts and their posts. Each leaves a row in the ledger, in its transaction.

Nobody administers an account of one's own person, so a reviewing post always needs a second administrator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from axes.utils import reset as forget_failures
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts import passwords
from fundguard.web.accounts.grounds import no_access
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import Region, User
from fundguard.web.accounts.records import KIND, record_account
from fundguard.web.accounts.roles import ROLES, incompatible
from fundguard.web.ledger import selectors as ledger


@dataclass(frozen=True)
class Post:
    """What an administrator assigns. `institutions` are codes; `staff_no` tells the person across accounts."""

    role: str
    region: Region
    display_name: str
    staff_no: str
    institutions: tuple[str, ...] = ()
    practitioner: str = ""


@transaction.atomic
def create(viewer: Viewer, username: str, post: Post) -> tuple[User, str]:
    """A new account with a temporary password, which is told once and must be changed at the first sign-in."""
    user = User(username=username, must_change_password=True)
    _check(viewer, user, post)
    _take(user, post)
    password = passwords.temporary()
    user.set_password(password)
    user.save()
    record_account(viewer.user, "新建账号", user, 岗位=ROLES[post.role].name, 区划=post.region.name)
    return user, password


@transaction.atomic
def assign(viewer: Viewer, user: User, post: Post) -> None:
    """Another post for an account; its sessions end, because what they may do has changed."""
    user = User.objects.select_for_update().get(pk=user.pk)
    _not_own(viewer, user)
    _check(viewer, user, post)
    former = ROLES[user.role].name if user.role in ROLES else "未分派"
    _take(user, post)
    user.session_round += 1
    user.save()
    record_account(viewer.user, "分派岗位", user, 原岗位=former, 岗位=ROLES[post.role].name, 区划=post.region.name)


def _take(user: User, post: Post) -> None:
    user.role, user.region, user.display_name, user.staff_no = post.role, post.region, post.display_name, post.staff_no
    user.institutions = " ".join(post.institutions) if ROLES[post.role].own_institution else ""
    user.practitioner = post.practitioner if post.role == "doctor" else ""


def _check(viewer: Viewer, user: User, post: Post) -> None:
    """The post lies in reach, is not the administrator's own, and goes together with the person's other posts."""
    if post.staff_no == viewer.user.staff_no:
        raise no_access("A04", where="人员编号", seen="与您本人的人员编号相同")
    if post.region.code not in viewer.regions:
        raise no_access("A05", where="区划", seen=post.region.name)
    others = User.objects.select_for_update().filter(staff_no=post.staff_no, is_active=True).exclude(pk=user.pk)
    for other in others:
        if reason := incompatible(post.role, other.role):
            names = f"{ROLES[post.role].name}、{ROLES[other.role].name}"
            raise no_access("A03", where="岗位", seen=f"{names}：{reason}")


def _not_own(viewer: Viewer, user: User) -> None:
    same_person = user.staff_no and user.staff_no == viewer.user.staff_no
    if user.pk == viewer.user.pk or same_person:
        raise no_access("A04", where="账号", seen=user.username)


def _disable(viewer: Viewer, user: User) -> None:
    user.is_active = False
    user.session_round += 1


def _enable(viewer: Viewer, user: User) -> None:
    """Back again, if the person has not got an incompatible post meanwhile."""
    if user.role in ROLES and user.staff_no and user.region:
        _check(viewer, user, Post(user.role, user.region, user.display_name, user.staff_no))
    user.is_active = True


def _not_both_keys(viewer: Viewer, user: User) -> None:
    """Whoever replaces the password does not also lift the second factor before the holder has come in again.

    Otherwise one administrator could sign in as somebody who determines.
    """
    if not (user.role in ROLES and ROLES[user.role].second_factor):
        return
    rows = ledger.of_object(viewer, KIND, user.username)
    came_in = rows.filter(act="登录").values_list("pk", flat=True).first() or 0
    keys = [ACTS[name].name for name in ("reset-password", "reset-second-factor")]
    if rows.filter(pk__gt=came_in, actor=viewer.user, act__in=keys).exists():
        raise no_access("A09", where="账号", seen=user.username)


def _reset_password(viewer: Viewer, user: User) -> str:
    _not_both_keys(viewer, user)
    if not user.local:
        raise Refusal(
            "该账号由单位统一登录管理密码", where="账号", seen=user.username, remedy="请在单位的登录系统中重置"
        )
    password = passwords.temporary()
    user.set_password(password)
    user.must_change_password, user.password_set_at = True, timezone.now()
    forget_failures(username=user.username)
    return password


def _reset_second_factor(viewer: Viewer, user: User) -> None:
    _not_both_keys(viewer, user)
    Authenticator.objects.filter(user=user).delete()
    user.session_round += 1


def _end_sessions(viewer: Viewer, user: User) -> None:
    user.session_round += 1


def _unlock(viewer: Viewer, user: User) -> None:
    forget_failures(username=user.username)


@dataclass(frozen=True)
class Act:
    """One thing done to an account: `name` enters the ledger, `done` is told; what `run` gives is a password."""

    name: str
    done: str
    run: Callable[[Viewer, User], str | None]


ACTS = {
    "disable": Act("停用账号", "账号已停用，已有登录全部结束。", _disable),
    "enable": Act("启用账号", "账号已启用。", _enable),
    "reset-password": Act("重置密码", "密码已重置，已有登录全部结束。", _reset_password),
    "reset-second-factor": Act("解除二次验证", "二次验证已解除，下次登录后须重新设置。", _reset_second_factor),
    "end-sessions": Act("结束全部登录", "该账号的登录已全部结束。", _end_sessions),
    "unlock": Act("解除登录锁定", "登录锁定已解除。", _unlock),
}


@transaction.atomic
def perform(viewer: Viewer, user: User, act: Act) -> str | None:
    """Do it and record it; the temporary password where there is one."""
    user = User.objects.select_for_update(of=("self",)).select_related("region").get(pk=user.pk)
    _not_own(viewer, user)
    told = act.run(viewer, user)
    user.save()
    record_account(viewer.user, act.name, user)
    return told


@transaction.atomic
def end_own_sessions(user: User) -> None:
    """All sessions of one's own account end; the caller keeps the present one."""
    User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)
    user.refresh_from_db(fields=["session_round"])
    record_account(user, "退出全部登录", user)


@transaction.atomic
def password_changed(user: User) -> None:
    """The account's holder has set a password of one's own."""
    user.must_change_password, user.password_set_at = False, timezone.now()
    user.save(update_fields=["must_change_password", "password_set_at"])
    record_account(user, "修改密码", user)
