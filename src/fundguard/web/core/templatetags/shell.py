"""Tags of the page frame."""

from __future__ import annotations

from typing import Any

from django import template

from fundguard.web.core import menu

register = template.Library()


@register.inclusion_tag("core/menu.html", takes_context=True)
def side_menu(context: dict[str, Any]) -> dict[str, Any]:
    return {"groups": menu.links(context["request"])}


@register.simple_tag(takes_context=True)
def start_url(context: dict[str, Any]) -> str:
    """Where the viewer of this page begins."""
    viewer = getattr(context["request"], "viewer", None)
    return menu.start(viewer) if viewer else "/"
