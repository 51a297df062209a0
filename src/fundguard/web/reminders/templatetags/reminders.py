"""The number in the bar of every page."""

from __future__ import annotations

from typing import Any

from django import template

from fundguard.web.reminders.services import SHOWN, unread

register = template.Library()


@register.inclusion_tag("reminders/badge.html", takes_context=True)
def reminder_badge(context: dict[str, Any]) -> dict[str, Any]:
    """Nothing, and no query, for who has no reminders."""
    viewer = getattr(context.get("request"), "viewer", None)
    if viewer is None or not viewer.may("see.reminders"):
        return {}
    count = unread(viewer)
    return {"may": True, "count": count, "more": count == SHOWN}
