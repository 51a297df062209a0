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
from fundguard.web.fund import services
from fundguard.web.fund.models import Booking, Demand
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
def lower(finding_key: str, fund_fen: int, decision: str, voucher: Voucher, actor: User | None) -> bool:
    """Whether the standing demand could be brought down to `fund_fen` of the funds' money; what was paid beyond is
    owed back. Where more is asked than before it is reversed wholly, and the caller determines anew."""
    demand = _standing(finding_key)
    if demand is None:
        return False
    former = sum(one.determined for code, one in services.balances(demand).items() if code != PATIENT)
    _mark(demand, suspended=False, actor=actor)
    if not 0 < fund_fen <= former:
        services.reverse(finding_key, voucher, actor)
        return False
    Demand.objects.filter(pk=demand.pk).update(decision=decision)
    if fund_fen < former:
        services.reverse(finding_key, voucher, actor, fen=former - fund_fen)
    return True


def _mark(demand: Demand, *, suspended: bool, actor: User | None) -> None:
    demand.suspended = suspended
    demand.save(update_fields=["suspended"])
    act = "暂停追回" if suspended else "恢复追回"
    record(actor, act, LEDGER_KIND, str(demand.pk), region=demand.region, detail={"疑点": demand.finding_key[:10]})


def _standing(finding_key: str) -> Demand | None:
    return Demand.objects.select_for_update().filter(finding_key=finding_key, standing=True).first()
