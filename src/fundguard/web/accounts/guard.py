"""Guarded access: every view asks for a permission, every selector takes a viewer first.

`PUBLIC` names the few addresses open to all, `OWN` those of every signed-in account; any other view without a
permission is refused, so a forgotten guard shows nothing. `tests/web/test_guards.py` visits all addresses as all roles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from fundguard.web.accounts import gates
from fundguard.web.accounts.grounds import no_access
from fundguard.web.accounts.models import Region, User
from fundguard.web.accounts.roles import PERMISSIONS, ROLES, Role
from fundguard.web.units.standing import answered_for

PUBLIC = frozenset(
    {
        "login",
        "account_login",
        "logout",
        "mfa_authenticate",
        "openid_connect_login",
        "openid_connect_callback",
        "papers:verify",
    }
)
OWN = frozenset(
    {
        "password_change",
        "password_change_done",
        "end_sessions",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
    }
)


@dataclass(frozen=True)
class Viewer:
    """Who looks. `regions` are the codes of all divisions in reach, `institutions` is None where all of them are."""

    user: User

    @property
    def role(self) -> Role:
        return ROLES[self.user.role]

    def may(self, permission: str) -> bool:
        if permission not in PERMISSIONS:
            raise KeyError(permission)
        return permission in self.role.permissions

    @cached_property
    def regions(self) -> frozenset[str]:
        home = self.user.region
        if home is None:
            return frozenset()
        return frozenset(Region.objects.filter(path__startswith=home.path).values_list("code", flat=True))

    @cached_property
    def institutions(self) -> frozenset[str] | None:
        """The account's own and, for those who answer, the units that these answer for today."""
        if not self.role.own_institution:
            return None
        own = frozenset(self.user.institutions.split())
        return own | answered_for(own, timezone.localdate()) if "do.answer" in self.role.permissions else own

    @property
    def practitioner(self) -> str | None:
        """Own code of a doctor, who sees only what concerns him; None for everyone else."""
        return self.user.practitioner if self.role.code == "doctor" else None


class ViewerMiddleware:
    """`request.viewer`: a Viewer for a signed-in user with a role, else None. Sends on who must do something first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        request.viewer = Viewer(user) if user.is_authenticated and user.role in ROLES else None
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name
        if name in PUBLIC:
            return None
        if name in OWN:
            return None if request.user.is_authenticated else _to_sign_in(request)
        if not hasattr(view, "permission"):
            raise PermissionDenied("此页面没有声明权限")
        first = gates.first_to_do(request) if request.user.is_authenticated else None
        return None if first is None else _moved(request, reverse(first))


def require(permission: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """The view runs only for a viewer with this permission; anonymous visitors are sent to sign in."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if request.viewer is None:
                raise no_access("A02", where="当前页面")
            if not request.viewer.may(permission):
                raise PermissionDenied(PERMISSIONS[permission])
            return view(request, *args, **kwargs)

        guarded.permission = permission
        return guarded

    return decorate


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back; a request of htmx moves the whole page, not the part it asked for.

    A form that arrives without a session goes back to its page; `ended` lets the sign-in page say what happened.
    """
    lost = request.method == "POST"
    if request.htmx:
        back = request.htmx.current_url_abs_path or "/"
    else:
        back = _page_of_form(request) if lost else request.get_full_path()
    address = redirect_to_login(back).url
    return _moved(request, f"{address}&ended=1" if lost or getattr(request, "session_ended", False) else address)


def _page_of_form(request: HttpRequest) -> str:
    """Path of the page that posted, where the browser names it; never another site."""
    told = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(told, {request.get_host()}):
        return "/"
    parts = urlsplit(told)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"


def _moved(request: HttpRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)
