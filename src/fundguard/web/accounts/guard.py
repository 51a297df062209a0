"""Who may see what. Every view names a permission; every guarded selector takes a `Viewer` first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRedirect

from fundguard.web.accounts.models import Affiliation, Region, User
from fundguard.web.accounts.roles import PERMISSIONS, Role

PUBLIC = "public"
SIGNED_IN = "signed_in"

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Viewer:
    """The person looking: passed to selectors instead of the request.

    `region_path` is the treebeard path of his region; `institution_codes` is None where the role sees its whole region.
    """

    user: User
    role: Role
    region_path: str
    institution_codes: frozenset[str] | None

    @classmethod
    def of(cls, user: User) -> Viewer:
        """The viewer behind an active account."""
        codes = None
        if user.duty.institutional:
            members = Affiliation.objects.filter(head=user.institution_code).values_list("member", flat=True)
            codes = frozenset([user.institution_code, *members]) - {""}
        return cls(user, user.duty, user.region.path, codes)

    def may(self, permission: str) -> bool:
        return permission in self.role.permissions

    def regions(self) -> frozenset[str]:
        """Codes of his region and of every region below it."""
        return self._regions

    @cached_property
    def _regions(self) -> frozenset[str]:
        return frozenset(Region.objects.filter(path__startswith=self.region_path).values_list("code", flat=True))

    def sees(self, *, region: str, institution: str | None = None) -> bool:
        """Whether something of this region and institution lies inside his limits."""
        if self.institution_codes is not None:
            return institution in self.institution_codes
        return region in self.regions()


def require(permission: str) -> Callable[[View], View]:
    """Guard a view with a permission of `roles.PERMISSIONS`, with SIGNED_IN, or open it with PUBLIC."""
    if permission not in (*PERMISSIONS, PUBLIC, SIGNED_IN):
        raise ImproperlyConfigured(f"unknown permission {permission!r}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if permission != PUBLIC:
                viewer = viewer_of(request)
                if viewer is None:
                    return _to_sign_in(request)
                if permission != SIGNED_IN and not viewer.may(permission):
                    raise PermissionDenied(PERMISSIONS[permission])
            return view(request, *args, **kwargs)

        guarded.permission = permission  # read by DefaultDeny and by the test that sweeps all addresses
        return guarded

    return decorate


def viewer_of(request: HttpRequest) -> Viewer | None:
    """The viewer of this request, None for an anonymous one; made once a request."""
    if not hasattr(request, "_viewer"):
        request._viewer = Viewer.of(request.user) if request.user.is_authenticated else None
    return request._viewer


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back; a fragment request moves the whole page, not the fragment."""
    if request.htmx:
        here = request.htmx.current_url_abs_path or "/"
        return HttpResponseClientRedirect(redirect_to_login(here).url)
    return redirect_to_login(request.get_full_path())


class DefaultDeny:
    """Refuses a view that names no permission, so a forgotten guard shows nothing to anyone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if not hasattr(view, "permission"):
            raise PermissionDenied("此页面没有声明访问权限")
