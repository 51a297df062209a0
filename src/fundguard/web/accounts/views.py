"""Sign-in. In demo mode the page lists the demo accounts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView

from fundguard.web.accounts.demo import ACCOUNTS, PASSWORD


class Login(LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"demo_accounts": ACCOUNTS, "demo_password": PASSWORD} if settings.DEMO else {}
        return super().get_context_data(**kwargs, **shown)
