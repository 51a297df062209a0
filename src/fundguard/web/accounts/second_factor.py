"""The second factor of one's own account: a code from an authenticator, and recovery codes. The work is allauth's."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.views import AuthenticateView, IndexView, ReauthenticateView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.conf import settings
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from fundguard.web.accounts.grounds import no_access
from fundguard.web.accounts.records import record_account
from fundguard.web.accounts.roles import ROLES


class Recorded:
    """A form whose success enters the ledger as `act`."""

    act: str

    def form_valid(self, form: Form) -> HttpResponse:
        with transaction.atomic():
            record_account(self.request.user, self.act, self.request.user)
            return super().form_valid(form)


class Authenticate(AuthenticateView):
    template_name = "accounts/second_factor.html"


class Reauthenticate(ReauthenticateView):
    template_name = "accounts/reauthenticate.html"


class Security(IndexView):
    template_name = "accounts/security.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"required": _required(self.request)}


@method_decorator(never_cache, name="dispatch")
class Activate(Recorded, ActivateTOTPView):
    template_name = "accounts/second_factor_activate.html"
    act = "启用二次验证"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"required": _required(self.request)}


class Deactivate(Recorded, DeactivateTOTPView):
    template_name = "accounts/second_factor_deactivate.html"
    act = "停用二次验证"

    def form_valid(self, form: Form) -> HttpResponse:
        if _required(self.request):
            raise no_access("A08", where="二次验证", seen=ROLES[self.request.user.role].name)
        return super().form_valid(form)


class GenerateCodes(Recorded, GenerateRecoveryCodesView):
    template_name = "accounts/recovery_codes_generate.html"
    act = "重新生成备用码"


@method_decorator(never_cache, name="dispatch")
class Codes(ViewRecoveryCodesView):
    template_name = "accounts/recovery_codes.html"


def _required(request: HttpRequest) -> bool:
    role = ROLES.get(request.user.role)
    return bool(settings.SECOND_FACTOR_REQUIRED and role and role.second_factor)
