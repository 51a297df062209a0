"""What the handling of a finding does to its demand: way and deadline, payment, suspension, another amount.

Each works on the finding's standing demand, locked; a finding that owes the funds nothing has none, and is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from fundguard.errors import Refusal
from fundguard.findings.funds import PATIENT
from fundguard.web.accounts.models import User
from fundguard.web.fund import portions, services
from fundguard.web.fund.book import ACTS
from fundguard.web.fund.models import Booking, Demand, Standing
from fundguard.web.fund.portions import Amounts, Portions
from fundguard.web.fund.services import LEDGER_KIND, Voucher
from fundguard.web.ledger.services import record

#: Way of recovery → act that books what came in by it; before any way is decided the institution pays of itself.
BOOKED_AS = {Demand.Way.NEXT_SETTLEMENT: "refusal_of_payment", Demand.Way.REFUND: "repaid", "": "repaid"}


@dataclass(frozen=True)
class Deadline:
    """Last day, the mark that stands beside it, and the parameter that sets it."""

    due_on: date
    due_flag: str
    key: str


@transaction.atomic
def ask(finding_key: str, way: Demand.Way, actor: User | None, deadline: Deadline | None = None) -> Demand | None:
    """How the money comes back and, where the decision sets a term, by when."""
    demand = _standing(finding_key)
    if demand is None:
        return None
    demand.way = way
    if deadline:
        demand.due_on, demand.due_flag, demand.deadline_key = deadline.due_on, deadline.due_flag, deadline.key
    demand.save(update_fields=["way", "due_on", "due_flag", "deadline_key"])
    detail = {"追回方式": way.label, "应退日期": str(demand.due_on)}
    record(actor, "确定追回方式", LEDGER_KIND, str(demand.pk), region=demand.region, detail=detail)
    return demand


@transaction.atomic
def pay(finding_key: str, voucher: Voucher, actor: User) -> Booking:
    """Books all that is still open of the funds under this voucher, once.

    A part is booked on the page of the demand; its voucher is recognised here and not booked again.
    """
    demand = _standing(finding_key)
    if demand is not None:
        act = BOOKED_AS[demand.way]
        booked = Booking.objects.filter(demand=demand, act=act, voucher=voucher.number, voids=None)
        undone = Booking.objects.filter(demand=demand, voids__isnull=False).values("voids")
        if known := booked.exclude(pk__in=undone).first():
            return known
        if demand.open_fen:
            return services.book(demand.pk, act, demand.open_fen, voucher, actor)
    raise Refusal(
        "没有未追回的金额，不能登记退款", where="凭证号", seen=voucher.number, remedy="请在资金追回中核对该疑点的账目"
    )


@transaction.atomic
def suspend(finding_key: str, actor: User | None) -> None:
    """Nothing is demanded or deducted while the determination is corrected; what comes in all the same is booked."""
    demand = _standing(finding_key)
    if demand is not None:
        _mark(demand, suspended=True, actor=actor)


@transaction.atomic
def lower(finding_key: str, amounts: Amounts, parts: Portions, voucher: Voucher, actor: User | None) -> bool:
    """Whether the standing demand could be brought down to these amounts, settlement by settlement; what was paid
    beyond is owed back. Where some account is asked for more than before it is reversed wholly, and the caller
    determines anew. The voucher's number is the new decision's."""
    demand = _standing(finding_key)
    if demand is None:
        return False
    _mark(demand, suspended=False, actor=actor)
    down = _down(demand, amounts, parts)
    if down is None:
        services.reverse(finding_key, voucher, actor)
        return False
    Demand.objects.filter(pk=demand.pk).update(decision=voucher.number)
    if down:
        services.reverse(finding_key, voucher, actor, parts=down)
    return True


def _down(demand: Demand, amounts: Amounts, parts: Portions) -> Portions | None:
    """What is asked less than before, by settlement and account; None where anything is asked more, or nothing at all.
    A demand without settlements is one part of its own."""
    former = portions.of_demand(demand)
    now: Portions = parts
    if not former or not parts:
        if former or parts:
            return None
        former, now = {"": {code: one.determined for code, one in services.balances(demand).items()}}, {"": amounts}
    less = {
        setl_id: {code: fen - now.get(setl_id, {}).get(code, 0) for code, fen in of.items()}
        for setl_id, of in former.items()
    }
    more = any(code not in former.get(setl_id, {}) for setl_id, of in now.items() for code in of)
    if more or not amounts or any(fen < 0 for of in less.values() for fen in of.values()):
        return None
    left = {setl_id: {code: fen for code, fen in of.items() if fen} for setl_id, of in less.items()}
    return {setl_id: of for setl_id, of in left.items() if of}


@transaction.atomic
def return_deductions(finding_key: str, voucher: Voucher, actor: User) -> int:
    """What was refused at settlements and is owed back since the determination fell: given back in the clearing of the
    voucher's month, each account its own. How many fen."""
    returned = 0
    for demand in Demand.objects.select_for_update().filter(finding_key=finding_key).order_by("pk"):
        held = services.balances(demand)
        amounts = {code: min(one.owed_back, one.refusal_of_payment - one.given_back) for code, one in held.items()}
        amounts = {code: fen for code, fen in amounts.items() if fen > 0}
        if amounts:
            services.post(demand, ACTS["given_back"], amounts, voucher, actor)
            returned += sum(amounts.values())
    return returned


def owed_back(finding_key: str) -> int:
    """Fen that the funds owe an institution of a finding."""
    held = Standing.objects.filter(demand__finding_key=finding_key).exclude(account=PATIENT)
    return sum(one.owed_back for one in held)


def _mark(demand: Demand, *, suspended: bool, actor: User | None) -> None:
    demand.suspended = suspended
    demand.save(update_fields=["suspended"])
    act = "暂停追回" if suspended else "恢复追回"
    record(actor, act, LEDGER_KIND, str(demand.pk), region=demand.region, detail={"疑点": demand.finding_key[:10]})


def _standing(finding_key: str) -> Demand | None:
    return Demand.objects.select_for_update().filter(finding_key=finding_key, standing=True).first()
