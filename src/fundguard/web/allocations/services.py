"""Stating the accounts of a loss, and the second person's decision; each leaves a row in the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.allocations import selectors
from fundguard.web.allocations.models import Allocation
from fundguard.web.core.templatetags.show import yuan
from fundguard.web.desk.models import StateRow
from fundguard.web.findings import selectors as findings
from fundguard.web.ledger.services import record

LEDGER_KIND = "基金账户说明"
GROUND_AT_LEAST = 6


@transaction.atomic
def state(viewer: Viewer, key: str, amounts: Mapping[str, int], ground: str) -> Allocation:
    """`amounts` by fund account in fen, parts of 0 left out. Refuses a finding whose loss its settlements tell, more
    than the finding is about, a ground that is too short, and a second statement while one waits."""
    one = findings.finding(viewer, key)
    row = StateRow.objects.select_for_update().filter(object_id=key, state__in=selectors.WAITING).first()
    if row is None or one.fund_amount_fen is not None:
        raise Refusal(
            "该疑点不需要填写基金账户说明",
            where=one.number,
            remedy="损失待核、正待认定的疑点才需填写；其余在认定时按结算分摊",
        )
    given = {code: fen for code, fen in amounts.items() if fen}
    _written(ground, "依据")
    if any(fen < 0 for fen in given.values()) or sum(given.values()) > row.amount_now_fen:
        raise Refusal(
            "各账户金额合计不能超过疑点目前的金额",
            where="各账户金额",
            seen=f"合计 {yuan(sum(given.values()))} 元，目前 {yuan(row.amount_now_fen)} 元",
            remedy="请按各基金账户实际支付的金额填写",
        )
    try:
        with transaction.atomic():
            made = Allocation.objects.create(
                finding_key=key,
                finding_id=one.finding_id,
                region=one.region,
                amounts=given,
                ground=ground.strip(),
                proposed_by=viewer.user,
            )
    except IntegrityError:
        raise Refusal("已有待审批的基金账户说明", where=one.number, remedy="请先由另一人审批原说明") from None
    detail = {"合计（元）": yuan(made.fen), "依据": made.ground, "说明": made.pk}
    record(viewer.user, "填写基金账户说明", LEDGER_KIND, key, region=one.region, detail=detail)
    return made


@transaction.atomic
def decide(viewer: Viewer, pk: int, approve: bool, opinion: str) -> Allocation:
    """A second person approves or declines. Refuses the one who stated it, one decided already, other evidence."""
    made = Allocation.objects.select_for_update().filter(pk=pk).first()
    if made is None:
        raise Http404
    one = findings.finding(viewer, made.finding_key)
    if made.outcome != Allocation.Outcome.PENDING:
        raise Refusal("该说明已经审批过", seen=made.get_outcome_display(), remedy="请刷新页面查看结果")
    if made.proposed_by_id == viewer.user.pk:
        raise Refusal("填写人不能审批自己的说明", where="审批人", remedy="请由另一名有审批权限的人员办理（一事双审）")
    if approve and made.finding_id != one.finding_id:
        raise Refusal("填写以后证据已经变更", where=one.number, remedy="请不同意本说明，按新证据重新填写")
    if not approve:
        _written(opinion, "审批意见")
    made.outcome = Allocation.Outcome.APPROVED if approve else Allocation.Outcome.DECLINED
    made.decided_by, made.decided_at, made.opinion = viewer.user, timezone.now(), opinion.strip()
    made.save()
    act = f"{'同意' if approve else '不同意'}基金账户说明"
    detail = {"合计（元）": yuan(made.fen), "说明": made.pk}
    record(viewer.user, act, LEDGER_KIND, made.finding_key, region=made.region, detail=detail)
    return made


def _written(text: str, where: str) -> None:
    """The ledger keeps it, so no number of a person may stand in it."""
    if len(text.strip()) < GROUND_AT_LEAST:
        raise Refusal("须写明依据", where=where, remedy=f"请写明事实和依据，至少 {GROUND_AT_LEAST} 个字")
    if re.search(r"\d{11,}", text):
        raise Refusal("不能写证件号码或电话号码", where=where, remedy="请只写事实、依据和文号")
