"""The ledger page, and opening masked data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require, viewer_of
from fundguard.web.core.paging import listing
from fundguard.web.ledger import selectors
from fundguard.web.ledger.forms import LedgerFilter
from fundguard.web.ledger.identity import open_field

_ORDERS = {"at": "at", "act": "act"}


@require("ledger.view")
def ledger(request: HttpRequest) -> HttpResponse:
    """Acts in the viewer's regions, newest first."""
    form = LedgerFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = selectors.entries(viewer_of(request), **wanted)
    page = {"title": "审计日志", "form": form, "listing": listing(rows, request.GET, _ORDERS, "-at")}
    return render(request, "ledger/ledger.html", page)


@require("identity.open")
@require_POST
@never_cache
def open_identity(request: HttpRequest) -> HttpResponse:
    """The clear value as a fragment for the dialog, or why it stays closed."""
    try:
        opened = open_field(viewer_of(request), request.POST.get("ticket", ""), request.POST.get("reason", ""))
    except Refusal as refusal:
        return render(request, "ledger/identity_refused.html", {"refusal": refusal}, status=422)
    return render(request, "ledger/identity_opened.html", {"opened": opened})
