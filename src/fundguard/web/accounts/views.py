"""Signing in and out, changing the password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.views.decorators.http import require_POST

from fundguard.web.accounts import selectors
from fundguard.web.accounts.forms import PasswordForm, SignInForm
from fundguard.web.accounts.guard import PUBLIC, SIGNED_IN, require, viewer_of
from fundguard.web.core.errors import refuse
from fundguard.web.ledger.services import record


class _SignIn(auth.LoginView):
    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: SignInForm) -> HttpResponse:
        user = form.get_user()
        with transaction.atomic():
            record(user, "account.sign_in", ("account", user.username), region=user.region.code)
            return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        demo = selectors.demo_accounts() if settings.DEMO else []
        return super().get_context_data(**kwargs) | {"title": "登录", "demo_accounts": demo}


class _ChangePassword(auth.PasswordChangeView):
    template_name = "accounts/change_password.html"
    form_class = PasswordForm
    success_url = reverse_lazy("overview")
    extra_context = {"title": "修改密码"}

    def form_valid(self, form: PasswordForm) -> HttpResponse:
        user = self.request.user
        with transaction.atomic():
            record(user, "account.change_password", ("account", user.username), region=user.region.code)
            answer = super().form_valid(form)
        messages.success(self.request, "密码已修改。")
        return answer


sign_in = require(PUBLIC)(_SignIn.as_view())
change_password = require(SIGNED_IN)(_ChangePassword.as_view())
_leave = auth.LogoutView.as_view()


@require(SIGNED_IN)
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    user = viewer_of(request).user
    record(user, "account.sign_out", ("account", user.username), region=user.region.code)
    return _leave(request)


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer to further attempts while an account is locked at this address."""
    return refuse(
        request,
        status=429,
        what="登录尝试次数过多，已暂时锁定",
        seen="同一账号在同一地址连续 5 次登录失败",
        remedy="请 15 分钟后再试；忘记密码请联系系统管理员重置。",
    )
