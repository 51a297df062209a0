"""Catalogues of codes: what is in use, importing the next one, what it changed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.paging import Page
from fundguard.web.knowledge_base import catalogues as kept
from fundguard.web.knowledge_base.forms import CatalogueForm
from fundguard.web.knowledge_base.models import Catalogue


@require("see.knowledge")
def catalogues(request: HttpRequest) -> HttpResponse:
    """Every import; a catalogue says nothing of anyone and is the same for all divisions."""
    found = Catalogue.objects.select_related("made_by")
    page = Page.asked(request.GET, found.count())
    shown = {
        "page": page,
        "rows": found[page.offset : page.offset + page.size],
        "in_use": {one.pk for one in kept.in_use()},
        "may_import": request.viewer.may("do.knowledge"),
    }
    return render(request, "knowledge_base/catalogues.html", shown)


@require("do.knowledge")
def take_over(request: HttpRequest) -> HttpResponse:
    form = CatalogueForm(request.POST or None, request.FILES or None)
    refused = None
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        try:
            with tempfile.TemporaryDirectory(prefix="fundguard-") as place:
                made = kept.take_over(request.viewer, told.pop("file"), told, Path(place))
            messages.success(request, f"已导入 {made.rows:,} 个编码")
            return redirect("knowledge_base:catalogue", pk=made.pk)
        except Refusal as refusal:
            refused = refusal
    status = 422 if refused or form.errors else 200
    return render(request, "knowledge_base/catalogue_import.html", {"form": form, "refusal": refused}, status=status)


@require("see.knowledge")
def catalogue(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(Catalogue.objects.select_related("made_by"), pk=pk)
    return render(request, "knowledge_base/catalogue.html", {"one": one, "compared": kept.compared(one)})
