"""A point with its history and disputes, where a code is used, the list of disputes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from fundguard.web.accounts.guard import require
from fundguard.web.core.paging import Page
from fundguard.web.knowledge_base import selectors, services
from fundguard.web.knowledge_base.models import Dispute


@require("see.rulebook")
def point(request: HttpRequest, point_id: str) -> HttpResponse:
    viewer = request.viewer
    shown = {
        "told": selectors.point_page(viewer, point_id),
        "disputes": selectors.disputes(viewer).filter(point_id=point_id) if viewer.may("do.dispute") else (),
        "may_dispute": viewer.may("do.dispute"),
        "may_answer": viewer.may("sign.knowledge"),
        "may_see_versions": viewer.may("see.knowledge"),
    }
    return render(request, "knowledge_base/point.html", shown)


@require_POST
@require("do.dispute")
def dispute(request: HttpRequest, point_id: str) -> HttpResponse:
    services.dispute(request.viewer, point_id, request.POST.get("reason", "")[:500])
    messages.success(request, "异议已提出，待知识审核员答复")
    return redirect("knowledge_base:point", point_id=point_id)


@require_POST
@require("sign.knowledge")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    one = services.answer(request.viewer, pk, request.POST.get("answer", "")[:500])
    messages.success(request, "已答复")
    return redirect("knowledge_base:point", point_id=one.point_id)


@require("do.dispute")
def disputes(request: HttpRequest) -> HttpResponse:
    found = selectors.disputes(request.viewer)
    state = request.GET.get("state", "")
    if state in Dispute.State.values:
        found = found.filter(state=state)
    page = Page.asked(request.GET, found.count())
    shown = {"page": page, "rows": found[page.offset : page.offset + page.size]}
    return render(request, "knowledge_base/disputes.html", shown)


@require("see.knowledge")
def where(request: HttpRequest) -> HttpResponse:
    """A code with everything that uses it; a name leads to its codes."""
    q = request.GET.get("q", "").strip()[:60]
    viewer = request.viewer
    told = selectors.code_page(viewer, q.upper()) if q else None
    found = selectors.found(viewer, q) if told and not told.known else []
    return render(request, "knowledge_base/where.html", {"q": q, "told": told, "found": found})
