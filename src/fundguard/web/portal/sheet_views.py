"""Pages of a sheet of answers: download, upload, what it says and what is wrong with it, the job that takes it."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.downloads import workbook
from fundguard.web.core.paging import Page
from fundguard.web.ledger.services import record
from fundguard.web.portal import answering, sheets
from fundguard.web.portal.forms import OwnFilter, SheetForm
from fundguard.web.portal.models import Sheet, SheetAnswer


@require("do.answer")
def download(request: HttpRequest) -> HttpResponse:
    """The open items of the list's filter, to be filled in."""
    viewer = request.viewer
    rows = answering.to_fill_in(viewer, OwnFilter(request.GET, viewer).asked())
    record(viewer.user, "下载答复表", answering.LEDGER_KIND, "本机构", detail={"疑点": len(rows)})
    return workbook("疑点答复表", partial(sheets.write_answers, rows))


@require_POST
@require("do.answer")
def upload(request: HttpRequest) -> HttpResponse:
    form = SheetForm(request.POST, request.FILES)
    if not form.is_valid():
        faults = [error for errors in form.errors.values() for error in errors]
        raise Refusal("没有可以读取的答复表", where="上传", seen="；".join(faults), remedy="请选择填写好的 .xlsx 文件")
    before = Sheet.objects.filter(created_by=request.viewer.user).count()
    one = answering.take_in(request.viewer, form.cleaned_data["file"])
    if Sheet.objects.filter(created_by=request.viewer.user).count() == before:
        messages.warning(request, "这份文件已经上传过，下面是上一次的结果，没有重复提交。")
    return redirect("portal:sheet", pk=one.pk)


@require("do.answer")
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    one = answering.sheet(request.viewer, pk)
    faults = one.fault_rows.all()
    page = Page.asked(request.GET, faults.count())
    shown = {
        "one": one,
        "sums": answering.sums(one),
        "waiting": one.answers.filter(state=SheetAnswer.State.WAITING).count(),
        "refused": one.answers.filter(state=SheetAnswer.State.REFUSED)[:200],
        "page": page,
        "faults": faults[page.offset : page.offset + page.size],
        **_card(one),
    }
    return render(request, "portal/sheet.html", shown)


@require_POST
@require("do.answer")
def start(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect("portal:sheet", pk=answering.start(request.viewer, pk).pk)


@require("do.answer")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The card; a job that has ended lets the page load again, which then shows its outcome."""
    one = answering.sheet(request.viewer, pk)
    answer = render(request, "portal/progress.html", {"one": one, **_card(one)})
    if one.job is None or not one.job.active:
        answer["HX-Refresh"] = "true"
    return answer


@require("do.answer")
def faults(request: HttpRequest, pk: int) -> HttpResponse:
    one = answering.sheet(request.viewer, pk)
    return workbook(f"答复表{one.pk}-有误的行", partial(sheets.write_faults, one.fault_rows.all()))


def _card(one: Sheet) -> dict[str, object]:
    return {"job": one.job, "poll_url": reverse("portal:progress", args=[one.pk])}
