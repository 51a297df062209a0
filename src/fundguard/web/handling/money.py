"""Money of a finding: what its determination asks each fund account for, and what later steps do to the demand."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.findings.funds import fund_accounts, paid_by_account, split
from fundguard.web.accounts.models import User
from fundguard.web.core.store import opened
from fundguard.web.desk import items
from fundguard.web.desk.services import Done
from fundguard.web.findings.models import Finding
from fundguard.web.fund import recovering, selectors
from fundguard.web.fund import services as fund
from fundguard.web.fund.models import Demand
from fundguard.web.fund.recovering import Deadline
from fundguard.web.fund.services import Determined, Voucher
from fundguard.web.handling import letters
from fundguard.web.ledger.services import record
from fundguard.workflows.deadlines import running

REFUND = "finding.refund"
COLUMNS = tuple(dict.fromkeys(one.column for one in fund_accounts().values() if one.column))
_NET = ", ".join(
    f"CAST(sum(CASE WHEN refd_setl_flag = '1' THEN -abs({c}) ELSE {c} END) AS BIGINT) AS {c}"
    for c in (*COLUMNS, "fund_pay_sumamt")
)
#: One settlement net of its refunds.
_SETTLEMENT = f"""
SELECT count(*) AS read, any_value(insutype) AS insutype, {_NET} FROM setl_d
WHERE setl_id = $setl_id OR (refd_setl_flag = '1' AND init_setl_id = $setl_id)
"""


def record_debt(done: Done) -> None:
    """The determination as a paper, and the demand that rests on it; no demand where the funds lost nothing."""
    one = _finding(done)
    loss = share(one, done.papers["amount"])
    decision = letters.determination(done, one, loss)
    if loss:
        fund.determine(_determined(done, one, loss, decision), done.by)


def correct_debt(done: Done) -> None:
    """Another determination in the place of the former, whose papers lose force; what was paid beyond is owed back."""
    one = _finding(done)
    loss = share(one, done.papers["amount"])
    letters.revoke_decisions(done)
    decision = letters.determination(done, one, loss)
    lowered = recovering.lower(done.row.object_id, loss, decision, _voucher(done, decision), done.by)
    if loss and not lowered:
        fund.determine(_determined(done, one, loss, decision), done.by)


def suspend_recovery(done: Done) -> None:
    recovering.suspend(done.row.object_id, done.by)


def demand_refund(done: Done) -> None:
    """The institution pays by the end of the workflow's own term."""
    due = next(term for term in running(items.item(done.row), done.at) if term.term == REFUND)
    recovering.ask(done.row.object_id, Demand.Way.REFUND, done.by, Deadline(due.day, due.flag, REFUND))


def deduct_next_settlement(done: Done) -> None:
    recovering.ask(done.row.object_id, Demand.Way.NEXT_SETTLEMENT, done.by)


def book_payment(done: Done) -> None:
    """The receipt is the voucher: all that is open is booked under it, unless the fund page has booked it already."""
    recovering.pay(done.row.object_id, _voucher(done, done.papers["receipt"].strip()), _person(done))


def return_money(done: Done) -> None:
    """The demand falls; what was paid is owed back to the institution."""
    fund.reverse(done.row.object_id, _voucher(done, "撤回"), done.by)


def open_case(done: Done) -> None:
    """The transfer as a row of its own; the case itself is kept where the bureau keeps its cases."""
    detail = {"疑点": done.row.object_id[:10], "环节": done.step.name}
    record(done.by, "登记移送立案", "移送立案", done.row.object_id, region=done.row.region, detail=detail)


def share(one: Finding, amount_fen: int) -> int:
    """The funds' part of an amount determined, in the proportion in which the finding's whole amount is their loss;
    half up, in fen. Refusal while the loss is not known."""
    if one.fund_amount_fen is None:
        raise Refusal(
            "该疑点的基金损失待核，不能登记追回",
            where="基金损失",
            seen=one.number,
            remedy="请先核实该结算是否按项目付费、基金支付是否已导入，重新核查后再认定",
        )
    whole = one.amount_fen
    if not whole:  # a finding without money (N36) has no loss to ask back
        return 0
    return min((2 * amount_fen * one.fund_amount_fen + whole) // (2 * whole), one.fund_amount_fen)


def by_account(one: Finding, loss: int) -> dict[str, int]:
    """`loss` over the fund accounts that paid the settlement, beside what other findings already ask of it."""
    return split(loss, paid_by_account(settlement(one)), selectors.demanded(one.setl_id))


def settlement(one: Finding) -> dict[str, Any]:
    """The finding's settlement net of refunds, read from the store. Refusal where it is not one settlement."""
    if one.setl_id:
        with opened().connect(regions=frozenset({one.region}), threads=1, memory="256MB") as connection:
            told = connection.execute(_SETTLEMENT, {"setl_id": one.setl_id})
            names = [column[0] for column in told.description]
            row = told.fetchone()
        if row and row[0]:
            return dict(zip(names, row, strict=True))
    raise Refusal(
        "该疑点没有对应到一笔结算，不能按基金账户分摊",
        where="结算",
        seen=one.number,
        remedy="涉及多笔结算的疑点，请在资金追回中按结算逐笔登记",
    )


def _determined(done: Done, one: Finding, loss: int, decision: str) -> Determined:
    return Determined(
        finding_key=one.pk,
        decision=decision,
        region=one.region,
        fixmedins_code=one.fixmedins_code,
        institution_name=one.institution_name,
        decided_on=timezone.localdate(done.at),
        amounts=by_account(one, loss),
        setl_id=one.setl_id,
    )


def _finding(done: Done) -> Finding:
    return Finding.objects.get(pk=done.row.object_id)


def _voucher(done: Done, number: str) -> Voucher:
    return Voucher(timezone.localdate(done.at), number)


def _person(done: Done) -> User:
    if done.by is None:
        raise ValueError("a payment is booked by a person")
    return done.by
