"""Writes of a bureau: problem lists and campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.ledger.services import record
from fundguard.web.selfcheck import selectors, starter
from fundguard.web.selfcheck.models import Campaign, Problem, ProblemList

LEDGER_KIND = "问题清单"
CAMPAIGN_KIND = "自查工作"


@transaction.atomic
def draft(viewer: Viewer) -> ProblemList:
    """A list of the own division that begins with the starter's problems."""
    made = ProblemList.objects.create(
        region=_home(viewer), title=starter.TITLE, source=starter.SOURCE, created_by=viewer.user
    )
    Problem.objects.bulk_create(Problem(listed=made, **row) for row in starter.problems())
    _tell(viewer, "起草问题清单", made, {"问题": len(starter.problems())})
    return made


@transaction.atomic
def add(viewer: Viewer, pk: int, given: Mapping[str, str]) -> Problem:
    one = _draft(viewer, pk)
    try:
        with transaction.atomic():
            made = Problem.objects.create(listed=one, **given)
    except IntegrityError:
        raise Refusal("序号已有", where="序号", seen=given["number"], remedy="请另编序号") from None
    _tell(viewer, "增加问题", one, {"序号": made.number})
    return made


@transaction.atomic
def remove(viewer: Viewer, pk: int, problem: int) -> None:
    one = _draft(viewer, pk)
    found = one.problems.filter(pk=problem).first()
    if found is None:
        raise Http404
    _tell(viewer, "删去问题", one, {"序号": found.number})
    found.delete()


@transaction.atomic
def publish(viewer: Viewer, pk: int) -> ProblemList:
    one = _draft(viewer, pk)
    if not one.problems.exists():
        raise Refusal("清单中没有问题", where=LEDGER_KIND, remedy="请先增加问题")
    one.published_at = timezone.now()
    one.save(update_fields=["published_at"])
    _tell(viewer, "发布问题清单", one, {"问题": one.problems.count()})
    return one


@transaction.atomic
def begin(viewer: Viewer, pk: int, given: Mapping[str, Any]) -> Campaign:
    """A campaign on a published list. Refusal where its days are out of order or a field is not on the list."""
    one = selectors.problem_list(viewer, pk)
    if one.published_at is None:
        raise Refusal("清单还没有发布", where=CAMPAIGN_KIND, remedy="请先发布问题清单")
    if given["data_from"] > given["data_to"] or given["starts_on"] > given["due_on"]:
        raise Refusal("日期的先后有误", where=CAMPAIGN_KIND, remedy="请核对费用期间和自查的起止日期")
    known = set(one.problems.values_list("field", flat=True))
    if set(given["fields"]) - known:
        raise Refusal("所选领域不在清单中", where="领域", remedy="请刷新页面后重新选择")
    made = Campaign.objects.create(
        listed=one, region=_home(viewer), published_by=viewer.user, published_at=timezone.now(), **given
    )
    detail = {"清单": one.pk, "报告截止": str(made.due_on), "费用": f"{made.data_from} 至 {made.data_to}"}
    record(viewer.user, "发布自查工作", CAMPAIGN_KIND, str(made.pk), region=made.region, detail=detail)
    return made


def _draft(viewer: Viewer, pk: int) -> ProblemList:
    one = selectors.lists(viewer).select_for_update().filter(pk=pk).first()
    if one is None:
        raise Http404
    if one.published_at is not None:
        raise Refusal("清单已经发布，不能再改", where=LEDGER_KIND, remedy="需要修改的，请另起草一份")
    return one


def _home(viewer: Viewer) -> str:
    if viewer.user.region is None:
        raise Refusal("账号没有区划", where="账号", remedy="请由系统管理员分派")
    return viewer.user.region.code


def _tell(viewer: Viewer, act: str, one: ProblemList, detail: Mapping[str, Any]) -> None:
    record(viewer.user, act, LEDGER_KIND, str(one.pk), region=one.region, detail=detail)
