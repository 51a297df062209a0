"""List of rules, page of a rule, problem list, search, where a code is used."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from fundguard.web.accounts.guard import require
from fundguard.web.core.paging import Page
from fundguard.web.findings import selectors as findings
from fundguard.web.rulebook import problems as problem_list
from fundguard.web.rulebook import selectors
from fundguard.web.rulebook.sql import highlighted


@require("see.rulebook")
def rules(request: HttpRequest) -> HttpResponse:
    shown = {"rules": selectors.lines(request.viewer), "last_run": findings.last_run()}
    return render(request, "rulebook/rules.html", shown)


@require("see.rulebook")
def rule(request: HttpRequest, code: str) -> HttpResponse:
    told = selectors.rule_page(request.viewer, code)
    if told is None:
        raise Http404
    sought = request.GET.get("q", "")[:60]
    points = selectors.points(request.viewer, code, sought)
    page = Page.asked(request.GET, len(points))
    shown = {
        "page": page,
        "told": told,
        "q": sought,
        "points": selectors.described(request.viewer, points[page.offset : page.offset + page.size]),
        "sql": highlighted(told.sql),
        "may_findings": request.viewer.may("see.findings"),
    }
    return render(request, "rulebook/rule.html", shown)


@require("see.rulebook")
def search(request: HttpRequest) -> HttpResponse:
    """One box: by code, name or pinyin initials, to every rule and knowledge point."""
    q = request.GET.get("q", "").strip()[:60]
    shown = {
        "q": q,
        "rules": selectors.rules_named(q),
        "found": selectors.found(request.viewer, q),
        "most": selectors.FOUND_SHOWN,
        "may_see_catalogues": request.viewer.may("see.knowledge"),
    }
    return render(request, "rulebook/search.html", shown)


@require("see.rulebook")
def code(request: HttpRequest, code: str) -> HttpResponse:
    told = selectors.of_code(request.viewer, code)
    if told is None:
        raise Http404
    may = request.viewer.may("see.findings")
    shown = {"told": told, "code": code, "amount": findings.of_items(request.viewer, told.codes) if may else None}
    return render(request, "rulebook/code.html", shown)


@require("see.rulebook")
def problems(request: HttpRequest) -> HttpResponse:
    """The problem list, of one field or in one state of checking."""
    field, state = request.GET.get("field", "")[:40], request.GET.get("state", "")[:10]
    found = problem_list.listed(field, state)
    page = Page.asked(request.GET, len(found))
    shown = {"page": page, "rows": found[page.offset : page.offset + page.size], "field": field, "state": state}
    shown |= {"fields": problem_list.fields(), "counts": problem_list.counts()}
    return render(request, "rulebook/problems.html", shown)
