"""Proposing a recall, confirming it, going on with it; each leaves a row in the ledger."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from fundguard import knowledge
from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.core.known import of_region
from fundguard.web.jobs import services as jobs
from fundguard.web.jobs.models import Job
from fundguard.web.ledger.services import record
from fundguard.web.recall import selectors
from fundguard.web.recall.models import Item, Recall
from fundguard.web.recall.performing import LEDGER_KIND
from fundguard.web.rulebase import in_force, lookup

KIND = "recall"
REASON_AT_LEAST = 6


@dataclass(frozen=True)
class Asked:
    """What somebody wants recalled: a rule, or points of it, in a region, for conduct of some days or of all."""

    rule_code: str
    region: str
    points: Sequence[str] = ()
    first: date | None = None
    last: date | None = None


def drafted(asked: Asked) -> Recall:
    """The recall as it would be stored. Refuses an unknown rule, points that are not the rule's, points with days."""
    rule = lookup.rule(asked.rule_code)
    if rule is None:
        raise Refusal("没有这条规则", where="规则编码", seen=asked.rule_code, remedy="请从规则与知识库中查找规则编码")
    known = of_region(asked.region)
    wrong = [p for p in asked.points if p not in known.points or known.points[p].rule_code != rule.code]
    if wrong:
        raise Refusal(
            "知识点不属于这条规则", where="知识点", seen="、".join(wrong[:5]), remedy="请核对知识点编号，每行一个"
        )
    if bool(asked.first) != bool(asked.last) or (asked.first and asked.last and asked.first > asked.last):
        raise Refusal("期间须写明起止两日，且先后无误", where="发生日期", remedy="不限期间的，两处都不填")
    if asked.points and asked.first:
        raise Refusal("撤回知识点不能限定期间", where="发生日期", remedy="限定期间的，请撤回整条规则；否则不填期间")
    return Recall(
        rule_code=rule.code,
        rule_version=in_force.version_in(rule.code, asked.region),
        points={point: knowledge.fingerprint(known, point) for point in sorted(asked.points)},
        region=asked.region,
        first=asked.first,
        last=asked.last,
    )


@transaction.atomic
def propose(viewer: Viewer, asked: Asked, reason: str) -> Recall:
    """Refuses a region out of reach, a reason that is too short, and a second proposal while one waits."""
    _in_reach(viewer, asked.region)
    _written(reason, "原因")
    made = drafted(asked)
    made.reason, made.proposed_by = reason.strip(), viewer.user
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise Refusal(
            "该规则在本区划已有待确认的撤回", where=asked.rule_code, remedy="请先确认或者退回原来的"
        ) from None
    told = selectors.preview(made)
    detail = {"规则": made.rule_code, "版本": made.rule_version, "知识点": "、".join(made.points) or "全部"}
    detail |= {"原因": made.reason, "疑点": told.count, "金额（分）": told.amount_fen}
    record(viewer.user, "提出规则撤回", LEDGER_KIND, made.number, region=made.region, detail=detail)
    return made


@transaction.atomic
def decide(viewer: Viewer, pk: int, confirm: bool, opinion: str) -> Recall:
    """A second person confirms, which starts the work, or declines. Of two at once the second is refused."""
    made = _locked(viewer, pk)
    if made.outcome != Recall.Outcome.PENDING:
        raise Refusal("该撤回已经确认过", seen=made.get_outcome_display(), remedy="请刷新页面查看结果")
    if made.proposed_by_id == viewer.user.pk:
        raise Refusal("提出人不能确认自己的撤回", where="确认人", remedy="请由撤回审批岗的另一人确认（一事双审）")
    _written(opinion, "确认意见", at_least=0 if confirm else REASON_AT_LEAST)
    made.outcome = Recall.Outcome.CONFIRMED if confirm else Recall.Outcome.DECLINED
    made.decided_by, made.decided_at, made.opinion = viewer.user, timezone.now(), opinion.strip()
    if confirm:
        made.job = _job(made, viewer.user)
    made.save()
    act = "确认规则撤回" if confirm else "不同意规则撤回"
    record(viewer.user, act, LEDGER_KIND, made.number, region=made.region, detail={"意见": made.opinion})
    return made


@transaction.atomic
def go_on(viewer: Viewer, pk: int) -> Recall:
    """A confirmed recall whose work stopped, or left items that the one who confirmed could not withdraw, goes on with
    this person; never with the proposer."""
    made = _locked(viewer, pk)
    ended = made.job is not None and not made.job.active
    if made.outcome != Recall.Outcome.CONFIRMED or made.done_at or not ended:
        raise Refusal("该撤回没有中断", where=made.number, remedy="请等待其完成；已完成的不需继续")
    if made.proposed_by_id == viewer.user.pk:
        raise Refusal("提出人不能继续自己的撤回", where="办理人", remedy="请由撤回审批岗的另一人办理")
    made.items.filter(outcome=Item.Outcome.BARRED).delete()
    made.job = _job(made, viewer.user)
    made.save(update_fields=["job"])
    record(viewer.user, "继续规则撤回", LEDGER_KIND, made.number, region=made.region)
    return made


def _job(made: Recall, user: User) -> Job:
    return jobs.start(KIND, f"规则撤回 {made.number} {made.rule_code}", user, region=made.region)


def _locked(viewer: Viewer, pk: int) -> Recall:
    made = Recall.objects.select_for_update(of=("self",)).filter(pk=pk, region__in=viewer.regions).first()
    if made is None:
        raise Http404
    return made


def _in_reach(viewer: Viewer, region: str) -> None:
    if region not in viewer.regions:
        raise Refusal("区划不在本账号的管理范围内", where="区划", remedy="请选择本级或者下级区划")


def _written(text: str, where: str, at_least: int = REASON_AT_LEAST) -> None:
    """The ledger and the institutions' papers show it, so no number of a person may stand in it."""
    if len(text.strip()) < at_least:
        raise Refusal("须写明理由", where=where, remedy=f"请写明事实和依据，至少 {at_least} 个字")
    if re.search(r"\d{11,}", text):
        raise Refusal("不能写证件号码或电话号码", where=where, remedy="请只写事实、依据和文号")
