"""Pages of the system administrator: accounts, their posts, and what is done to them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fundguard.web.accounts import posts, selectors
from fundguard.web.accounts.forms import AccountFilter, NewAccount, PostForm
from fundguard.web.accounts.grounds import AccessRefusal
from fundguard.web.accounts.guard import require
from fundguard.web.accounts.models import User
from fundguard.web.accounts.records import KIND
from fundguard.web.core.paging import Page
from fundguard.web.core.parts import Happening
from fundguard.web.ledger import selectors as ledger

HISTORY = 20  # rows of the ledger beside an account


@require("do.accounts")
def listing(request: HttpRequest) -> HttpResponse:
    form = AccountFilter(request.GET, request.viewer)
    form.is_valid()
    found = selectors.accounts(request.viewer, form.cleaned_data)
    page = Page.asked(request.GET, found.count())
    rows = list(found[page.offset : page.offset + page.size])
    shown = {"form": form, "page": page, "rows": rows, "second_factors": selectors.second_factors(rows)}
    return render(request, "accounts/list.html", shown)


@never_cache
@require("do.accounts")
def create(request: HttpRequest) -> HttpResponse:
    """The form; after it, once, the temporary password."""
    form = NewAccount(request.POST or None, request.viewer)
    if request.method == "POST" and form.is_valid():
        try:
            user, password = posts.create(request.viewer, form.cleaned_data["username"], form.post)
        except AccessRefusal as refusal:
            form.add_error(None, _told(refusal))
        else:
            return render(request, "accounts/password_told.html", {"account": user, "password": password})
    return render(request, "accounts/new.html", {"form": form})


@require("do.accounts")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """An account: its post as a form, what can be done to it, what was."""
    user = _account(request, pk)
    initial = {
        "display_name": user.display_name,
        "staff_no": user.staff_no,
        "role": user.role,
        "region": user.region.code if user.region else None,
        "institutions": user.institutions,
        "practitioner": user.practitioner,
    }
    form = PostForm(request.POST or None, request.viewer, initial)
    if request.method == "POST" and form.is_valid():
        try:
            posts.assign(request.viewer, user, form.post)
        except AccessRefusal as refusal:
            form.add_error(None, _told(refusal))
        else:
            messages.success(request, "岗位已分派，该账号须重新登录。")
            return redirect("accounts:detail", pk=pk)
    return render(request, "accounts/detail.html", _shown(request, user, form))


@require_POST
@never_cache
@require("do.accounts")
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    if act not in posts.ACTS:
        raise Http404
    user, chosen = _account(request, pk), posts.ACTS[act]
    password = posts.perform(request.viewer, user, chosen)
    if password:
        return render(request, "accounts/password_told.html", {"account": user, "password": password})
    messages.success(request, chosen.done)
    return redirect("accounts:detail", pk=pk)


def _account(request: HttpRequest, pk: int) -> User:
    return get_object_or_404(selectors.accounts(request.viewer), pk=pk)


def _shown(request: HttpRequest, user: User, form: PostForm) -> dict[str, Any]:
    rows = ledger.of_object(request.viewer, KIND, user.username)[:HISTORY]
    history = [
        Happening(
            row.at,
            row.act,
            row.actor.display_name if row.actor else "系统",
            "；".join(f"{name}：{value}" for name, value in row.detail.items()),
        )
        for row in rows
    ]
    acts = [name for name in posts.ACTS if _offered(name, user)]
    return {
        "account": user,
        "form": form,
        "acts": [(name, posts.ACTS[name].name) for name in acts],
        "second_factor": bool(selectors.second_factors([user])),
        "happenings": history,
    }


def _offered(name: str, user: User) -> bool:
    return {"disable": user.is_active, "enable": not user.is_active, "reset-password": user.local}.get(name, True)


def _told(refusal: AccessRefusal) -> str:
    return "".join(part for part in (refusal.what, f"{refusal.seen}。" if refusal.seen else "", refusal.remedy) if part)
