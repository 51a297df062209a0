"""Saving a filter from its list, and the page on which one's own are kept in order."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fundguard.web.accounts.guard import Viewer, require
from fundguard.web.filters import selectors, services


@require("see.findings")
def filters(request: HttpRequest) -> HttpResponse:
    """One's own, by page."""
    lists = [
        (listed.title, reverse(listed.url), selectors.own(request.viewer).filter(page=page))
        for page, listed in services.LISTS.items()
        if request.viewer.may(listed.permission)
    ]
    return render(request, "filters/filters.html", {"lists": lists, "may_share": request.viewer.may("share.filters")})


@require_POST
@require("see.findings")
def save(request: HttpRequest) -> HttpResponse:
    told = request.POST
    made = services.save(request.viewer, told.get("page", ""), told.get("name", ""), told.get("query", ""))
    messages.success(request, f"已保存常用筛选“{made.name}”。")
    return redirect(f"{reverse(services.LISTS[made.page].url)}?{made.query}")


@require_POST
@require("see.findings")
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    services.rename(request.viewer, pk, request.POST.get("name", ""))
    messages.success(request, "已改名。")
    return redirect("filters:filters")


def _act(
    act: Callable[[Viewer, int], bool | None], yes: str, no: str = ""
) -> Callable[[HttpRequest, int], HttpResponse]:
    """A press of a button on one's own filter; what is said depends on how it stands afterwards."""

    @require_POST
    @require("see.findings")
    def pressed(request: HttpRequest, pk: int) -> HttpResponse:
        messages.success(request, no if act(request.viewer, pk) is False else yes)
        return redirect("filters:filters")

    return pressed


standard = _act(services.make_standard, "已设为默认，打开该页面时自动使用。", "已取消默认。")
share = _act(services.share, "已共享给本辖区人员。", "已取消共享。")
delete = _act(services.delete, "已删除。")
