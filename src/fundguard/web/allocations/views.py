"""Findings that wait for a statement of their accounts; stating and deciding."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from fundguard.web.accounts.guard import require
from fundguard.web.allocations import selectors, services
from fundguard.web.allocations.forms import AllocationForm
from fundguard.web.core.paging import Page
from fundguard.web.core.parts import Column
from fundguard.web.findings import selectors as findings

COLUMNS = (
    Column("疑点编号"),
    Column("定点机构"),
    Column("命中规则"),
    Column("目前金额(元)", number=True),
    Column("环节"),
    Column("说明"),
)


@require("see.allocations")
def listing(request: HttpRequest) -> HttpResponse:
    found = selectors.waiting(request.viewer)
    page = Page.asked(request.GET, found.count())
    shown = {
        "columns": COLUMNS,
        "page": page,
        "rows": selectors.page(found, page.offset, page.size),
        "rule_names": findings.rule_names(),
    }
    return render(request, "allocations/listing.html", shown)


@require("see.allocations")
def detail(request: HttpRequest, key: str) -> HttpResponse:
    return _detail(request, key, AllocationForm())


@require_POST
@require("do.allocate")
def state(request: HttpRequest, key: str) -> HttpResponse:
    form = AllocationForm(request.POST)
    if not form.is_valid():
        return _detail(request, key, form, status=422)
    services.state(request.viewer, key, form.amounts(), form.cleaned_data["ground"])
    messages.success(request, "已填写基金账户说明，待另一人审批")
    return redirect("allocations:detail", key=key)


@require_POST
@require("approve.fund")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    approve = request.POST.get("approve") == "yes"
    made = services.decide(request.viewer, pk, approve, request.POST.get("opinion", "")[:500])
    messages.success(request, "已同意，可以认定" if approve else "已退回说明")
    return redirect("allocations:detail", key=made.finding_key)


def _detail(request: HttpRequest, key: str, form: AllocationForm, status: int = 200) -> HttpResponse:
    viewer = request.viewer
    one = findings.finding(viewer, key)
    shown = {
        "one": one,
        "form": form,
        "made": [(made, selectors.in_words(made)) for made in selectors.of_finding(key)],
        "waits": selectors.waiting(viewer).filter(object_id=key).exists(),
        "may_state": viewer.may("do.allocate"),
        "may_decide": viewer.may("approve.fund"),
        "rule_name": findings.rule_names().get(one.rule_code, one.rule_code),
    }
    return render(request, "allocations/detail.html", shown, status=status)
