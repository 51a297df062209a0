"""List of demands, one demand with its book, entry of vouchers, proposals and their approval, clearing, statement."""

from __future__ import annotations

from datetime import date
from functools import partial

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.findings.funds import PATIENT, fund_accounts
from fundguard.papers import Fonts, to_pdf
from fundguard.web.accounts.guard import require
from fundguard.web.core.downloads import attached, workbook
from fundguard.web.core.paging import Page
from fundguard.web.core.parts import Column
from fundguard.web.fund import accounts, closing, excel, months, portions, proposals, selectors, services
from fundguard.web.fund.book import ACTS, SIDES
from fundguard.web.fund.forms import (
    BookForm,
    DemandFilter,
    MonthForm,
    PeriodForm,
    PlanForm,
    VoidForm,
    WriteOffForm,
    fen,
)
from fundguard.web.fund.printing import statement_paper
from fundguard.web.ledger.services import record

_COLUMNS = (
    Column("编号"),
    Column("定点机构", "institution"),
    Column("区划"),
    Column("认定文书号"),
    Column("认定日期", "decided"),
    Column("应退日期", "due"),
    Column("认定(元)", number=True),
    Column("已拒付(元)", number=True),
    Column("已退回(元)", number=True),
    Column("已核销(元)", number=True),
    Column("未追回(元)", "open", number=True),
    Column("应返还(元)", number=True),
    Column("状态"),
)

_FORMS = {"book": BookForm, "write_off": WriteOffForm, "plan": PlanForm}  # dialogs of one page


@require("see.fund")
def listing(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    form = DemandFilter(request.GET, viewer)
    form.is_valid()
    found = selectors.matching(viewer, form.cleaned_data)
    totals = selectors.totals(found)
    page = Page.asked(request.GET, totals.count)
    shown = {
        "form": form,
        "totals": totals,
        "page": page,
        "columns": _COLUMNS,
        "rows": selectors.rows(found, request.GET.get("sort", ""), page.offset, page.size),
        "may_export": viewer.may("export.fund"),
        "may_book": viewer.may("do.fund"),
        "agency": viewer.institutions is None,
    }
    return render(request, "fund/demands.html", shown)


@require("export.fund")
def export(request: HttpRequest) -> HttpResponse:
    form = DemandFilter(request.GET, request.viewer)
    form.is_valid()
    found = selectors.matching(request.viewer, form.cleaned_data)
    _told(request, "导出追回清单", request.GET.urlencode()[:160], {"条数": found.count()})
    return workbook("追回清单", partial(excel.write_demands, selectors.rows(found, request.GET.get("sort", ""))))


@require("see.fund")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    viewer = request.viewer
    one = selectors.demand(viewer, pk)
    agency = viewer.institutions is None
    shown = {
        "one": one,
        "row": selectors.row(one),
        "sides": SIDES,
        "accounts": selectors.accounts(one),
        "bookings": selectors.bookings(viewer, one),
        "plan": selectors.plan(one),
        "portions": [
            (setl_id, fund_accounts()[code].name, fen)
            for setl_id, of in portions.of_demand(one).items()
            for code, fen in of.items()
        ],
        "proposals": selectors.proposals(viewer, one) if agency else [],
        "may_approve": viewer.may("approve.fund"),
        "may_book": viewer.may("do.fund"),
        "may_see_finding": viewer.may("see.findings"),
        "forms": {name: form(auto_id=f"{name}_%s") for name, form in _FORMS.items()},
        "has_patient": one.standings.filter(account=PATIENT).exists(),
    }
    return render(request, "fund/demand.html", shown)


@require_POST
@require("do.fund")
def book(request: HttpRequest, pk: int) -> HttpResponse:
    one = selectors.demand(request.viewer, pk)
    given = _cleaned(BookForm(request.POST))
    voucher = services.Voucher(given["effective_on"], given["voucher"].strip(), given["note"].strip())
    patient = given["payer"] == PATIENT
    services.book(one.pk, given["act"], fen(given["amount"]), voucher, request.viewer.user, patient=patient)
    messages.success(request, f"已登记{ACTS[given['act']].name}")
    return redirect("fund:demand", pk=one.pk)


@require_POST
@require("do.fund")
def write_off(request: HttpRequest, pk: int) -> HttpResponse:
    given = _cleaned(WriteOffForm(request.POST))
    return _proposed(request, pk, "write_off", {"fen": fen(given["amount"])}, given["reason"])


@require_POST
@require("do.fund")
def instalments(request: HttpRequest, pk: int) -> HttpResponse:
    given = _cleaned(PlanForm(request.POST))
    open_now = selectors.row(selectors.demand(request.viewer, pk)).funds.open
    parts = proposals.equal_parts(open_now, given["count"], given["first"])
    return _proposed(request, pk, "instalments", {"parts": parts}, given["reason"])


@require_POST
@require("do.fund")
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    given = _cleaned(VoidForm(request.POST))
    return _proposed(request, pk, "void", {"booking": given["booking"]}, given["reason"])


@require_POST
@require("approve.fund")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    one = selectors.proposal(request.viewer, pk)
    approve = request.POST.get("approve") == "yes"
    proposals.decide(one.pk, approve, request.POST.get("opinion", "")[:500], request.viewer.user)
    messages.success(request, "已同意并入账" if approve else "已退回申请")
    return redirect("fund:demand", pk=one.demand_id)


@require("export.fund")
def clearing(request: HttpRequest) -> HttpResponse:
    form, month, region = _month(request)
    told = accounts.clearing(request.viewer, month, region)
    viewer = request.viewer
    shown = {
        "form": form,
        "told": told,
        "acts": ACTS.values(),
        "region": region,
        "closed": closing.of_month(viewer, month, region) if region else None,
        "open_from": months.open_from(region) if region else None,
        "may_propose": viewer.may("propose.close"),
        "may_close": viewer.may("do.close"),
    }
    return render(request, "fund/clearing.html", shown)


@require("export.fund")
def clearing_file(request: HttpRequest) -> HttpResponse:
    _, month, region = _month(request)
    told = accounts.clearing(request.viewer, month, region)
    _told(request, "导出清算文件", told.month, {"行数": len(told.lines), "区划": region or "全部"})
    return workbook(f"追回清算{told.month}", partial(excel.write_clearing, told))


@require("see.fund")
def statement(request: HttpRequest, code: str) -> HttpResponse:
    form, first, last = PeriodForm.asked(request.GET)
    told = accounts.statement(request.viewer, code, first, last)
    shown = {"form": form, "told": told, "sides": SIDES, "may_export": request.viewer.may("export.fund")}
    return render(request, "fund/statement.html", shown)


@require("export.fund")
def statement_file(request: HttpRequest, code: str) -> HttpResponse:
    _, first, last = PeriodForm.asked(request.GET)
    told = accounts.statement(request.viewer, code, first, last)
    _told(request, "导出对账单", code, {"期间": f"{first} 至 {last}"})
    return workbook(f"对账单{code}", partial(excel.write_statement, told))


@require("export.fund")
def statement_pdf(request: HttpRequest, code: str) -> HttpResponse:
    _, first, last = PeriodForm.asked(request.GET)
    told = accounts.statement(request.viewer, code, first, last)
    home = request.viewer.user.region
    paper = statement_paper(told, f"{home.name if home else ''}医疗保障经办机构", timezone.localdate())
    _told(request, "导出对账单", code, {"期间": f"{first} 至 {last}", "内容散列": paper.content_hash})
    made = to_pdf(paper, fonts=Fonts(settings.FONTS, settings.FONT_FAMILY))
    return attached(made, "application/pdf", f"对账单{code}.pdf")


def _month(request: HttpRequest) -> tuple[MonthForm, date, str]:
    """What cannot be read becomes this month and everything the viewer may see."""
    form = MonthForm(request.GET, request.viewer)
    if not form.is_valid():
        form = MonthForm({}, request.viewer)
        form.is_valid()
    return form, form.cleaned_data["month"], form.cleaned_data["region"]


def _proposed(request: HttpRequest, pk: int, kind: str, content: proposals.Content, reason: str) -> HttpResponse:
    one = selectors.demand(request.viewer, pk)
    proposals.propose(one.pk, kind, content, reason, request.viewer.user)
    messages.success(request, f"已提出{proposals.KINDS[kind].name}，待另一人审批")
    return redirect("fund:demand", pk=one.pk)


def _cleaned(form: forms.Form) -> dict[str, object]:
    """The values of a form, or a Refusal that names its faults; a voucher is typed anew from the paper."""
    if form.is_valid():
        return form.cleaned_data
    faults = [f"{form.fields[name].label or name}：{'、'.join(errors)}" for name, errors in form.errors.items()]
    raise Refusal("填写的内容不符合要求", where="表单", seen="；".join(faults), remedy="请返回上一页改正后重新提交")


def _told(request: HttpRequest, act: str, what: str, detail: dict[str, object]) -> None:
    home = request.viewer.user.region
    record(request.viewer.user, act, "资金追回", what, region=home.code if home else "", detail=detail)
