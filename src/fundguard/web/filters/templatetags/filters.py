"""The saved filters of a list, above it."""

from __future__ import annotations

from typing import Any

from django import template

from fundguard.web.filters import selectors, services

register = template.Library()


@register.inclusion_tag("filters/bar.html", takes_context=True)
def saved_filters(context: dict[str, Any], page: str) -> dict[str, Any]:
    """Those that the viewer may use, and a form to save what is asked for now."""
    request = context["request"]
    now = services.cleaned(request.viewer, page, request.GET.urlencode())
    listed = list(selectors.usable(request.viewer, page))
    return {
        "page": page,
        "now": now,
        "filters": [(one, one.query == now, one.owner_id != request.viewer.user.pk) for one in listed],
        "known": any(one.query == now for one in listed),
        "csrf_token": context.get("csrf_token"),
    }
