"""Recalls: the list, a proposal with its preview, confirming, progress and result."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.downloads import workbook
from fundguard.web.core.paging import Page
from fundguard.web.core.parts import Column
from fundguard.web.findings import selectors as findings
from fundguard.web.jobs.views import card
from fundguard.web.ledger.services import record
from fundguard.web.recall import excel, selectors, services
from fundguard.web.recall.forms import RecallForm
from fundguard.web.recall.models import Recall

COLUMNS = (
    Column("编号"),
    Column("规则"),
    Column("范围"),
    Column("区划"),
    Column("提出人"),
    Column("提出时间"),
    Column("结果"),
)


@require("see.recall")
def recalls(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    found = selectors.recalls(viewer)
    page = Page.asked(request.GET, found.count())
    shown = {
        "columns": COLUMNS,
        "page": page,
        "rows": found[page.offset : page.offset + page.size],
        "names": findings.rule_names(),
        "regions": findings.region_names(),
        "may_propose": viewer.may("do.recall"),
    }
    return render(request, "recall/recalls.html", shown)


@require("do.recall")
def propose(request: HttpRequest) -> HttpResponse:
    """First what it would concern, then, with the reason, the proposal."""
    viewer = request.viewer
    form = RecallForm(request.POST or None, viewer)
    told = refused = None
    reason = request.POST.get("reason", "")[:500]
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("act") == "propose":
                made = services.propose(viewer, form.asked(), reason)
                messages.success(request, "已提出撤回，待撤回审批岗的另一人确认")
                return redirect("recall:shown", pk=made.pk)
            told = selectors.preview(services.drafted(form.asked()))
        except Refusal as refusal:
            refused = refusal
    status = 422 if refused or form.errors else 200
    shown = {"form": form, "told": told, "refusal": refused, "reason": reason}
    return render(request, "recall/propose.html", shown, status=status)


@require("see.recall")
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    viewer = request.viewer
    one = selectors.recall(viewer, pk)
    pending = one.outcome == Recall.Outcome.PENDING
    stopped = one.job is not None and not one.job.active and one.done_at is None
    told = {
        "one": one,
        "rule_name": findings.rule_names().get(one.rule_code, ""),
        "region": findings.region_names().get(one.region, one.region),
        "told": selectors.preview(one) if pending else None,
        "result": None if pending else selectors.result(one),
        "barred": selectors.barred(one),
        "letters": one.letters.select_related("paper").order_by("pk"),
        "may_confirm": viewer.may("confirm.recall") and one.proposed_by_id != viewer.user.pk,
        "may_see_findings": viewer.may("see.findings"),
        "may_see_papers": viewer.may("see.papers"),
        "stopped": stopped,
        **(card(request, one.job) if one.job else {}),
    }
    return render(request, "recall/shown.html", told)


@require_POST
@require("confirm.recall")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    confirm = request.POST.get("confirm") == "yes"
    services.decide(request.viewer, pk, confirm, request.POST.get("opinion", "")[:500])
    messages.success(request, "已确认，正在撤回" if confirm else "已退回")
    return redirect("recall:shown", pk=pk)


@require_POST
@require("confirm.recall")
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    services.go_on(request.viewer, pk)
    messages.success(request, "已继续撤回")
    return redirect("recall:shown", pk=pk)


@require("see.recall")
def file(request: HttpRequest, pk: int) -> HttpResponse:
    one = selectors.recall(request.viewer, pk)
    detail = {"条数": one.items.count()}
    record(request.viewer.user, "导出撤回清单", "规则撤回", one.number, region=one.region, detail=detail)
    return workbook(f"撤回清单{one.number}", partial(excel.write_recall, one))
