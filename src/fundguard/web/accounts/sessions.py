"""A session ends after half an hour without work and, whatever happens, after eight hours."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

#: The moment of last use is written at most this often, in seconds: looking at a page should not write the database.
GRAIN = 60


class SessionLimits:
    """Signs out an account whose session is idle (`SESSION_IDLE`) or too old (`SESSION_COOKIE_AGE`), in seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(timezone.now().timestamp())
            began = request.session.setdefault("began", now)
            used = request.session.setdefault("used", now)
            if now - used > settings.SESSION_IDLE or now - began > settings.SESSION_COOKIE_AGE:
                logout(request)
                request.session_ended = True
            elif now - used > GRAIN:
                request.session["used"] = now
        return self.get_response(request)
