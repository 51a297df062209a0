"""Signing in and out, the own password and sessions; each leaves a row in the ledger."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts import gates, posts
from fundguard.web.accounts.demo import ACCOUNTS, PASSWORD
from fundguard.web.accounts.records import record_account
from fundguard.web.core import menu


class Login(LoginView):
    """Name and password; a second factor, where the account has one, is the next page."""

    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"demo_accounts": ACCOUNTS, "demo_password": PASSWORD} if settings.DEMO else {}
        shown |= {"sign_on": settings.SIGN_ON_NAME, "ended": "ended" in self.request.GET}
        return super().get_context_data(**kwargs, **shown)

    def get_default_redirect_url(self) -> str:
        return menu.start_of(self.request.user)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        return perform_login(self.request, user, redirect_url=self.get_redirect_url() or menu.start_of(user))


class Logout(LogoutView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            if request.user.is_authenticated:
                record_account(request.user, "退出登录", request.user)
            return super().post(request, *args, **kwargs)


class PasswordChange(PasswordChangeView):
    template_name = "accounts/password_change.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.local:
            raise Refusal(
                "您的密码由单位统一登录管理", where="修改密码", remedy="请在单位的登录系统中修改", exit_code=2
            )
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"due": gates.password_due(self.request.user)}

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        with transaction.atomic():
            answer = super().form_valid(form)
            posts.password_changed(self.request.user)
        return answer


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else: this session alone goes on."""
    posts.end_own_sessions(request.user)
    update_session_auth_hash(request, request.user)
    messages.success(request, "其他设备和浏览器上的登录已全部结束。")
    return redirect("mfa_index")


def locked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Too many failures: says until when. The time runs anew from the last failure."""
    until = timezone.now() + settings.AXES_COOLOFF_TIME
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(request, "accounts/locked.html", {"minutes": minutes, "until": until}, status=429)
