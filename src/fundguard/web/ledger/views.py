"""The ledger's page and its export."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.downloads import workbook
from fundguard.web.core.paging import Page
from fundguard.web.ledger import selectors
from fundguard.web.ledger.excel import write_entries
from fundguard.web.ledger.forms import LedgerFilter
from fundguard.web.ledger.services import record

EXPORT_AT_MOST = 100_000  # rows of one workbook
#: Rows that the page leads to, the newest first: counting millions for a page number takes longer than the page.
LISTED = 10_000


@require("see.ledger")
def listing(request: HttpRequest) -> HttpResponse:
    form = LedgerFilter(request.GET)
    form.is_valid()
    found = selectors.entries(request.viewer, form.cleaned_data)
    number = found[: LISTED + 1].count()
    page = Page.asked(request.GET, min(number, LISTED))
    rows = list(found[page.offset : page.offset + page.size])
    shown = {
        "form": form,
        "page": page,
        "more": number > LISTED,
        "rows": rows,
        "waiting": selectors.waiting([row.pk for row in rows]),
        "figures": selectors.state(),
    }
    return render(request, "ledger/list.html", shown)


@require("see.ledger")
def export(request: HttpRequest) -> HttpResponse:
    """All rows that match the filter in the address, as Excel; the export itself enters the ledger first."""
    form = LedgerFilter(request.GET)
    form.is_valid()
    found = selectors.entries(request.viewer, form.cleaned_data)
    count = found[: EXPORT_AT_MOST + 1].count()
    if count > EXPORT_AT_MOST:
        raise Refusal(
            "记录太多，不能一次导出",
            where="操作台账",
            seen=f"超过 {EXPORT_AT_MOST} 行",
            remedy="请用日期或事项缩小范围，分几次导出",
        )
    user = request.viewer.user
    home = user.region.code if user.region else ""
    record(user, "导出台账", "操作台账", request.GET.urlencode()[:160], region=home, detail={"行数": count})
    highest = found.first()
    rows = found.filter(pk__lte=highest.pk) if highest else found
    return workbook("操作台账", lambda path: write_entries(path, rows.iterator(chunk_size=2000)))
