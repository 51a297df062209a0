"""Where a request comes from, for locks and limits."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """What the outermost of `TRUSTED_PROXIES` proxies of our own saw, else the connection's own address.

    Only so many entries from the right of X-Forwarded-For are believed: the rest is whatever a client wrote.
    """
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    count = settings.TRUSTED_PROXIES
    if count and len(told) >= count and (address := told[-count].strip()):
        return address
    return request.META.get("REMOTE_ADDR", "")
