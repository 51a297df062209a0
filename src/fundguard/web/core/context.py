"""What every page of the site shows around its content."""

from __future__ import annotations

from django.http import HttpRequest

from fundguard import __version__


def site(request: HttpRequest) -> dict[str, object]:
    """Names for the base template; without any query, so that an error page can use it too."""
    return {"product": "医保基金监管平台", "version": __version__, "viewer": getattr(request, "viewer", None)}
