"""Signing in and out, changing the password; each leaves a row in the ledger. In demo mode the accounts are on show."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from fundguard.web.accounts.demo import ACCOUNTS, PASSWORD
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.accounts.roles import ROLES
from fundguard.web.core import menu
from fundguard.web.ledger.services import record


class Login(LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"demo_accounts": ACCOUNTS, "demo_password": PASSWORD} if settings.DEMO else {}
        return super().get_context_data(**kwargs, **shown)

    def get_default_redirect_url(self) -> str:
        """The first page that the role may open; not every role has an overview."""
        user = self.request.user
        return (
            menu.start(Viewer(user))
            if user.is_authenticated and user.role in ROLES
            else super().get_default_redirect_url()
        )

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        with transaction.atomic():
            _record(form.get_user(), "登录")
            return super().form_valid(form)


class Logout(LogoutView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            if request.user.is_authenticated:
                _record(request.user, "退出登录")
            return super().post(request, *args, **kwargs)


class PasswordChange(PasswordChangeView):
    template_name = "accounts/password_change.html"

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        with transaction.atomic():
            _record(self.request.user, "修改密码")
            return super().form_valid(form)


def _record(user: User, act: str) -> None:
    record(user, act, "账号", user.username, region=user.region.code if user.region else "")
