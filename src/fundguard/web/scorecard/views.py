"""The scorecard, the findings behind a figure, drafts of narrower rules."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import yaml
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from fundguard.web.accounts.guard import require
from fundguard.web.core import charts
from fundguard.web.core.downloads import attached, workbook
from fundguard.web.core.paging import Page
from fundguard.web.core.parts import Chart
from fundguard.web.findings import selectors as findings
from fundguard.web.jobs import selectors as jobs
from fundguard.web.jobs.views import card
from fundguard.web.ledger.services import record
from fundguard.web.scorecard import selectors, services
from fundguard.web.scorecard.criteria import criteria, measure
from fundguard.web.scorecard.excel import write_scores
from fundguard.web.scorecard.forms import OpinionForm, ScoreFilter
from fundguard.web.scorecard.narrowing import FEATURES
from fundguard.web.scorecard.selectors import Score

DRAWN = 10


@require("see.scorecard")
def scorecard(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    form = ScoreFilter(request.GET, viewer)
    wanted = form.asked()
    lines = selectors.scores(viewer, wanted)
    by = wanted.get("by", "rule")
    running = next((job for job in jobs.jobs(viewer, services.KIND)[:1] if job.active), None)
    shown = {
        "form": form,
        "by": by,
        "heading": selectors.DIMENSIONS[by][1],
        "lines": lines,
        "total": selectors.total(lines),
        "latest": selectors.latest(),
        "charts": _charts(lines),
        "criteria": criteria().values(),
        "few": measure("few"),
        "waiting": selectors.narrowings(viewer, "open").count(),
        "card": card(request, running) if running else None,
        "may_findings": viewer.may("see.findings"),
        "may_rulebook": viewer.may("see.rulebook"),
    }
    return render(request, "scorecard/scorecard.html", shown)


@require("see.scorecard")
def excel(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    lines = selectors.scores(viewer, ScoreFilter(request.GET, viewer).asked())
    home = viewer.user.region
    detail = {"行数": len(lines)}
    record(viewer.user, "导出规则记分", "规则记分", request.GET.urlencode()[:160], region=home.code, detail=detail)
    return workbook("规则记分", partial(write_scores, [*lines, selectors.total(lines)]))


@require_POST
@require("see.scorecard")
def count(request: HttpRequest) -> HttpResponse:
    services.start(request.viewer)
    messages.success(request, "正在重新统计，完成后刷新页面查看")
    return redirect("scorecard:scorecard")


@require("see.findings")
def behind(request: HttpRequest, figure: str) -> HttpResponse:
    """The findings that a figure counts; the same filter as the page it stands on."""
    if figure not in selectors.BEHIND or not request.viewer.may("see.scorecard"):
        raise Http404
    wanted = ScoreFilter(request.GET, request.viewer).asked()
    found = selectors.behind(request.viewer, figure, wanted)
    page = Page.asked(request.GET, found.count())
    shown = {
        "title": selectors.BEHIND[figure][0],
        "query": request.GET.urlencode(),
        "page": page,
        "rows": found[page.offset : page.offset + page.size],
        "names": findings.rule_names(),
    }
    return render(request, "scorecard/behind.html", shown)


@require("see.scorecard")
def narrowings(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    found = selectors.narrowings(request.viewer, state)
    page = Page.asked(request.GET, found.count())
    shown = {
        "page": page,
        "rows": [(one, FEATURES[one.feature][0]) for one in found[page.offset : page.offset + page.size]],
        "names": findings.rule_names(),
        "regions": findings.region_names(),
        "states": [("", "全部"), *selectors.Narrowing.State.choices],
        "state": state,
    }
    return render(request, "scorecard/narrowings.html", shown)


@require("see.scorecard")
def narrowing(request: HttpRequest, pk: int) -> HttpResponse:
    return _draft(request, pk, OpinionForm())


@require_POST
@require("do.narrowing")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    one = selectors.narrowing(request.viewer, pk)
    form = OpinionForm(request.POST)
    if not form.is_valid():
        return _draft(request, pk, form)
    told = form.cleaned_data
    services.decide(request.viewer, one, told["accept"] == "yes", told["opinion"])
    messages.success(request, "已记录审核意见；规则须在规则库中另行修改、发布")
    return redirect("scorecard:narrowing", pk=pk)


@require("see.scorecard")
def narrowing_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as data, for whoever writes the rule."""
    one = selectors.narrowing(request.viewer, pk)
    told = {
        "draft": one.number,
        "state": one.state,
        "rule_version": one.rule_version,
        **one.condition,
        "rejected": one.rejected,
        "reviewed": one.reviewed,
        "evidence": one.evidence,
    }
    content = yaml.safe_dump(told, allow_unicode=True, sort_keys=False).encode()
    record(request.viewer.user, "下载收窄建议", services.LEDGER_KIND, one.number, region=one.region)
    return attached(content, "application/yaml; charset=utf-8", f"{one.number}.yaml")


def _draft(request: HttpRequest, pk: int, form: OpinionForm) -> HttpResponse:
    viewer = request.viewer
    one = selectors.narrowing(viewer, pk)
    shown = {
        "one": one,
        "form": form,
        "feature": FEATURES[one.feature][0],
        "name": findings.rule_names().get(one.rule_code, one.rule_code),
        "evidence": selectors.evidence(viewer, one),
        "may_decide": viewer.may("do.narrowing") and one.state == "open",
        "may_draft": viewer.may("do.rulebase") and one.state == "accepted",
        "condition": yaml.safe_dump(one.condition, allow_unicode=True, sort_keys=False),
    }
    return render(request, "scorecard/narrowing.html", shown, status=422 if form.errors else 200)


def _charts(lines: Sequence[Score]) -> list[Chart]:
    """Least precise first, of those with enough findings; and what was determined."""
    sure = sorted((one for one in lines if one.precision is not None and not one.few), key=lambda one: one.precision)
    worst = sure[:DRAWN]
    paid = sorted((one for one in lines if one.figures["determined_fen"]), key=lambda o: -o.figures["determined_fen"])
    drawn = []
    if worst:
        values = [round(one.precision * 100, 1) for one in worst if one.precision is not None]
        option = charts.ranking([one.label for one in worst], values, name="准确率（%）")
        drawn.append(Chart("precision", "准确率最低的（%）", option, f"准确率最低的是{worst[0].label}，{values[0]}%"))
    if paid:
        yuan = [one.figures["determined_fen"] / 100 for one in paid[:DRAWN]]
        option = charts.ranking([one.label for one in paid[:DRAWN]], yuan, name="认定金额（元）")
        drawn.append(
            Chart("determined", "认定金额最多的（元）", option, f"认定金额最多的是{paid[0].label}，{yuan[0]:,.2f} 元")
        )
    return drawn
