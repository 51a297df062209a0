"""What a signed-in account must do before it may do anything else."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from fundguard.web.accounts.models import User
from fundguard.web.accounts.roles import ROLES


def first_to_do(request: HttpRequest) -> str | None:
    """Name of the address where the account must go first; None where it may go on."""
    user = request.user
    if password_due(user):
        return "password_change"
    if second_factor_due(request):
        return "mfa_activate_totp"
    return None


def password_due(user: User) -> bool:
    """A password that somebody else set, or that is older than `PASSWORD_DAYS` (0: never too old)."""
    if not user.local:
        return False
    days = settings.PASSWORD_DAYS
    return user.must_change_password or (days > 0 and user.password_set_at < timezone.now() - timedelta(days=days))


def second_factor_due(request: HttpRequest) -> bool:
    """Whether the post asks for a second factor that the account does not have yet."""
    role = ROLES.get(request.user.role)
    if not (settings.SECOND_FACTOR_REQUIRED and role and role.second_factor):
        return False
    return not (_used_now(request) or is_mfa_enabled(request.user))


def _used_now(request: HttpRequest) -> bool:
    """Whether this session was begun with it: that saves a look into the database on every page."""
    return any(one.get("method") == "mfa" for one in get_authentication_records(request))
