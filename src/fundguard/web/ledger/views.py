"""The ledger's page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fundguard.web.accounts.guard import require
from fundguard.web.core.paging import Page
from fundguard.web.ledger import selectors


@require("see.ledger")
def listing(request: HttpRequest) -> HttpResponse:
    found = selectors.entries(request.viewer)
    page = Page.asked(request.GET, found.count())
    rows = found[page.offset : page.offset + page.size]
    return render(request, "ledger/list.html", {"page": page, "rows": rows})
