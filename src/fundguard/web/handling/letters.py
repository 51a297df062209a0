"""Papers that a step issues: which kinds, and what they say. Numbers are drawn and texts composed by `web.papers`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils import timezone

from fundguard import law
from fundguard.findings.funds import PATIENT, fund_accounts
from fundguard.web.accounts.models import Region
from fundguard.web.core.templatetags.show import yuan
from fundguard.web.desk import items, notices
from fundguard.web.desk.services import Done
from fundguard.web.findings import selectors as findings
from fundguard.web.findings.models import Finding
from fundguard.web.fund import portions
from fundguard.web.fund import selectors as fund
from fundguard.web.fund.models import Demand, Standing
from fundguard.web.handling.owed import Owed, patient_share
from fundguard.web.papers import services as papers
from fundguard.web.papers.models import Paper
from fundguard.web.papers.services import REVOCATION, Issue, Party
from fundguard.workflows.deadlines import running
from fundguard.workflows.posts import POSTS

NOTICE = "verification_notice"
ANSWER, REFUND = "finding.answer", "finding.refund"
ISSUERS = {"agency": "医疗保障经办机构", "bureau": "医疗保障局"}
OBJECTION = "对上述内容有异议的，可以向出具本文书的机构书面陈述意见并提交材料。"
CONTACT = "出具本通知的经办机构"
PAYEE = "经办机构的医疗保障基金账户（账号以经办机构书面告知的为准）"
#: Why papers lose force, by step; what somebody wrote as grounds does not go into the notice of revocation.
REASONS = {
    "clear": "经核实，疑点认定不成立",
    "return_to_review": "所依据的数据或者证据变更，重新审核",
    "correct": "所依据的数据或者证据变更，更正认定",
    "withdraw": "疑点撤回",
}
Values = dict[str, Any]


def send(done: Done) -> None:
    """The papers of the step with their numbers, and the notice that the institution reads on the finding's page."""
    one = Finding.objects.get(pk=done.row.object_id)
    issued = [
        _issue(done, one, kind, values) for kind, make in KINDS.get(done.step.verb, ()) if (values := make(done, one))
    ]
    notices.send(done, issued=[(paper.name, paper.number) for paper in issued])


def determination(done: Done, one: Finding, asked: Owed) -> str:
    """The paper of a determination; its number."""
    amount = done.papers["amount"]
    cited = "、".join(law.article(ref).cited for ref in done.papers["articles"])
    row = {"number": one.number, "rule": _rule(one), "article": cited, "amount": amount, "fund": asked.loss}
    notice = _in_force(done).filter(kind=NOTICE).order_by("-pk").first()
    values = {
        "notice": f"{notice.number}《{notice.name}》" if notice else "疑点告知",
        "count": 1,
        "amount": amount,
        "fund": asked.loss,
        "objection": OBJECTION,
        "findings": [row],
    }
    return _issue(done, one, "determination", values).number


def revoke(done: Done) -> None:
    """Every paper of the finding that is in force, by one notice of revocation or by the caller's for many items."""
    notices.revoke(done)
    if done.together:
        return
    _revoke(done, _in_force(done))


def revoke_decisions(done: Done) -> None:
    """What rests on the determination; that the institution was told of the finding stays true."""
    _revoke(done, _in_force(done).exclude(kind=NOTICE))


def _revoke(done: Done, found: Iterable[Paper]) -> None:
    keys = [paper.pk for paper in found]
    if keys:
        one = Finding.objects.get(pk=done.row.object_id)
        returned = fund.received(one.pk) if done.step.recalls else 0
        papers.revoke(_head(done, one, REVOCATION), keys, REASONS[done.step.verb], returned, done.by)


def _in_force(done: Done) -> Any:
    return Paper.objects.filter(about=done.row.object_id, revoked_on=None).exclude(kind=REVOCATION)


def _issue(done: Done, one: Finding, kind: str, values: Values) -> Paper:
    return papers.issue(_head(done, one, kind), values, done.by)


def _head(done: Done, one: Finding, kind: str) -> Issue:
    """From the side that took the step: the agency's or the bureau's; a machine's is the agency's."""
    sides = {POSTS[post].side for post in done.step.by}
    side = "bureau" if sides & {"bureau"} and not sides & {"machine"} else "agency"
    region = Region.objects.get(code=one.region)
    party = Party(one.fixmedins_code, one.institution_name or one.fixmedins_code)
    return Issue(kind, one.region, f"{region.name}{ISSUERS[side]}", party, timezone.localdate(done.at), one.pk)


def _verification(done: Done, one: Finding) -> Values:
    row = done.row
    told = {
        "number": one.number,
        "rule": _rule(one),
        "encounter": one.mdtrt_id or one.setl_id or "—",
        "day": f"{one.occurred_from:%Y-%m-%d}" if one.occurred_from else "—",
        "amount": row.amount_now_fen,
    }
    return {"count": 1, "amount": row.amount_now_fen, "contact": CONTACT, "findings": [told]} | _due(done, ANSWER)


def _agreement(done: Done, one: Finding) -> Values:
    demand = fund.standing(one.pk)
    if demand is None:
        return {}
    period = done.papers.get("settlement_period")
    owed = yuan(demand.open_fen)
    return {
        "determination": demand.decision,
        "clause": done.papers["agreement_clause"],
        "measure": f"拒付 {owed} 元，在{period}结算时扣减" if period else f"追回 {owed} 元",
        "fund": demand.open_fen,
        "objection": OBJECTION,
        "accounts": _accounts(demand),
    }


def _recovery(done: Done, one: Finding) -> Values:
    """Nothing where the funds are owed nothing."""
    demand = fund.standing(one.pk)
    if demand is None or not demand.open_fen:
        return {}
    told = {"decision": demand.decision, "fund": demand.open_fen, "payee": PAYEE, "accounts": _accounts(demand)}
    return told | _due(done, REFUND)


def _patient(done: Done, one: Finding) -> Values:
    """What the insured person paid too much, to be given back to that person; nothing where there is nothing of it."""
    demand = fund.standing(one.pk)
    owed_to = Standing.objects.filter(demand=demand, account=PATIENT, open__gt=0).first() if demand else None
    if demand is None or owed_to is None:
        return {}
    flag = share.flagged if (share := patient_share(one, timezone.localdate(done.at))) else ""
    asked = {setl_id: of[PATIENT] for setl_id, of in portions.of_demand(demand).items() if PATIENT in of}
    return {
        "decision": demand.decision,
        "amount": owed_to.open,
        "mark": f"（{flag}，依据由出具单位核实）" if flag else "",
        "settlements": [{"settlement": setl_id, "fen": fen} for setl_id, fen in asked.items()],
    }


def _due(done: Done, term: str) -> Values:
    """Last day of a term that the step opened, with the mark that stands beside it."""
    due = next(one for one in running(items.item(done.row), done.at) if one.term == term)
    return {"due_on": due.day, "due_mark": f"（{due.flag}）" if due.flag else ""}


def _accounts(demand: Demand) -> list[Values]:
    held = {one.account: one.open for one in Standing.objects.filter(demand=demand).exclude(account=PATIENT)}
    return [{"account": a.name, "fen": held[code]} for code, a in fund_accounts().items() if held.get(code)]


def _rule(one: Finding) -> str:
    return findings.rule_names().get(one.rule_code, one.rule_code)


#: Step → the kinds it issues, each with what fills it. A step without a row here sends its notice alone.
KINDS: dict[str, tuple[tuple[str, Callable[[Done, Finding], Values]], ...]] = {
    "notify": ((NOTICE, _verification),),
    "refuse_payment": (("agreement_handling", _agreement), ("patient_refund", _patient)),
    "recover": (("agreement_handling", _agreement), ("recovery", _recovery), ("patient_refund", _patient)),
    "decide_handling": (("recovery", _recovery), ("patient_refund", _patient)),
}
