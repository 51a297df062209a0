"""Closing a month of the book: one person asks for it, another does it; what comes later counts in the next month."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.core.templatetags.show import yuan
from fundguard.web.fund import accounts, months
from fundguard.web.fund.models import Close
from fundguard.web.ledger.services import record

LEDGER_KIND = "月度关账"


@transaction.atomic
def propose(viewer: Viewer, region: str, month: date) -> Close:
    """Asks for the month (its first day) to be closed. Refuses a region out of reach, a month that has not ended, one
    that is closed, and one that somebody has asked for."""
    month = month.replace(day=1)
    if region not in viewer.regions:
        raise Refusal("请选定一个区划再提请关账", where="区划", remedy="请选择本级或者下级区划")
    if months.next_month(month) > timezone.localdate():
        raise Refusal("当月尚未结束，不能关账", where="月份", seen=f"{month:%Y-%m}", remedy="请在次月提请")
    if months.carried_to(region, month):
        raise Refusal("该月已经关账", where="月份", seen=f"{month:%Y-%m}", remedy="后补的账目计入以后的月份")
    try:
        with transaction.atomic():
            made = Close.objects.create(region=region, month=month, proposed_by=viewer.user)
    except IntegrityError:
        raise Refusal("该月已经提请关账", where="月份", seen=f"{month:%Y-%m}", remedy="请由另一人办理关账") from None
    detail = {"月份": f"{month:%Y-%m}"}
    record(viewer.user, "提请月度关账", LEDGER_KIND, str(made.pk), region=region, detail=detail)
    return made


@transaction.atomic
def close(viewer: Viewer, pk: int) -> Close:
    """A second person closes it; its sums are kept as they stand. Refuses the one who asked and one closed already."""
    made = Close.objects.select_for_update(of=("self",)).filter(pk=pk, region__in=viewer.regions).first()
    if made is None:
        raise Http404
    if made.closed_at:
        raise Refusal("该月已经关账", where="月份", seen=f"{made.month:%Y-%m}", remedy="请刷新页面")
    if made.proposed_by_id == viewer.user.pk:
        raise Refusal("提请人不能办理自己的关账", where="关账人", remedy="请由另一名有关账权限的人员办理（一事双审）")
    told = accounts.clearing(viewer, made.month, made.region)
    totals: dict[str, dict[str, int]] = {}
    for one in (*told.sums, *told.patient):
        kept = totals.setdefault(one.account, {})
        for act, fen in one.acts.items():
            kept[act] = kept.get(act, 0) + fen
    made.totals, made.closed_by, made.closed_at = totals, viewer.user, timezone.now()
    made.save()
    sums = {account: yuan(sum(acts.values())) for account, acts in totals.items()}
    detail = {"月份": f"{made.month:%Y-%m}", "账目": len(told.lines), "发生额（元）": sums}
    record(viewer.user, "月度关账", LEDGER_KIND, str(made.pk), region=made.region, detail=detail)
    return made


def of_month(viewer: Viewer, month: date, region: str) -> Close | None:
    """The request for this month or its closing, of the division itself."""
    found = Close.objects.filter(month=month.replace(day=1), region=region, region__in=viewer.regions)
    return found.select_related("proposed_by", "closed_by").first()
