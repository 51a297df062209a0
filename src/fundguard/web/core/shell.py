"""What every page needs around its content: the viewer and the menu as he sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from fundguard.web.accounts.guard import Viewer, viewer_of
from fundguard.web.core.menu import MENU


@dataclass(frozen=True)
class Link:
    label: str
    href: str
    current: bool


def menu_of(viewer: Viewer, path: str) -> list[tuple[str, list[Link]]]:
    """The menu of this viewer; the entry with the longest address that begins `path` is current."""
    groups = [
        (title, [(e.label, reverse(e.url)) for e in entries if viewer.may(e.permission)]) for title, entries in MENU
    ]
    hrefs = [href for _, links in groups for _, href in links if path.startswith(href) and (href != "/" or path == "/")]
    current = max(hrefs, key=len, default="")
    return [(title, [Link(label, href, href == current) for label, href in links]) for title, links in groups if links]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of every template."""
    viewer = viewer_of(request) if hasattr(request, "user") else None
    menu = menu_of(viewer, request.path) if viewer else []
    return {"viewer": viewer, "menu": menu, "demo": settings.DEMO}
