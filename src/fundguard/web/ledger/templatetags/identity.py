"""A masked value with its 查看明文 button, and the dialog that the button opens."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from fundguard.web.ledger.identity import MIN_REASON, ticket

register = template.Library()


@register.simple_tag(takes_context=True)
def openable(  # noqa: PLR0913, PLR0917 (arguments of a template tag)
    context: Context, mask: str, kind: str, key: str, field: str, region: str
) -> SafeString:
    """The mask, and for those who may open it a button. The page has checked that `region` is the viewer's."""
    viewer = context["viewer"]
    if not viewer.may("identity.open"):
        return format_html("{}", mask)
    return format_html(
        '{}<button type="button" class="gov-plain gov-open" data-dialog="open-identity" data-ticket="{}">'
        "查看明文</button>",
        mask,
        ticket(viewer, kind, key, field, region),
    )


@register.inclusion_tag("ledger/identity_dialog.html", takes_context=True)
def identity_dialog(context: Context) -> dict[str, Any]:
    """The dialog; once a page, in its `dialogs` block."""
    return {"min_reason": MIN_REASON, "csrf_token": context["csrf_token"]}
