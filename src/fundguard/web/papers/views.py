"""List of papers, one paper, its Word and PDF, and the public page behind its QR code."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from fundguard.papers import to_pdf, to_word
from fundguard.web.accounts.guard import require
from fundguard.web.core.downloads import attached
from fundguard.web.core.paging import Page
from fundguard.web.papers import selectors
from fundguard.web.papers.forms import PaperFilter
from fundguard.web.papers.models import Paper
from fundguard.web.papers.own import own_fonts, own_layout

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require("see.papers")
def listing(request: HttpRequest) -> HttpResponse:
    form = PaperFilter(request.GET)
    form.is_valid()
    found = selectors.matching(request.viewer, form.cleaned_data)
    page = Page.asked(request.GET, found.count())
    rows = found[page.offset : page.offset + page.size]
    return render(request, "papers/papers.html", {"form": form, "page": page, "rows": rows})


@require("see.papers")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    one = selectors.paper(request.viewer, pk)
    return render(request, "papers/paper.html", {"one": one, "text": one.text})


@require("see.papers")
def word_file(request: HttpRequest, pk: int) -> HttpResponse:
    one = selectors.paper(request.viewer, pk)
    return attached(to_word(one.text, verify_url=_verify_url(one), layout=own_layout()), WORD, f"{one.number}.docx")


@require("see.papers")
def pdf_file(request: HttpRequest, pk: int) -> HttpResponse:
    one = selectors.paper(request.viewer, pk)
    made = to_pdf(one.text, verify_url=_verify_url(one), fonts=own_fonts())
    return attached(made, "application/pdf", f"{one.number}.pdf")


@require_safe
@never_cache
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """Public: whether a paper with this code exists and is valid. Nothing of its party, matter or money."""
    found = selectors.validity(token)
    answer = render(request, "papers/verify.html", {"found": found}, status=200 if found else 404)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _verify_url(one: Paper) -> str:
    return settings.SITE_URL + reverse("papers:verify", args=[one.token])
