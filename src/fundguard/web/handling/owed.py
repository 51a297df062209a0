"""What a determination asks for: of which settlement and fund account, and apart from these of the insured person.

Whole to the fen: what a settlement lost is what its accounts are asked for. Where no settlement can carry a loss (goods
that are not there, a stay paid by case) two people of the agency state the accounts; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from fundguard import law
from fundguard.errors import Refusal
from fundguard.findings import settled
from fundguard.findings.funds import PATIENT, fund_accounts
from fundguard.findings.settled import Settled
from fundguard.web.allocations import selectors as allocations
from fundguard.web.core.templatetags.show import yuan
from fundguard.web.findings.models import Finding
from fundguard.web.fund import portions
from fundguard.web.fund.portions import Amounts, Portions
from fundguard.web.handling import settlements
from fundguard.web.rulebase import lookup

STATE_IT = "请在“资金追回”的“基金账户说明”中写明各账户的金额和依据，由另一人审批后再认定"
#: Parameter that says for the article a rule rests on whether the insured person's share is asked back.
PATIENT_SHARE = "recovery.patient_share"


@dataclass(frozen=True)
class Owed:
    """`amounts` by account, the patient's own share among them; `portions` by settlement where settlements carry it.
    `patient_flag` is the mark that the parameter behind the patient's share must show."""

    amounts: Amounts = field(default_factory=dict)
    portions: Portions = field(default_factory=dict)
    patient_flag: str = ""

    @property
    def loss(self) -> int:
        """Of the funds."""
        return sum(fen for code, fen in self.amounts.items() if code != PATIENT)

    @property
    def patient(self) -> int:
        return self.amounts.get(PATIENT, 0)


def owed(one: Finding, lines: Collection[str], amount_fen: int, day: date) -> Owed:
    """What this much of a finding asks for; `lines` are the charge lines that the reviewers left in. Within the
    caller's transaction: the settlements are held until it ends.

    Refusal where the loss is not known or lies on no settlement and nobody has stated the accounts, and where
    settlements have less left than they would be asked for.
    """
    stated = allocations.approved(one)
    if stated is not None:
        return _stated(one, stated, amount_fen)
    if one.fund_amount_fen is None:
        raise Refusal("该疑点的基金损失待核，不能登记追回", where="基金损失", seen=one.number, remedy=STATE_IT)
    if not one.amount_fen or not one.fund_amount_fen:  # a finding without money (N36), or for which no fund paid
        return Owed()
    carried = settlements.of_finding(one, lines)
    if not carried:
        raise Refusal("该疑点没有对应到结算，不能按基金账户分摊", where="结算", seen=one.number, remedy=STATE_IT)
    flag = patient_share(one, day)
    return _carried(one, carried, amount_fen, flag)


def patient_share(one: Finding, day: date) -> law.Value | None:
    """The value that lets the insured person's share of an overcharge be asked back; None where nothing does."""
    rule = lookup.rule(one.rule_code)
    key = f"{PATIENT_SHARE}.{rule.article if rule else ''}"
    if key not in law.parameter_keys():
        return None
    value = law.parameter(key, day=day, region=one.region)
    return value if value.value else None


def _carried(one: Finding, carried: tuple[Settled, ...], amount_fen: int, share: law.Value | None) -> Owed:
    accused = sum(of.accused_fen for of in carried)
    if amount_fen > accused:
        raise Refusal(
            "认定金额超过所涉结算中被指的金额",
            where="认定金额",
            seen=f"认定 {yuan(amount_fen)} 元，被指 {yuan(accused)} 元",
            remedy="请按仍在办理的费用明细核对认定金额",
        )
    parts = settled.amounts(amount_fen, carried)
    by_id = {of.setl_id: of for of in carried}
    if one.setl_id:  # one settlement: in the proportion that the finding itself tells
        losses = {one.setl_id: _share(one, amount_fen)}
    else:
        losses = {setl_id: by_id[setl_id].loss(fen) for setl_id, fen in parts.items()}
    portions.lock(losses)
    found = settled.portions(losses, carried, portions.taken(losses, without=one.pk))
    if share:
        for setl_id, fen in parts.items():
            borne = max(0, min(by_id[setl_id].borne(fen), fen - losses.get(setl_id, 0)))
            if borne:
                found.setdefault(setl_id, {})[PATIENT] = borne
    return Owed(settled.by_account(found), found, share.flagged if share else "")


def _share(one: Finding, amount_fen: int) -> int:
    """The funds' part of an amount in the proportion in which the finding's whole amount is their loss; half up."""
    whole, loss = one.amount_fen, one.fund_amount_fen or 0
    return min((2 * amount_fen * loss + whole) // (2 * whole), loss)


def _stated(one: Finding, stated: Amounts, amount_fen: int) -> Owed:
    """Accounts as two people stated them; where the finding has a settlement, no more than that paid."""
    whole = sum(stated.values())
    if whole > amount_fen:
        raise Refusal(
            "说明的各账户金额合计超过认定金额",
            where="基金账户说明",
            seen=f"说明 {yuan(whole)} 元，认定 {yuan(amount_fen)} 元",
            remedy="请重新填写基金账户说明并审批，或者核对认定金额",
        )
    found: dict[str, Amounts] = {one.setl_id: dict(stated)} if one.setl_id and stated else {}
    if found:
        _check_room(one, stated)
    return Owed(dict(stated), found)


def _check_room(one: Finding, stated: Amounts) -> None:
    """The settlement pays back of each account no more than that account paid of it, beside what others ask."""
    portions.lock([one.setl_id])
    taken = portions.taken([one.setl_id], without=one.pk).get(one.setl_id, {})
    paid = {code: fen for of in settlements.of_finding(one, ()) for code, fen in of.paid.items()}
    over = [code for code, fen in stated.items() if fen > paid.get(code, 0) - taken.get(code, 0)]
    if over:
        raise Refusal(
            "说明的金额超过各基金账户可分摊的余额",
            where="基金账户说明",
            seen="、".join(fund_accounts()[code].name for code in over),
            remedy="请核对该结算各账户的支付金额，重新填写说明",
        )
