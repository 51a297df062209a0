"""The own reminders: list, open one, mark all as read."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fundguard.web.accounts.guard import require
from fundguard.web.core.paging import Page
from fundguard.web.reminders import services
from fundguard.web.reminders.models import Reminder


@require("see.reminders")
def reminders(request: HttpRequest) -> HttpResponse:
    """Newest first; `?unread=1` only what was not read."""
    found = Reminder.objects.filter(person=request.viewer.user)
    unread_only = request.GET.get("unread") == "1"
    if unread_only:
        found = found.filter(read_at=None)
    page = Page.asked(request.GET, found.count())
    rows = found[page.offset : page.offset + page.size]
    shown = {"page": page, "rows": rows, "unread_only": unread_only, "unread": services.unread(request.viewer)}
    return render(request, "reminders/reminders.html", shown)


@require_POST
@require("see.reminders")
def open_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Read from now on; leads to what it is about."""
    one = get_object_or_404(Reminder, pk=pk, person=request.viewer.user)
    services.read(request.viewer, one.pk)
    if not one.object_id:
        return redirect(one.declared.list_url)
    return redirect(reverse(one.declared.one_url, args=[one.object_id]))


@require_POST
@require("see.reminders")
def read_all(request: HttpRequest) -> HttpResponse:
    messages.success(request, f"已将 {services.read(request.viewer)} 条提醒标为已读。")
    return redirect("reminders:reminders")
