"""Writes of an institution: what it found of each problem, the sign-off, the report, and the money it gives back.

A submitted refund is a demand of the recovery book like any other: paid, deducted and cleared there. That it was given
back before it was found is recorded with its day; what follows from that is for those who decide, not for this code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.fund import services as fund
from fundguard.web.fund.models import Demand
from fundguard.web.fund.portions import Portions
from fundguard.web.fund.services import Determined
from fundguard.web.ledger.services import record
from fundguard.web.portal import selectors as portal
from fundguard.web.selfcheck import claims, selectors
from fundguard.web.selfcheck.models import Report, Reported

LEDGER_KIND = "自查报告"
#: What the key of a demand begins with that rests on a self-check and not on a finding.
DEMAND_KEY = "ZC-"
Outcome, How, State = Reported.Outcome, Reported.How, Report.State


@transaction.atomic
def open_report(viewer: Viewer, campaign: int, code: str) -> Report:
    """The institution's report on a campaign, begun where there is none yet."""
    one = selectors.campaign(viewer, campaign)
    selectors.audience(viewer, code)
    if timezone.localdate() < one.starts_on:
        raise Refusal("自查还没有开始", where="自查", seen=f"{one.starts_on} 开始", remedy="请在开始之日以后填写")
    name, region = claims.place_of(code)
    made, fresh = Report.objects.get_or_create(
        campaign=one,
        fixmedins_code=code,
        defaults={
            "region": region or one.region,
            "institution_name": name,
            "prepared_by": viewer.user,
        },
    )
    if fresh:
        _tell(viewer, "开始自查", made, {})
    return made


@transaction.atomic
def tell(viewer: Viewer, pk: int, problem: int, version: int, given: Mapping[str, Any]) -> Reported:
    """What was found of one problem; the values of `forms.ReportedForm`."""
    one = _writable(viewer, pk, version)
    known = {row.pk: row for part in selectors.by_field(one) for row, _ in part.rows}
    if problem not in known:
        raise Http404
    values = dict(given)
    if given["outcome"] != Outcome.FOUND:
        values |= {"how": "", "refs": "", "first": None, "last": None, "amounts": {}}
    else:
        claims.check(one, values)
    made, _ = Reported.objects.update_or_create(report=one, problem=known[problem], defaults=values)
    _changed(viewer, one)
    detail = {"序号": known[problem].number, "结果": made.get_outcome_display(), "退回（分）": made.fen}
    _tell(viewer, "填写自查结果", one, detail)
    return made


@transaction.atomic
def tell_rest(viewer: Viewer, pk: int, field: str, version: int) -> int:
    """Everything of one field of which nothing was told yet: checked, nothing found. How many."""
    one = _writable(viewer, pk, version)
    part = next((part for part in selectors.by_field(one) if part.name == field), None)
    rest = [problem for problem, told in part.rows if told is None] if part else []
    Reported.objects.bulk_create(Reported(report=one, problem=row, outcome=Outcome.NONE) for row in rest)
    if rest:
        _changed(viewer, one)
        _tell(viewer, "填写自查结果", one, {"领域": field, "未发现": len(rest)})
    return len(rest)


@transaction.atomic
def sign(viewer: Viewer, pk: int, version: int, signed_as: str) -> Report:
    """The sign-off inside: by another account than the one that filled it in, where the institution has two."""
    one = _writable(viewer, pk, version)
    missing = sum(part.open for part in selectors.by_field(one))
    if missing:
        raise Refusal(
            "还有问题没有填写自查结果",
            where=LEDGER_KIND,
            seen=f"{missing} 项",
            remedy="请逐项填写，或者按领域填写未发现",
        )
    if one.prepared_by_id == viewer.user.pk and _others(one, viewer):
        raise Refusal(
            "填写人不能签批自己填写的报告", where="签批", remedy="请由本机构的另一账号签批；本机构只有一个账号的除外"
        )
    one.state, one.signed_by, one.signed_as, one.signed_at = State.SIGNED, viewer.user, signed_as, timezone.now()
    one.version += 1
    one.save()
    _tell(viewer, "签批自查报告", one, {"依据": signed_as})
    return one


@transaction.atomic
def submit(viewer: Viewer, pk: int, version: int) -> Report:
    """The signed report to the bureau, and each refund to the recovery book."""
    one = _writable(viewer, pk, version)
    if one.state != State.SIGNED:
        raise Refusal("报告还没有签批", where=LEDGER_KIND, remedy="请先由本机构负责人签批")
    today = timezone.localdate()
    claims.hold(one)
    for row in one.reported.filter(outcome=Outcome.FOUND).select_related("problem"):
        asked = claims.check(one, vars(row))
        row.before_detection = not portal.known_about(one.fixmedins_code, row.how, row.refs.split())
        row.save(update_fields=["before_detection"])
        if row.amounts:
            fund.determine(_demand(one, row, asked, today), viewer.user)
    one.state, one.submitted_by, one.submitted_at = State.SUBMITTED, viewer.user, timezone.now()
    one.version += 1
    one.save()
    total = sum(row.fen for row in one.reported.all())
    _tell(viewer, "提交自查报告", one, {"报告": one.number, "主动退回（分）": total, "提交日期": str(today)})
    return one


def _demand(one: Report, row: Reported, asked: Portions, today: date) -> Determined:
    return Determined(
        finding_key=f"{DEMAND_KEY}{row.pk}",
        decision=one.number,
        region=one.region,
        fixmedins_code=one.fixmedins_code,
        institution_name=one.institution_name,
        decided_on=today,
        amounts=row.amounts,
        portions=asked,
        source_kind=Demand.Source.SELF_CHECK,
    )


def _writable(viewer: Viewer, pk: int, version: int) -> Report:
    """The report, held; Refusal where it was submitted, its day is over, or somebody changed it meanwhile."""
    one = selectors.reports(viewer).select_for_update(of=("self",)).filter(pk=pk).first()
    if one is None or viewer.institutions is None:
        raise Http404
    if one.state == State.SUBMITTED:
        raise Refusal(
            "报告已经提交，不能再改", where=LEDGER_KIND, seen=one.number, remedy="有补充的，请书面告知经办机构"
        )
    if timezone.localdate() > one.campaign.due_on:
        raise Refusal(
            "报告截止日期已过", where="报告截止", seen=str(one.campaign.due_on), remedy="请书面向组织自查的部门说明"
        )
    if one.version != version:
        raise Refusal("页面打开以后，报告已被修改", where=LEDGER_KIND, remedy="请刷新页面，核对后再填写")
    return one


def _changed(viewer: Viewer, one: Report) -> None:
    one.state, one.signed_by, one.signed_as, one.signed_at = State.DRAFT, None, "", None
    one.prepared_by = viewer.user
    one.version += 1
    one.save()


def _others(one: Report, viewer: Viewer) -> bool:
    """Whether another account could sign: one that answers for the same institution."""
    role = Q(role__in=("hospital_office", "pharmacy", "chain_head_office"))
    found = User.objects.filter(role, is_active=True, institutions__contains=one.fixmedins_code)
    return any(one.fixmedins_code in other.institutions.split() for other in found.exclude(pk=viewer.user.pk))


def _tell(viewer: Viewer, act: str, one: Report, detail: Mapping[str, Any]) -> None:
    record(viewer.user, act, LEDGER_KIND, one.number, region=one.region, detail=detail)
