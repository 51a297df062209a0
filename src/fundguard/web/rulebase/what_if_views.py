"""What-ifs: the list, start, progress and result, two beside each other."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from fundguard.audit.backtest import LET_OFF, NEWLY_HIT
from fundguard.audit.settings import settable
from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.paging import Page
from fundguard.web.core.parts import Figure
from fundguard.web.core.templatetags.show import yuan
from fundguard.web.jobs.views import card
from fundguard.web.rulebase import lookup, selectors, trying
from fundguard.web.rulebase.forms import WhatIfForm

COMPARED = 2


@require("see.rulebase")
def what_ifs(request: HttpRequest) -> HttpResponse:
    found = selectors.what_ifs(request.viewer)
    page = Page.asked(request.GET, found.count())
    shown = {
        "page": page,
        "rows": found[page.offset : page.offset + page.size],
        "may_start": request.viewer.may("do.rulebase"),
    }
    return render(request, "rulebase/what_ifs.html", shown)


@require("do.rulebase")
def start(request: HttpRequest) -> HttpResponse:
    """Choose rules and what to change; `?rule=` chooses one and tells what may be changed of it."""
    viewer = request.viewer
    code = request.GET.get("rule", "")[:8]
    form = WhatIfForm(request.POST or None, viewer)
    if code and request.method == "GET":
        form.initial = {"rules": [code]}
    refused = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            asked = trying.Change(told["rules"], told["settings"].splitlines(), told["proposal"], note=told["note"])
            made = trying.try_change(viewer, told["region"], asked)
            return redirect("rulebase:what_if", pk=made.pk)
        except Refusal as refusal:
            refused = refusal
    rule = lookup.rule(code)
    shown = {"form": form, "refusal": refused, "rule": rule, "settable": settable(rule) if rule else {}}
    return render(request, "rulebase/start.html", shown, status=422 if refused or form.errors else 200)


@require("see.rulebase")
def what_if(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress while it runs, then what would change, and for whom."""
    one = selectors.what_if(request.viewer, pk)
    may_findings = request.viewer.may("see.findings")
    shown = {
        "one": one,
        "figures": _figures(one.told["total"]) if one.told else [],
        "rules": _lines(one.told),
        "judged": (one.told.get("total") or {}).get("judged"),
        "newly": selectors.moved(one, NEWLY_HIT) if one.told and may_findings else [],
        "let_off": selectors.moved(one, LET_OFF) if one.told and may_findings else [],
        **(card(request, one.job) if one.job.active or one.job.error else {}),
    }
    return render(request, "rulebase/what_if.html", shown)


@require("see.rulebase")
def compare(request: HttpRequest) -> HttpResponse:
    """Two finished what-ifs beside each other."""
    found = selectors.what_ifs(request.viewer).filter(finished_at__isnull=False)
    asked = [text for text in request.GET.getlist("pk") if text.isdecimal() and len(text) < 10][:COMPARED]
    pair = sorted(found.filter(pk__in=asked), key=lambda one: one.pk)
    shown: dict[str, Any] = {"pair": pair, "choices": found[:100], "asked": {one.pk for one in pair}}
    if len(pair) == COMPARED:
        codes = sorted({*pair[0].told["rules"], *pair[1].told["rules"]})
        sides = [{line["code"]: line for line in _lines(one.told)} for one in pair]
        shown["lines"] = [(code, sides[0].get(code), sides[1].get(code)) for code in codes]
        shown["totals"] = [_numbers(one.told["total"]) for one in pair]
    return render(request, "rulebase/compare.html", shown)


def _lines(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"code": code, "name": rule["name"], "errors": rule["errors"], **_numbers(rule)}
        for code, rule in (told.get("rules") or {}).items()
    ]


def _numbers(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "was": told["as_is"],
        "now": told["changed"],
        "newly": told["moved"][NEWLY_HIT],
        "let_off": told["moved"][LET_OFF],
        "judged": told["judged"],
        "hours": _hours(told["changed"]["review_minutes"]),
    }


def _figures(total: dict[str, Any]) -> list[Figure]:
    was, now, judged = total["as_is"], total["changed"], total["judged"]
    figures = [
        Figure("疑点", f"{now['findings']:,}", "条", f"现行 {was['findings']:,} 条"),
        Figure("人数", f"{now['persons']:,}", "人", f"现行 {was['persons']:,} 人"),
        Figure("机构", f"{now['institutions']:,}", "家", f"现行 {was['institutions']:,} 家"),
        Figure("计入金额", yuan(now["counted_fen"]), "元", f"现行 {yuan(was['counted_fen'])} 元"),
        Figure("审核用时", _hours(now["review_minutes"]), "小时", f"现行 {_hours(was['review_minutes'])} 小时"),
    ]
    if judged and judged["judged"]:
        agreement = f"{judged['agreement_e4'] / 100:.2f}%"
        figures.append(Figure("与以往认定一致", agreement, "", f"有结论的 {judged['judged']:,} 条"))
    return figures


def _hours(minutes: int) -> str:
    return f"{minutes / 60:,.1f}"
