"""Tags of the page frame."""

from __future__ import annotations

from typing import Any

from django import template

from fundguard.web.core import menu

register = template.Library()


@register.inclusion_tag("core/menu.html", takes_context=True)
def side_menu(context: dict[str, Any]) -> dict[str, Any]:
    return {"groups": menu.links(context["request"])}
