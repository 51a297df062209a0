"""Guarded reads of the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from fundguard.web.accounts.guard import Viewer
from fundguard.web.core.parts import Figure
from fundguard.web.ledger import sealing
from fundguard.web.ledger.models import Entry, Seal


def entries(viewer: Viewer, wanted: Mapping[str, Any] | None = None) -> QuerySet[Entry]:
    """Rows of the viewer's regions that match the filter (`forms.LedgerFilter`), newest first."""
    found = Entry.objects.filter(region__in=viewer.regions | {""}).select_related("actor").order_by("-pk")
    return found.filter(_condition(wanted)) if wanted else found


def _condition(wanted: Mapping[str, Any]) -> Q:
    condition = Q()
    if actor := wanted.get("actor"):
        condition &= Q(actor__username=actor) | Q(actor__display_name__contains=actor)
    if act := wanted.get("act"):
        condition &= Q(act=act)
    if kind := wanted.get("kind"):
        condition &= Q(object_kind=kind)
    if number := wanted.get("number"):
        condition &= Q(object_id__endswith=number)
    if first := wanted.get("first"):
        condition &= Q(at__gte=_begins(first))
    if last := wanted.get("last"):
        condition &= Q(at__lt=_begins(last + timedelta(days=1)))
    return condition


def _begins(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def words(column: str) -> list[str]:
    """The acts or kinds of object (`act`, `object_kind`) that occur in the ledger; they say nothing about any row.

    One step down the column's index a word: DISTINCT would read every row of a long ledger.
    """
    found: list[str] = []
    ordered = Entry.objects.order_by(column).values_list(column, flat=True)
    while (word := ordered.filter(**{f"{column}__gt": found[-1]} if found else {}).first()) is not None:
        found.append(word)
    return found


def waiting(numbers: list[int]) -> set[int]:
    """Which of these rows are not sealed yet."""
    return set(sealing.unsealed().filter(pk__in=numbers).values_list("pk", flat=True)) if numbers else set()


def state() -> list[Figure]:
    """How far the sealing has come; says nothing about any row."""
    last = Seal.objects.order_by("-number").first()
    heads = sorted(path.stem for path in settings.LEDGER_HEADS.glob("????-??-??.json"))
    at = f"{timezone.localtime(last.at):%Y-%m-%d %H:%M:%S}" if last else "还没有存证"
    return [
        Figure("已存证", f"{last.total if last else 0:,}", "行", f"最近存证 {at}"),
        Figure("待存证", f"{sealing.unsealed().count():,}", "行", "后台每几秒存证一次"),
        Figure("最近链头", heads[-1] if heads else "无", "", "每日一份，另处保存，供核对"),
    ]


def of_object(viewer: Viewer, object_kind: str, object_id: str) -> QuerySet[Entry]:
    """The history of one object that the viewer was already allowed to see."""
    return Entry.objects.filter(object_kind=object_kind, object_id=object_id).select_related("actor").order_by("-pk")


def of_objects(object_kind: str, object_ids: Collection[str]) -> QuerySet[Entry]:
    """The histories of objects whose rows the caller has locked or may see, oldest first."""
    return Entry.objects.filter(object_kind=object_kind, object_id__in=object_ids).order_by("pk")
