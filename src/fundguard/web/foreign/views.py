"""Received lists: by source, one list with its rows, columns, decisions, feedback."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.downloads import workbook
from fundguard.web.core.paging import Page
from fundguard.web.foreign import feedback, outcomes, selectors, services
from fundguard.web.foreign.forms import ColumnsForm, DecideForm, ListFilter, ReceiveForm
from fundguard.web.foreign.models import ReceivedList, ReceivedRow
from fundguard.web.foreign.publishing import LEDGER_KIND
from fundguard.web.jobs import selectors as jobs
from fundguard.web.jobs.views import card
from fundguard.web.ledger.services import record


@require("see.foreign")
def lists(request: HttpRequest) -> HttpResponse:
    form = ListFilter(request.GET)
    form.is_valid()
    found = selectors.lists(request.viewer, form.cleaned_data)
    page = Page.asked(request.GET, found.count())
    today = timezone.localdate()
    shown = {
        "form": form,
        "page": page,
        "rows": selectors.lines(list(found[page.offset : page.offset + page.size]), today),
        "sources": selectors.by_source(request.viewer, today),
        "may_receive": request.viewer.may("do.foreign"),
    }
    return render(request, "foreign/lists.html", shown)


@require("do.foreign")
def receive(request: HttpRequest) -> HttpResponse:
    form = ReceiveForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        made = services.receive(request.viewer, told.pop("file"), told)
        return redirect("foreign:columns", pk=made.pk)
    return render(request, "foreign/receive.html", {"form": form})


@require("do.foreign")
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    one = selectors.received(request.viewer, pk)
    if one.state != ReceivedList.State.COLUMNS:
        return redirect("foreign:list", pk=pk)
    form = ColumnsForm(request.POST or None, one.heads, services.guessed(one))
    if request.method == "POST" and form.is_valid():
        services.confirm(request.viewer, one, form.columns())
        return redirect("foreign:list", pk=pk)
    unread = [head for head in one.heads if head not in services.guessed(one).values()]
    return render(request, "foreign/columns.html", {"one": one, "form": form, "unread": unread})


@require_POST
@require("do.foreign")
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    services.discard(request.viewer, selectors.received(request.viewer, pk))
    messages.success(request, "清单已作废")
    return redirect("foreign:lists")


@require("see.foreign")
def received(request: HttpRequest, pk: int) -> HttpResponse:
    viewer = request.viewer
    one = selectors.received(viewer, pk)
    tab = request.GET.get("tab", "all")
    found = selectors.rows(one, tab)
    page = Page.asked(request.GET, found.count())
    [line] = selectors.lines([one], timezone.localdate())
    job = jobs.jobs(viewer).filter(pk=one.job_id).first() if one.job_id else None
    shown = {
        "one": one,
        "line": line,
        "tab": tab if tab in selectors.TABS else "all",
        "tabs": selectors.tabs(one),
        "page": page,
        "rows": list(
            outcomes.outcomes(found.filter(pk__in=[r.pk for r in found[page.offset : page.offset + page.size]]))
        ),
        "total_fen": selectors.amounts(one),
        "feedbacks": one.feedbacks.select_related("made_by").order_by("-serial"),
        "card": card(request, job) if job and one.state == ReceivedList.State.READING else None,
        "may_receive": viewer.may("do.foreign"),
        "cut_off": one.state == ReceivedList.State.READING and services.discardable(one),
        "may_match": viewer.may("do.foreign_match"),
        "may_findings": viewer.may("see.findings"),
    }
    return render(request, "foreign/list.html", shown)


@require_POST
@require("do.foreign")
def match_again(request: HttpRequest, pk: int) -> HttpResponse:
    again = services.match_again(request.viewer, selectors.received(request.viewer, pk))
    messages.success(request, f"正在再次匹配 {again} 行，稍后刷新查看")
    return redirect("foreign:list", pk=pk)


@require("do.foreign_match")
def next_row(request: HttpRequest, pk: int) -> HttpResponse:
    """The next row that waits for a decision, or the list where there is none."""
    one = selectors.received(request.viewer, pk)
    waiting = selectors.waiting(one)
    return redirect("foreign:row", pk=waiting.pk) if waiting else redirect("foreign:list", pk=pk)


@require("see.foreign")
def row(request: HttpRequest, pk: int) -> HttpResponse:
    return _row(request, selectors.row(request.viewer, pk), None)


@require_POST
@require("do.foreign_match")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    one = selectors.row(request.viewer, pk)
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _row(request, one, form)
    told = form.cleaned_data
    chosen = request.POST.getlist(f"lines-{told['choice']}")
    services.decide(request.viewer, one, services.Decision(told["choice"], told["reason"], chosen, told["same"]))
    messages.success(request, f"第 {one.place} 行已确认")
    return redirect("foreign:next_row", pk=one.of_id)


@require_POST
@require("do.foreign")
def report_back(request: HttpRequest, pk: int) -> HttpResponse:
    made = feedback.report_back(request.viewer, selectors.received(request.viewer, pk))
    messages.success(request, f"已出具反馈 {made.number}，请下载后发送来文单位")
    return redirect("foreign:list", pk=pk)


@require("see.foreign")
def excel(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows of a tab as they stand now."""
    one = selectors.received(request.viewer, pk)
    found = selectors.rows(one, request.GET.get("tab", "all"))
    record(
        request.viewer.user,
        "导出外来疑点清单",
        LEDGER_KIND,
        one.number,
        region=one.region,
        detail={"行数": found.count()},
    )
    return workbook(f"{one.number}办理情况", partial(feedback.write_rows, one, outcomes.outcomes(found)))


@require("see.foreign")
def feedback_excel(request: HttpRequest, pk: int) -> HttpResponse:
    made = selectors.feedback(request.viewer, pk)
    if not made.rows.exists():
        raise Refusal("这次反馈没有内容", where=made.number, remedy="请重新出具反馈。")
    detail = {"反馈": made.number}
    record(request.viewer.user, "下载反馈", LEDGER_KIND, made.of.number, region=made.of.region, detail=detail)
    return workbook(f"反馈{made.number}", partial(feedback.write_feedback, made))


def _row(request: HttpRequest, one: ReceivedRow, form: DecideForm | None) -> HttpResponse:
    viewer = request.viewer
    deciding = one.state == ReceivedRow.State.PROBABLE and viewer.may("do.foreign_match")
    [told] = outcomes.outcomes(ReceivedRow.objects.filter(pk=one.pk))
    shown = {
        "one": one,
        "told": told,
        "form": form or DecideForm(),
        "deciding": deciding,
        "candidates": selectors.candidates(viewer, one) if one.candidates else [],
        "may_findings": viewer.may("see.findings"),
    }
    return render(request, "foreign/row.html", shown, status=422 if form is not None else 200)
