"""The page of the register."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.paging import Page
from fundguard.web.units import selectors, services
from fundguard.web.units.forms import EndForm, UnitForm


@require("see.units")
def listing(request: HttpRequest) -> HttpResponse:
    return _listing(request, UnitForm())


@require_POST
@require("do.units")
def register(request: HttpRequest) -> HttpResponse:
    form = UnitForm(request.POST)
    if not form.is_valid():
        return _listing(request, form)
    made = services.register(request.viewer, **form.cleaned_data)
    messages.success(request, f"已登记：{made.head_name} 代 {made.unit_name} 答复。")
    return redirect("units:list")


@require_POST
@require("do.units")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    form = EndForm(request.POST)
    if not form.is_valid():
        raise Refusal("没有填写最后一日", where="最后一日", remedy="请按年月日填写")
    services.end(request.viewer, pk, form.cleaned_data["until"])
    messages.success(request, "已登记结束日期，次日起不再代为答复。")
    return redirect("units:list")


def _listing(request: HttpRequest, form: UnitForm) -> HttpResponse:
    found = selectors.units(request.viewer)
    page = Page.asked(request.GET, found.count())
    shown = {
        "form": form,
        "page": page,
        "rows": found[page.offset : page.offset + page.size],
        "may_register": request.viewer.may("do.units"),
        "today": timezone.localdate(),
    }
    return render(request, "units/list.html", shown)
