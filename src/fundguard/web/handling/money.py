"""Money of a finding: what its determination asks each fund account for, and what later steps do to the demand."""

from __future__ import annotations

from django.utils import timezone

from fundguard.web.accounts.models import User
from fundguard.web.desk import items
from fundguard.web.desk.services import Done
from fundguard.web.findings.models import Finding
from fundguard.web.fund import recovering
from fundguard.web.fund import services as fund
from fundguard.web.fund.models import Demand
from fundguard.web.fund.recovering import Deadline
from fundguard.web.fund.services import Determined, Voucher
from fundguard.web.handling import letters
from fundguard.web.handling.owed import Owed, owed
from fundguard.web.ledger.services import record
from fundguard.workflows.deadlines import running

REFUND = "finding.refund"


def record_debt(done: Done) -> None:
    """The determination as a paper, and the demand that rests on it; no demand where the funds lost nothing."""
    one, asked = _owed(done)
    decision = letters.determination(done, one, asked)
    if asked.amounts:
        fund.determine(_determined(done, one, asked, decision), done.by)


def correct_debt(done: Done) -> None:
    """Another determination in the place of the former, whose papers lose force; what was paid beyond is owed back."""
    one, asked = _owed(done)
    letters.revoke_decisions(done)
    decision = letters.determination(done, one, asked)
    voucher = _voucher(done, decision)
    lowered = recovering.lower(done.row.object_id, asked.amounts, asked.portions, voucher, done.by)
    if asked.amounts and not lowered:
        fund.determine(_determined(done, one, asked, decision), done.by)


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


def _determined(done: Done, one: Finding, asked: Owed, decision: str) -> Determined:
    return Determined(
        finding_key=one.pk,
        decision=decision,
        region=one.region,
        fixmedins_code=one.fixmedins_code,
        institution_name=one.institution_name,
        decided_on=timezone.localdate(done.at),
        amounts=asked.amounts,
        portions=asked.portions,
    )


def _owed(done: Done) -> tuple[Finding, Owed]:
    one = Finding.objects.select_related("run").get(pk=done.row.object_id)
    current = frozenset(done.row.lines)  # a correction has other evidence than the reviewer's lines were chosen from
    lines = done.before.lines_now & current or current
    return one, owed(one, lines, done.papers["amount"], timezone.localdate(done.at))


def _voucher(done: Done, number: str) -> Voucher:
    return Voucher(timezone.localdate(done.at), number)


def _person(done: Done) -> User:
    if done.by is None:
        raise ValueError("a payment is booked by a person")
    return done.by
