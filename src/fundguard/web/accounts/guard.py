"""Guarded access: every view asks for a permission, every selector takes a viewer first.

`PUBLIC` names the few addresses without one; any other view without a permission is refused, so a forgotten guard
shows nothing. `tests/web/test_guards.py` visits every address as every role.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRedirect

from fundguard.web.accounts.models import Region, User
from fundguard.web.accounts.roles import PERMISSIONS, ROLES, Role

PUBLIC = frozenset({"login", "logout", "password_change", "password_change_done", "papers:verify"})


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

    @property
    def institutions(self) -> frozenset[str] | None:
        return frozenset(self.user.institutions.split()) if self.role.own_institution else None

    @property
    def practitioner(self) -> str | None:
        """Own code of a doctor, who sees only what concerns him; None for everyone else."""
        return self.user.practitioner if self.role.code == "doctor" else None


class ViewerMiddleware:
    """`request.viewer`: a Viewer for a signed-in user with a role, else None."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        request.viewer = Viewer(user) if user.is_authenticated and user.role in ROLES else None
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any) -> None:
        if not hasattr(view, "permission") and request.resolver_match.view_name not in PUBLIC:
            raise PermissionDenied("此页面没有声明权限")


def require(permission: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """The view runs only for a viewer with this permission; anonymous visitors are sent to sign in."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.viewer is None:
                return _to_sign_in(request)
            if not request.viewer.may(permission):
                raise PermissionDenied(PERMISSIONS[permission])
            return view(request, *args, **kwargs)

        guarded.permission = permission
        return guarded

    return decorate


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back; a request of htmx moves the whole page, not the part it asked for."""
    if request.htmx:
        return HttpResponseClientRedirect(redirect_to_login(request.htmx.current_url_abs_path or "/").url)
    return redirect_to_login(request.get_full_path())
