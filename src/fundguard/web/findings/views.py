"""Queue, Excel export, page of a finding, clear identity."""

from __future__ import annotations

import io

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from fundguard.errors import Refusal
from fundguard.findings.excel import write_findings
from fundguard.web.accounts.guard import require
from fundguard.web.core.paging import Page
from fundguard.web.core.parts import Column
from fundguard.web.filters import selectors as filters
from fundguard.web.findings import selectors, services
from fundguard.web.findings.encounter import encounter
from fundguard.web.findings.forms import TABS, QueueFilter
from fundguard.web.findings.pages import Amount, Tab
from fundguard.web.jobs import selectors as jobs
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import start
from fundguard.web.ledger.services import record

EXPORT_KIND = "findings.export"
EXPORT_AT_ONCE = 5000  # findings written while the browser waits; more become a background job
_TAB_LABELS = {"open": "全部", "withdrawn": "已撤回"}
_COLUMNS = (
    Column("疑点编号"),
    Column("定点机构", "institution"),
    Column("类别"),
    Column("命中规则", "rule"),
    Column("参保人"),
    Column("发生日期", "day"),
    Column("涉及金额(元)", "amount", number=True),
    Column("计入合计(元)", "counted", number=True),
    Column("结果"),
    Column("原因"),
    Column("状态"),
)
_IDENTITY = {"psn_name": "姓名", "certno": "证件号码", "psn_no": "人员编号", "tel": "联系电话", "mob": "手机号码"}


@require("see.findings")
def queue(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    if not request.GET and (begin := filters.standard(viewer, "findings")):
        return redirect(f"{request.path}?{begin}")
    form = QueueFilter(request.GET, viewer)
    form.is_valid()
    wanted = form.cleaned_data
    tab = wanted.get("tab") or "open"
    sums = selectors.amounts(viewer, wanted)
    total = sums.get(tab, Amount(0, 0))
    page = Page.asked(request.GET, total.count)
    found = selectors.matching(viewer, wanted)
    shown = {
        "form": form,
        "tabs": [Tab(_TAB_LABELS.get(t, t), t, sums.get(t, Amount(0, 0)).count, t == tab) for t in TABS],
        "total": total,
        "page": page,
        "columns": _COLUMNS,
        "rows": selectors.rows(viewer, found, request.GET.get("sort", ""), page.offset, page.size),
        "any_run": total.count > 0 or selectors.last_run() is not None,
        "may_export": viewer.may("export.findings"),
    }
    return render(request, "findings/queue.html", shown)


@require("export.findings")
def export(request: HttpRequest) -> HttpResponse:
    """All findings that match the filter in the address: at once, or as a background job where there are many."""
    viewer = request.viewer
    form = QueueFilter(request.GET, viewer)
    form.is_valid()
    found = selectors.matching(viewer, form.cleaned_data)
    count = found.count()
    query = request.GET.urlencode()
    record(viewer.user, "导出疑点", "疑点清单", query[:160], region=_region(request), detail={"条数": count})
    if count > EXPORT_AT_ONCE:
        job = start(EXPORT_KIND, f"导出疑点 {count} 条", viewer.user, region=_region(request), query=query)
        return redirect("findings:exporting", pk=job.pk)
    file = io.BytesIO()
    write_findings(selectors.export_rows(found), file, selectors.rule_names())
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="疑点清单.xlsx")


@require("export.findings")
def exporting(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "findings/exporting.html", _card(_export(request, pk)))


@require("export.findings")
def export_progress(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "findings/export_card.html", _card(_export(request, pk)))


@require("export.findings")
def export_file(request: HttpRequest, pk: int) -> HttpResponse:
    path = services.export_path(_export(request, pk))
    services.remove_old_exports()
    if not path.is_file():
        raise Refusal("导出文件已按期删除", where="疑点清单.xlsx", remedy="请在疑点页重新导出。")
    return FileResponse(path.open("rb"), as_attachment=True, filename="疑点清单.xlsx")


@require("see.findings")
def detail(request: HttpRequest, key: str) -> HttpResponse:
    viewer = request.viewer
    one = selectors.finding(viewer, key)
    lit_only = request.GET.get("charges") == "lit"
    shown = {
        "one": encounter(viewer, one, lit_only=lit_only, number=request.GET.get("page", "")),
        "lit_only": lit_only,
        "may_open": viewer.may("open.identity") and bool(one.psn_key),
        "may_rulebook": viewer.may("see.rulebook"),
    }
    return render(request, "findings/detail.html", shown)


@never_cache
@require("open.identity")
def identity(request: HttpRequest, key: str) -> HttpResponse:
    """A reason opens the page for a while; the browser leaves it when the time is over."""
    one = selectors.finding(request.viewer, key)
    if request.method == "POST":
        services.open_identity(request.viewer, one, request.POST.get("reason", ""), request.session)
        return redirect("findings:identity", key=one.pk)
    opened, seconds = services.opened_identity(one, request.session)
    told = [(label, opened[name]) for name, label in _IDENTITY.items() if name in opened]
    minutes = int(services.OPENED_FOR.total_seconds() // 60)
    answer = render(request, "findings/identity.html", {"one": one, "told": told, "minutes": minutes})
    answer["Refresh"] = f"{seconds + 1}; url={reverse('findings:detail', args=[one.pk])}"
    return answer


def _export(request: HttpRequest, pk: int) -> Job:
    """An export is its owner's alone."""
    return get_object_or_404(jobs.jobs(request.viewer, EXPORT_KIND), pk=pk, created_by=request.viewer.user)


def _card(job: Job) -> dict[str, object]:
    return {"job": job, "poll_url": reverse("findings:export_progress", args=[job.pk])}


def _region(request: HttpRequest) -> str:
    home = request.viewer.user.region
    return home.code if home else ""
