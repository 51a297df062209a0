"""The ledger's page."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fundguard.web.accounts.guard import require
from fundguard.web.ledger import selectors


@require("see.ledger")
def listing(request: HttpRequest) -> HttpResponse:
    page = Paginator(selectors.entries(request.viewer), 20).get_page(request.GET.get("page"))
    return render(request, "ledger/list.html", {"page": page})
