"""Writes of saved filters. The owner's row is the lock, so names and the default stay single."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import QueryDict
from django.shortcuts import get_object_or_404

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.accounts.roles import PERMISSIONS
from fundguard.web.desk.forms import DeskFilter
from fundguard.web.filters import selectors
from fundguard.web.filters.models import SavedFilter
from fundguard.web.findings.forms import QueueFilter
from fundguard.web.ledger.services import record

KIND = "常用筛选"
MOST = 30  # of one owner and page
LONGEST = 20


@dataclass(frozen=True)
class Listed:
    """A page with a filter: `form` says which names its address may have and which values they take."""

    title: str
    url: str
    permission: str
    form: Callable[[QueryDict, Viewer], forms.Form]


LISTS = {
    "desk": Listed("办理工作台", "desk:queue", "see.desk", DeskFilter),
    "findings": Listed("疑点处置", "findings:queue", "see.findings", QueueFilter),
}


@transaction.atomic
def save(viewer: Viewer, page: str, name: str, query: str) -> SavedFilter:
    """Under a new name; under one that the owner has already, its conditions are replaced."""
    listed = LISTS.get(page)
    if listed is None or not viewer.may(listed.permission):
        raise PermissionDenied(PERMISSIONS[listed.permission] if listed else KIND)
    kept, name = cleaned(viewer, page, query), _named(name)
    if not kept:
        raise Refusal("没有筛选条件", where=KIND, remedy="请先选择筛选条件并查询，再保存")
    _lock(viewer)
    own = selectors.own(viewer).filter(page=page)
    if same := own.filter(name=name).first():
        same.query = kept
        same.save(update_fields=["query"])
        return same
    if own.count() >= MOST:
        raise Refusal("常用筛选过多", where=KIND, seen=f"{MOST} 个", remedy="请先删除不用的")
    home = viewer.user.region.code if viewer.user.region else ""
    return SavedFilter.objects.create(owner=viewer.user, page=page, name=name, query=kept, region=home)


def cleaned(viewer: Viewer, page: str, query: str) -> str:
    """What the page's own form understands of a query string, and the order of the list."""
    asked = QueryDict(query)
    form = LISTS[page].form(asked, viewer)
    form.is_valid()
    kept = QueryDict(mutable=True)
    for name in (*form.fields, "sort"):
        if asked.get(name) and name not in form.errors:
            kept[name] = asked[name]
    return kept.urlencode()


@transaction.atomic
def rename(viewer: Viewer, pk: int, name: str) -> None:
    one, name = _own(viewer, pk), _named(name)
    if selectors.own(viewer).filter(page=one.page, name=name).exclude(pk=pk).exists():
        raise Refusal("已有同名的常用筛选", where=KIND, seen=name, remedy="请换一个名称")
    one.name = name
    one.save(update_fields=["name"])


@transaction.atomic
def make_standard(viewer: Viewer, pk: int) -> bool:
    """The page begins with it from now on; said of the default itself, it is the default no more."""
    one = _own(viewer, pk)
    now = not one.standard
    selectors.own(viewer).filter(page=one.page).update(standard=False)
    selectors.own(viewer).filter(pk=pk).update(standard=now)
    return now


@transaction.atomic
def share(viewer: Viewer, pk: int) -> bool:
    """Shown to colleagues of the owner's region from now on, or no more; in the ledger."""
    if not viewer.may("share.filters"):
        raise PermissionDenied(PERMISSIONS["share.filters"])
    one = _own(viewer, pk)
    one.shared = not one.shared
    one.save(update_fields=["shared"])
    act = "共享常用筛选" if one.shared else "取消共享"
    record(viewer.user, act, KIND, str(one.pk), region=one.region, detail={"名称": one.name, "条件": one.query})
    return one.shared


@transaction.atomic
def delete(viewer: Viewer, pk: int) -> None:
    _own(viewer, pk).delete()


def _own(viewer: Viewer, pk: int) -> SavedFilter:
    """The own one, held until the transaction ends; Http404 for any other."""
    _lock(viewer)
    return get_object_or_404(selectors.own(viewer), pk=pk)


def _lock(viewer: Viewer) -> None:
    User.objects.select_for_update().get(pk=viewer.user.pk)


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST:
        raise Refusal("名称不合要求", where=KIND, seen=f"{len(name)} 字", remedy=f"请填写 1 至 {LONGEST} 字的名称")
    return name
