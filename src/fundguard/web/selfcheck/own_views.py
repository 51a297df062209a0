"""Pages of the institution: its campaigns, a report problem by problem, sign-off and submission."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.paging import Page
from fundguard.web.rulebook import selectors as rulebook
from fundguard.web.selfcheck import reporting, selectors
from fundguard.web.selfcheck.forms import ReportedForm, SignForm, first_told


@require("do.answer")
def owns(request: HttpRequest) -> HttpResponse:
    found = selectors.owns(request.viewer)
    page = Page.asked(request.GET, len(found))
    return render(request, "selfcheck/owns.html", {"page": page, "rows": found[page.offset : page.offset + page.size]})


@require_POST
@require("do.answer")
def open_report(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    return redirect("selfcheck:report", pk=reporting.open_report(request.viewer, pk, code).pk)


@require("do.answer")
def report(request: HttpRequest, pk: int) -> HttpResponse:
    return _report(request, pk)


def _report(request: HttpRequest, pk: int, refusal: Refusal | None = None) -> HttpResponse:
    one = selectors.report(request.viewer, pk)
    parts = selectors.by_field(one)
    shown = {
        "one": one,
        "parts": parts,
        "open": sum(part.open for part in parts),
        "fen": sum(told.fen for part in parts for _, told in part.rows if told),
        "form": SignForm(),
        "refusal": refusal,
    }
    return render(request, "selfcheck/report.html", shown, status=409 if refusal else 200)


@require("do.answer")
def problem(request: HttpRequest, pk: int, problem: int) -> HttpResponse:
    """What was found of one problem; a refusal keeps what was written."""
    one = selectors.report(request.viewer, pk)
    rows = {row.pk: (row, told) for part in selectors.by_field(one) for row, told in part.rows}
    if problem not in rows:
        raise Http404
    asked, told = rows[problem]
    form = ReportedForm(request.POST or None, first_told(told))
    refused = None
    if request.method == "POST" and form.is_valid():
        try:
            reporting.tell(request.viewer, pk, problem, _version(request), form.given())
        except Refusal as refusal:
            refused = refusal
        else:
            messages.success(request, f"第 {asked.number} 项已填写。")
            return redirect("selfcheck:report", pk=pk)
    shown = {
        "one": one,
        "problem": asked,
        "form": form,
        "refusal": refused,
        "checked": rulebook.listed_problem(asked.number),
    }
    return render(request, "selfcheck/problem.html", shown, status=409 if refused else 200)


@require_POST
@require("do.answer")
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """`rest` of a field, `sign`, `submit`: on the version of the report that the page showed."""
    viewer, version = request.viewer, _version(request)
    try:
        if act == "rest":
            told = reporting.tell_rest(viewer, pk, request.POST.get("field", ""), version)
            messages.success(request, f"已填写 {told} 项：已自查，未发现。")
        elif act == "sign":
            form = SignForm(request.POST)
            if not form.is_valid():
                raise Refusal("没有填写签批依据", where="签批依据", remedy="请写明会议或者文件")
            reporting.sign(viewer, pk, version, form.cleaned_data["signed_as"])
            messages.success(request, "已签批，可以提交。")
        elif act == "submit":
            made = reporting.submit(viewer, pk, version)
            messages.success(request, f"已提交，报告编号 {made.number}。应退回的基金列在“资金追回”。")
        else:
            raise Http404
    except Refusal as refusal:
        return _report(request, pk, refusal)
    return redirect("selfcheck:report", pk=pk)


@require("see.campaigns")
def submitted(request: HttpRequest, pk: int) -> HttpResponse:
    """A submitted report as the bureau reads it."""
    one = selectors.report(request.viewer, pk)
    parts = selectors.by_field(one)
    fen = sum(told.fen for part in parts for _, told in part.rows if told)
    return render(request, "selfcheck/report.html", {"one": one, "parts": parts, "fen": fen, "bureau": True})


def _version(request: HttpRequest) -> int:
    told = request.POST.get("version", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else -1
