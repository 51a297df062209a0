"""The run pages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from fundguard.errors import Refusal
from fundguard.findings.excel import write_findings
from fundguard.web.accounts.guard import require
from fundguard.web.accounts.selectors import below
from fundguard.web.core import store
from fundguard.web.core.downloads import workbook
from fundguard.web.core.paging import Page
from fundguard.web.core.parts import Figure
from fundguard.web.core.templatetags.show import percent, yuan
from fundguard.web.jobs.views import card
from fundguard.web.runs import selectors, services
from fundguard.web.runs.forms import RunForm
from fundguard.web.runs.pages import Result


@require("see.runs")
def runs(request: HttpRequest) -> HttpResponse:
    found = selectors.runs(request.viewer)
    page = Page.asked(request.GET, found.count())
    rows = found[page.offset : page.offset + page.size]
    active = [card(request, run.job) for run in found[:5] if run.job and run.job.active]
    shown = {"page": page, "rows": rows, "cards": active, "ready": store.exists()}
    return render(request, "runs/runs.html", shown)


@require("do.run")
def start(request: HttpRequest) -> HttpResponse:
    form = RunForm(request.POST or None, viewer=request.viewer)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        run = services.start_run(
            request.viewer,
            region=told["region"],
            regions=below(request.viewer, told["region"]),
            rules=told["rules"],
            known_on=told["known_on"],
        )
        return redirect("runs:run", run.pk)
    return render(request, "runs/start.html", {"form": form})


@require("see.runs")
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress while it runs, then the result."""
    found = get_object_or_404(selectors.runs(request.viewer), pk=pk)
    if not found.finished:
        shown = card(request, found.job) if found.job else {}
        return render(request, "runs/progress.html", {"run": found, **shown})
    result = selectors.result(request.viewer, found)
    shown = {
        "run": found,
        "result": result,
        "figures": _figures(result),
        "may_export": request.viewer.may("export.findings"),
    }
    return render(request, "runs/run.html", shown)


@require("export.findings")
def findings_excel(request: HttpRequest, pk: int) -> HttpResponse:
    """The findings of the viewer's regions; the ledger keeps who took them out."""
    if not request.viewer.may("see.runs"):
        raise Refusal("此处只能导出核查结果", where="核查运行", remedy="请从“疑点处置”页导出本机构的疑点。")
    found = get_object_or_404(selectors.runs(request.viewer), pk=pk, finished_at__isnull=False)
    services.record_export(request.viewer, found)
    findings = selectors.listed(request.viewer, found)
    names = selectors.rule_names(found)
    return workbook(f"疑点-{found.folder}", partial(_write, findings, names))


def _write(findings: Iterator[dict[str, Any]], names: dict[str, str], path: Path) -> None:
    write_findings(findings, path, names)


def _figures(result: Result) -> list[Figure]:
    certain = sum(rule.certain for rule in result.rules)
    gate = result.gate
    figures = [
        Figure("疑点", f"{result.findings:,}", "条", f"其中明确违规 {certain:,} 条"),
        Figure("计入金额", yuan(result.counted_fen), "元", "同一明细只计一次"),
        Figure("规则", f"{len(result.rules):,}", "条", f"有疑点的 {sum(1 for r in result.rules if r.findings):,} 条"),
        Figure("未能判断", f"{result.not_evaluated:,}", "处", "缺少规则所需字段"),
    ]
    if gate:
        share = percent(gate.held, gate.findings) or "0.0%"
        figures.append(Figure("指控门槛拦下", f"{gate.held:,}", "条", f"占疑点 {share}"))
    return figures
