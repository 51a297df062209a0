"""What one person proposes and another decides: write-off, instalments, correction of a booking."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.law import parameter
from fundguard.web.accounts.models import User
from fundguard.web.core.templatetags.show import yuan
from fundguard.web.fund import services
from fundguard.web.fund.book import ACTS
from fundguard.web.fund.models import Booking, Demand, Instalment, Proposal
from fundguard.web.fund.services import LEDGER_KIND, Voucher
from fundguard.web.ledger.services import record

LONGEST_PLAN = "recovery.longest_plan"
REASON_AT_LEAST = 6
Content = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """`check` refuses content that cannot be carried out now; it is asked when proposed and again when approved."""

    name: str
    check: Callable[[Demand, Content], None]
    perform: Callable[[Demand, Proposal, User], object]


@transaction.atomic
def propose(demand_pk: int, kind: str, content: Content, reason: str, actor: User) -> Proposal:
    """`content`: `{"fen"}` (write-off), `{"parts": [[day, fen], …]}` (instalments), `{"booking"}` (correction)."""
    _check_reason(reason, "理由")
    demand = services.locked(demand_pk)
    KINDS[kind].check(demand, content)
    try:
        with transaction.atomic():
            made = Proposal.objects.create(demand=demand, kind=kind, content=content, reason=reason, proposed_by=actor)
    except IntegrityError:
        raise Refusal(
            f"已有待审批的{KINDS[kind].name}",
            where=demand.number,
            seen="每类同时只能有一件",
            remedy="请先由另一人审批原申请",
        ) from None
    _tell(made, f"提出{KINDS[kind].name}", actor, reason)
    return made


@transaction.atomic
def decide(proposal_pk: int, approve: bool, opinion: str, actor: User) -> Proposal:
    """A second person approves, which carries it out at once, or declines. Refuses the proposer and a decided one."""
    demand = services.locked(Proposal.objects.values_list("demand_id", flat=True).get(pk=proposal_pk))
    made = Proposal.objects.get(pk=proposal_pk)
    if made.outcome != Proposal.Outcome.PENDING:
        raise Refusal("该申请已经审批过", seen=made.get_outcome_display(), remedy="请刷新页面查看结果")
    if made.proposed_by_id == actor.pk:
        raise Refusal("提出人不能审批自己的申请", where="审批人", remedy="请由另一名有审批权限的人员办理（一事双审）")
    _check_reason(opinion, "审批意见", at_least=0 if approve else REASON_AT_LEAST)
    kind = KINDS[made.kind]
    if approve:
        kind.check(demand, made.content)
    made.outcome = Proposal.Outcome.APPROVED if approve else Proposal.Outcome.DECLINED
    made.decided_by, made.decided_at, made.opinion = actor, timezone.now(), opinion.strip()
    made.save()
    _tell(made, f"{'同意' if approve else '不同意'}{kind.name}", actor, opinion)
    if approve:
        kind.perform(demand, made, actor)
    return made


def equal_parts(fen: int, count: int, first: date) -> list[list[Any]]:
    """`count` monthly instalments on the day of the month of `first` (the last one of a shorter month); the sum is
    exact, the earlier ones a fen larger. The form that `propose` takes."""
    months = [first.year * 12 + first.month - 1 + n for n in range(count)]
    days = [_in_month(month, first.day).isoformat() for month in months]
    return [[day, fen // count + (n < fen % count)] for n, day in enumerate(days)]


def _check_write_off(demand: Demand, content: Content) -> None:
    services.shares(demand, ACTS["written_off"], content["fen"])


def _write_off(demand: Demand, made: Proposal, actor: User) -> Booking:
    act = ACTS["written_off"]
    amounts = services.shares(demand, act, made.content["fen"])
    voucher = Voucher(timezone.localdate(), f"核销审批 {made.pk}", proposal=made)
    return services.post(demand, act, amounts, voucher, actor)


def _check_plan(demand: Demand, content: Content) -> None:
    """Instalments cover exactly what is open, in order of days, within the longest plan of the region."""
    parts = [(date.fromisoformat(day), fen) for day, fen in content["parts"]]
    open_now = demand.open_fen
    days = [day for day, _ in parts]
    if sum(fen for _, fen in parts) != open_now or not parts or min(fen for _, fen in parts) <= 0:
        raise Refusal(
            "分期合计须等于未追回的基金金额",
            where="分期计划",
            seen=f"合计 {yuan(sum(fen for _, fen in parts))} 元，未追回 {yuan(open_now)} 元",
            remedy="请按当前余额重新提出",
        )
    today = timezone.localdate()
    longest = parameter(LONGEST_PLAN, day=today, region=demand.region)
    end = _in_month(today.year * 12 + today.month - 1 + longest.value, today.day)
    if sorted(set(days)) != days or days[0] < today or days[-1] > end:
        raise Refusal(
            "分期须自今日起按日期先后排列，且不超过最长期数",
            where="分期计划",
            seen=f"{days[0]} 至 {days[-1]}，最迟 {end}",
            remedy=f"请在 {longest.value} 个月内安排{'（演示值）' if longest.flagged else ''}",
        )


def _plan(demand: Demand, made: Proposal, actor: User) -> None:
    parts: Sequence[tuple[str, int]] = made.content["parts"]
    Instalment.objects.bulk_create(
        Instalment(proposal=made, due_on=date.fromisoformat(day), fen=fen) for day, fen in parts
    )
    services.renew(demand)


def _check_void(demand: Demand, content: Content) -> None:
    services.check_void(demand, _booking(demand, content))


def _void(demand: Demand, made: Proposal, actor: User) -> Booking:
    former = _booking(demand, made.content)
    voucher = Voucher(former.effective_on, former.voucher, "冲正", made)
    return services.void(demand, former, voucher, actor)


def _booking(demand: Demand, content: Content) -> Booking:
    found = Booking.objects.filter(demand=demand, pk=content["booking"]).first()
    if found is None:
        raise Refusal("没有这笔账目", where=demand.number, remedy="请从账目列表中选择")
    return found


KINDS = {
    "write_off": Kind("核销", _check_write_off, _write_off),
    "instalments": Kind("分期退回", _check_plan, _plan),
    "void": Kind("冲正", _check_void, _void),
}


def _in_month(month: int, day: int) -> date:
    """`month` counts from year 0."""
    first = date(month // 12, month % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return last.replace(day=min(day, last.day))


def _check_reason(reason: str, where: str, at_least: int = REASON_AT_LEAST) -> None:
    """The ledger keeps the reason, so no number of a person may stand in it."""
    if len(reason.strip()) < at_least:
        raise Refusal("须写明理由", where=where, remedy=f"请写明事实和依据，至少 {at_least} 个字")
    if re.search(r"\d{11,}", reason):
        raise Refusal("理由中不能写证件号码或电话号码", where=where, remedy="请只写事实、依据和文号")


def _tell(made: Proposal, act: str, actor: User, reason: str) -> None:
    detail = {"理由": reason.strip(), "审批事项": made.pk}
    record(actor, act, LEDGER_KIND, str(made.demand_id), region=made.demand.region, detail=detail)
