"""What received lists say, on the page of a finding."""

from __future__ import annotations

from typing import Any

from django import template

from fundguard.web.foreign import selectors

register = template.Library()


@register.inclusion_tag("foreign/mentions.html", takes_context=True)
def foreign_mentions(context: dict[str, Any], key: str) -> dict[str, Any]:
    """The lists that speak of a finding which the viewer of this page was shown."""
    viewer = context["request"].viewer
    found = selectors.mentions(viewer, key) if viewer.may("see.foreign") else []
    return {"mentions": found}
