"""The import pages."""

from __future__ import annotations

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from fundguard.claims.intake import write_excel
from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.downloads import workbook
from fundguard.web.core.paging import Page
from fundguard.web.core.tables import titled
from fundguard.web.intake import selectors, services
from fundguard.web.intake.excel import write_quarantine
from fundguard.web.intake.forms import QualityFilter, ReasonForm, UploadForm
from fundguard.web.intake.pages import ArrivalPage
from fundguard.web.jobs import selectors as jobs
from fundguard.web.jobs.views import card

#: Tables the quality report looks at.
REPORTED = {name: titled(name) for name in ("fee_list_d", "setl_d", "mdtrt_d")}


@require("see.intake")
def arrivals(request: HttpRequest) -> HttpResponse:
    found = selectors.arrivals(request.viewer)
    page = Page.asked(request.GET, len(found))
    latest = jobs.jobs(request.viewer, services.KIND)[:5]
    shown = {
        "page": page,
        "rows": found[page.offset : page.offset + page.size],
        "cards": [card(request, job) for job in latest if job.active],
        "ended": [job for job in latest if job.state in ("failed", "cancelled")],
    }
    return render(request, "intake/arrivals.html", shown)


@require("do.import")
def upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        as_of = timezone.localtime(told["as_of"]).replace(tzinfo=None) if told["as_of"] else None
        job = services.start_import(
            request.viewer, told["files"], mapping=told["mapping"], encoding=told["encoding"], as_of=as_of
        )
        return redirect("intake:job", job.pk)
    return render(request, "intake/upload.html", {"form": form})


@require("see.intake")
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """A running import; once it is done, its arrival."""
    found = get_object_or_404(jobs.jobs(request.viewer, services.KIND), pk=pk)
    if found.state == "done":
        return redirect("intake:arrival", found.result["arrival"])
    return render(request, "intake/job.html", {"job": found, "card": card(request, found)})


@require("see.intake")
def arrival(request: HttpRequest, number: int) -> HttpResponse:
    found = _arrival(request, number)
    rejected = selectors.quarantine(request.viewer, number)
    page = Page.asked(request.GET, rejected.num_rows)
    rows = rejected.slice(page.offset, page.size).to_pylist()
    shown = {"arrival": found, "page": page, "rows": rows, "may_open": request.viewer.may("see.quarantine")}
    return render(request, "intake/arrival.html", shown)


@require("see.intake")
def quarantine_excel(request: HttpRequest, number: int) -> HttpResponse:
    """The masked list."""
    _arrival(request, number)
    rows = selectors.quarantine(request.viewer, number)
    return workbook(f"隔离行-批次{number}", partial(write_quarantine, rows))


@require_POST
@require("see.quarantine")
def quarantine_raw(request: HttpRequest, number: int) -> HttpResponse:
    """The rows themselves, for a reason that the ledger keeps."""
    _arrival(request, number)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Refusal("下载原始行须填写理由", where="理由", seen="不足六个字", remedy="请写明用途，如“核对报送错误”。")
    rows = selectors.quarantine_rows(request.viewer, number)
    services.record_opening(request.viewer, number, form.cleaned_data["reason"], rows.num_rows)
    return workbook(f"隔离行-批次{number}-原始行", partial(write_quarantine, rows))


@require("see.intake")
def quality(request: HttpRequest) -> HttpResponse:
    form = QualityFilter(request.GET, tables=REPORTED)
    report = selectors.quality_report(request.viewer, **_asked(form))
    name = request.GET.get("section", "")
    name = name if name in report.sections else next(iter(report.sections))
    page = Page.asked(request.GET, report.sections[name].rows.num_rows)
    shown = {
        "form": form,
        "tabs": [(one.name, one.title, one.rows.num_rows) for one in report.sections.values()],
        "section": selectors.section_page(request.viewer, report, name, page.offset, page.size),
        "page": page,
    }
    return render(request, "intake/quality.html", shown)


@require("see.intake")
def quality_excel(request: HttpRequest) -> HttpResponse:
    report = selectors.quality_report(request.viewer, **_asked(QualityFilter(request.GET, tables=REPORTED)))
    return workbook("数据质量报告", partial(write_excel, report))


def _asked(form: QualityFilter) -> dict[str, str]:
    form.is_valid()  # a value that makes no sense filters nothing, and the bar says so
    return {name: form.cleaned_data.get(name, "").strip() for name in ("institution", "table", "month")}


def _arrival(request: HttpRequest, number: int) -> ArrivalPage:
    found = selectors.arrival(request.viewer, number)
    if found is None:
        raise Http404
    return found
