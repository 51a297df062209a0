"""Our answers where allauth asks: what a sign-in leaves behind, who comes in from outside, how secrets lie."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from fundguard.claims.store import keys
from fundguard.web.accounts.addresses import client_address
from fundguard.web.accounts.grounds import no_access
from fundguard.web.accounts.models import User
from fundguard.web.accounts.records import record_account
from fundguard.web.core import menu
from fundguard.web.core.errors import refused

BACKEND = "django.contrib.auth.backends.ModelBackend"
_ABOUT = "second-factor"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: its messages are not ours; our pages say what happened."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return menu.start_of(request.user)

    def login(self, request: HttpRequest, user: User) -> None:
        """The last step of every way in, after the second factor."""
        user.backend = getattr(user, "backend", BACKEND)
        with transaction.atomic():
            record_account(user, "登录", user)
            super().login(request, user)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return refused(request, no_access("A07"), status=403, title="账号已停用")


class SocialAdapter(DefaultSocialAccountAdapter):
    """An unknown subject of the bureau's provider becomes an account without post, and so without rights."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """No address of electronic mail is taken over: nobody is joined to an account because of it."""
        sociallogin.email_addresses = []
        user = sociallogin.user
        user.source = User.Source.OIDC
        user.display_name = (data.get("name") or data.get("username") or "")[:60]
        user.username = (data.get("username") or "")[:100]
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        with transaction.atomic():
            user = super().save_user(request, sociallogin, form)
            record_account(None, "单位统一登录建立账号", user)
        return user

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        answer = refused(request, no_access("A06", where="单位统一登录"), status=403, title="登录没有成功")
        raise ImmediateHttpResponse(answer)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets lie sealed with the key of the data folder, not beside the password hashes in clear."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "验证码不正确或已用过。",
        "cannot_delete_authenticator": "您的岗位必须使用二次验证，不能停用。",
        "cannot_generate_recovery_codes": "启用二次验证后才能生成备用码。",
    }

    def get_totp_label(self, user: User) -> str:
        return user.username

    def encrypt(self, text: str) -> str:
        return base64.b64encode(keys.create(settings.STORE).seal(text, _ABOUT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return str(keys.create(settings.STORE).open(base64.b64decode(encrypted_text), _ABOUT))
