"""Writes of the book. Each runs in one transaction under a lock of its demand and leaves one row in the ledger.

Callers hand over plain values; who may do it is asked by the views (permission) and here (the same person twice).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.findings.funds import PATIENT, fund_accounts
from fundguard.findings.settled import by_account
from fundguard.law import calendar, parameter
from fundguard.web.accounts.models import User
from fundguard.web.core.templatetags.show import yuan
from fundguard.web.fund import months, portions
from fundguard.web.fund.book import ACTS, DEBIT, SIDES, Act, Balance, moves, room, spread
from fundguard.web.fund.models import Booking, Demand, Line, Proposal, Standing
from fundguard.web.fund.portions import Amounts, Portions
from fundguard.web.ledger.services import record

LEDGER_KIND = "追回事项"
REPAY_WITHIN = "recovery.repay_within"


@dataclass(frozen=True)
class Determined:
    """What a determination says about money. `amounts` by fund account in fen; `patient` is the insured person's own
    share of an overcharge. `portions` say of which settlements (`findings.settled`), and then add up to the amounts.
    `finding_key` is the key of what `source_kind` names. `deadline_key` names the law or agreement parameter."""

    finding_key: str
    decision: str
    region: str
    fixmedins_code: str
    institution_name: str
    decided_on: date
    amounts: Amounts
    portions: Portions = field(default_factory=dict)
    deadline_key: str = REPAY_WITHIN
    source_kind: str = Demand.Source.FINDING


@dataclass(frozen=True)
class Voucher:
    """On what a booking rests: the day the money counts, the number of its paper, a note."""

    effective_on: date
    number: str = ""
    note: str = ""
    proposal: Proposal | None = None


@transaction.atomic
def determine(given: Determined, actor: User | None) -> Demand:
    """Opens a demand. Refuses an unknown account, an amount not above zero, a finding that has a demand already."""
    unknown = set(given.amounts) - set(fund_accounts())
    if unknown or not given.amounts or min(given.amounts.values()) <= 0:
        raise Refusal(
            "认定金额须按基金账户填写，且大于零",
            where="认定金额",
            seen="、".join(sorted(unknown)) or str(dict(given.amounts)),
            remedy="请核对基金账户和金额；没有应退金额的，不登记追回",
        )
    if given.portions and by_account(given.portions) != dict(given.amounts):
        raise ValueError("portions add up to the amounts")
    due_on, due_flag = deadline(given.deadline_key, given.decided_on, given.region)
    values = {name: value for name, value in vars(given).items() if name not in ("amounts", "portions")}
    try:
        with transaction.atomic():
            demand = Demand.objects.create(**values, due_on=due_on, due_flag=due_flag, created_by=actor)
    except IntegrityError:
        raise Refusal(
            f"该{Demand.Source(given.source_kind).label}已经登记追回，同一笔钱只追回一次",
            where="来源编号",
            seen=given.finding_key,
            remedy="请在原追回事项上办理；认定有变的，先撤销原认定",
        ) from None
    for account in given.amounts:
        Standing.objects.create(demand=demand, account=account, **dict.fromkeys(SIDES, 0))
    portions.write(demand, given.portions)
    post(demand, ACTS["determined"], given.amounts, Voucher(given.decided_on, given.decision), actor)
    return demand


@transaction.atomic
def book(  # noqa: PLR0913 (what stands on a voucher)
    demand_pk: int, act_code: str, fen: int, voucher: Voucher, actor: User, *, patient: bool = False
) -> Booking:
    """Books by hand what was refused, repaid or given back. The amount is spread over the fund accounts in proportion
    to what each has left, or books the patient's own share alone."""
    act = ACTS[act_code]
    if not act.by_hand:
        raise Refusal("该事项不能手工登记", where="事项", seen=act.name, remedy="核销、撤销请按相应程序办理")
    demand = locked(demand_pk)
    _check_voucher(demand, act, voucher)
    try:
        with transaction.atomic():
            return post(demand, act, shares(demand, act, fen, patient=patient), voucher, actor)
    except IntegrityError:
        raise Refusal(
            "该凭证已经登记过，本次没有重复登记",
            where="凭证号",
            seen=voucher.number,
            remedy="请刷新页面核对账目；确属另一笔的，请填写它自己的凭证号",
        ) from None


@transaction.atomic
def reverse(
    finding_key: str,
    voucher: Voucher,
    actor: User | None,
    *,
    fen: int | None = None,
    parts: Portions | None = None,
) -> Booking | None:
    """Takes back the determination of a finding, wholly, for `fen` of the funds' money, or by `parts`
    (objection upheld, recall).

    What is still open is dropped first, then what was written off; what was paid is from now on owed back. A finding
    without a standing demand is left alone: None.
    """
    demand = Demand.objects.select_for_update().filter(finding_key=finding_key, standing=True).first()
    if demand is None:
        return None
    act = ACTS["reversed"]
    if parts is not None:
        amounts = by_account(parts)
    elif fen is None:
        amounts = {code: b.determined for code, b in balances(demand).items() if b.determined}
    else:
        amounts = shares(demand, act, fen)
    portions.lower(demand, amounts, parts)
    return post(demand, act, amounts, voucher, actor)


def check_void(demand: Demand, former: Booking) -> dict[str, Balance]:
    """The balances after a correction of this booking; Refusal where it cannot be undone."""
    if not ACTS[former.act].voidable or former.voids_id:
        raise Refusal(
            "这笔账目不能冲正", where="账目", seen=former.get_act_display(), remedy="请选择拒付、退回、返还或核销的账目"
        )
    if Booking.objects.filter(voids=former).exists():
        raise Refusal("这笔账目已经冲正过", where="账目", seen=former.voucher, remedy="请刷新页面核对账目")
    kept = balances(demand)
    for line in former.lines.all():
        before = kept[line.account]
        change = line.fen if line.side in DEBIT else -line.fen
        kept[line.account] = replace(before, **{line.side: getattr(before, line.side) - change})
    if not all(balance.sound for balance in kept.values()):
        raise Refusal(
            "冲正后账目不能平衡：这笔钱已经返还，或认定已经撤销",
            where="账目",
            seen=former.voucher,
            remedy="请先冲正在它之后登记的返还",
        )
    return kept


def void(demand: Demand, former: Booking, voucher: Voucher, actor: User) -> Booking:
    """Undoes a booking made in error with the same lines the other way round. The demand is locked by the caller."""
    kept = check_void(demand, former)
    lines = list(former.lines.all())
    booking = _booking(demand, former.act, voucher, actor, voids=former)
    Line.objects.bulk_create(Line(booking=booking, account=x.account, side=x.side, fen=-x.fen) for x in lines)
    _keep(demand, kept)
    fen = sum(line.fen for line in lines if line.fen > 0)
    _tell(demand, f"冲正{former.get_act_display()}", fen, voucher, actor)
    return booking


def post(demand: Demand, act: Act, amounts: Amounts, voucher: Voucher, actor: User | None) -> Booking:
    """One booking with its lines, the balances after it and a row in the ledger; the demand is locked by the caller."""
    booking = _booking(demand, act.code, voucher, actor)
    kept = balances(demand)
    lines = []
    for account, fen in amounts.items():
        made, kept[account] = moves(kept[account], act, fen)
        for debit, credit, part in made:
            lines += [
                Line(booking=booking, account=account, side=debit, fen=part),
                Line(booking=booking, account=account, side=credit, fen=-part),
            ]
    Line.objects.bulk_create(lines)
    _keep(demand, kept)
    _tell(demand, act.name, sum(amounts.values()), voucher, actor)
    return booking


def shares(demand: Demand, act: Act, fen: int, *, patient: bool = False) -> dict[str, int]:
    """`fen` over the accounts of the demand; Refusal in yuan where the act cannot move that much."""
    held = balances(demand)
    rooms = [room(b, act) for code, b in held.items() if (code == PATIENT) == patient and (act.patient or not patient)]
    if not 0 < fen <= sum(rooms):
        raise Refusal(
            f"{act.name}金额须大于零，且不超过可办理的余额",
            where="参保人个人负担" if patient else "基金",
            seen=f"填写 {yuan(fen)} 元，可办理 {yuan(sum(rooms))} 元",
            remedy="请核对金额；余额可能刚被他人办理，请刷新页面",
        )
    return spread(held, act, fen, patient=patient)


def balances(demand: Demand) -> dict[str, Balance]:
    held = {one.account: one.balance for one in Standing.objects.filter(demand=demand)}
    return {code: held[code] for code in fund_accounts() if code in held}


def locked(demand_pk: int) -> Demand:
    """The demand, held against every other writer until the transaction ends."""
    return Demand.objects.select_for_update().get(pk=demand_pk)


def deadline(key: str, day: date, region: str) -> tuple[date, str]:
    """Last day to repay and the mark to show (演示值, 暂定). The parameter counts working or calendar days."""
    value = parameter(key, day=day, region=region)
    if value.unit == "working_days":
        end = calendar.after_workdays(day, value.value)
        return end.day, "、".join(filter(None, (value.flagged, "暂定" if end.provisional else "")))
    if value.unit != "days":
        raise Refusal("期限参数的单位不是日", where=key, seen=value.unit, remedy="请改用以日或工作日计的参数")
    return day + timedelta(days=value.value), value.flagged


def _booking(demand: Demand, act: str, voucher: Voucher, actor: User | None, voids: Booking | None = None) -> Booking:
    return Booking.objects.create(
        demand=demand,
        act=act,
        effective_on=voucher.effective_on,
        carried_to=months.carried_to(demand.region, voucher.effective_on),
        voucher=voucher.number,
        note=voucher.note,
        proposal=voucher.proposal,
        voids=voids,
        actor=actor,
    )


def renew(demand: Demand) -> None:
    """The next day on which money is due, by the newest approved plan: the first instalment not yet covered."""
    plan = demand.proposals.filter(kind="instalments", outcome=Proposal.Outcome.APPROVED).order_by("decided_at").last()
    if plan is None:
        return
    parts = list(plan.instalments.all())
    paid = sum(part.fen for part in parts) - demand.open_fen
    for part in parts:
        demand.due_on = part.due_on
        paid -= part.fen
        if paid < 0:
            break
    demand.save(update_fields=["due_on"])


def _keep(demand: Demand, kept: Mapping[str, Balance]) -> None:
    for account, balance in kept.items():
        Standing.objects.filter(demand=demand, account=account).update(**vars(balance))
    demand.open_fen = sum(balance.open for code, balance in kept.items() if code != PATIENT)
    demand.state = _state(kept.values())
    demand.standing = any(balance.determined for balance in kept.values())
    demand.save(update_fields=["open_fen", "state", "standing"])
    renew(demand)


def _state(kept: Iterable[Balance]) -> str:
    """What is left to do first: money to come, then money to give back."""
    whole = list(kept)
    if any(balance.open for balance in whole):
        return Demand.State.OPEN
    if any(balance.owed_back for balance in whole):
        return Demand.State.OWED
    return Demand.State.SETTLED if any(balance.determined for balance in whole) else Demand.State.REVERSED


def _check_voucher(demand: Demand, act: Act, voucher: Voucher) -> None:
    """Money that came or went did so by today; a refusal at settlement may stand in this month's or the next one's."""
    today = timezone.localdate()
    if act.code == "refusal_of_payment" and demand.suspended:
        raise Refusal(
            "认定正在更正，暂停追回",
            where="追回事项",
            seen=demand.number,
            remedy="请等更正认定以后，按更正后的金额办理",
        )
    latest = months.next_month(months.next_month(today)) - timedelta(days=1)
    last = latest if act.code == "refusal_of_payment" else today
    if not voucher.number.strip() or not demand.decided_on <= voucher.effective_on <= last:
        raise Refusal(
            "须填写凭证号，发生日期须在认定日期之后、且不晚于可登记的最后一日",
            where="凭证号、发生日期",
            seen=f"{voucher.effective_on}，可填 {demand.decided_on} 至 {last}",
            remedy="请按银行回单或结算单填写",
        )


def _tell(demand: Demand, act: str, fen: int, voucher: Voucher, actor: User | None) -> None:
    detail = {"金额（元）": yuan(fen), "凭证号": voucher.number, demand.source: demand.finding_key[:10]}
    record(actor, act, LEDGER_KIND, str(demand.pk), region=demand.region, detail=detail)
