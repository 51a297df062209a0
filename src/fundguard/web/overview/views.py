"""The first page after signing in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fundguard.web.accounts.guard import require, viewer_of
from fundguard.web.overview import selectors


@require("overview.view")
def overview(request: HttpRequest) -> HttpResponse:
    """Figures and charts, or how to begin."""
    page = {"title": "运行总览", "overview": selectors.overview(viewer_of(request))}
    return render(request, "overview/overview.html", page)
