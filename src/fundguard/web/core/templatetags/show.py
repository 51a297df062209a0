"""How values look on a page, and links that keep the filter of a list.

Filters show nothing for None: unknown is not zero.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.utils import timezone

from fundguard.web.core.paging import SIZES, Page

register = template.Library()
WAN_FEN = Decimal(1_000_000)


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as yuan: 123456 → 1,234.56."""
    return "" if fen is None else f"{Decimal(fen) / 100:,.2f}"


@register.filter
def count(value: int | None) -> str:
    """A whole number in groups of three: 1234567 → 1,234,567."""
    return "" if value is None else f"{value:,}"


@register.filter
def wan(fen: int | None) -> str:
    """Fen as ten thousand yuan with one decimal, half up: 123456789 → 123.5."""
    if fen is None:
        return ""
    return f"{(Decimal(fen) / WAN_FEN).quantize(Decimal('0.1'), ROUND_HALF_UP):,}"


@register.filter
def percent(part: int | None, whole: int | None) -> str:
    """`part` of `whole` with one decimal, half up; nothing where the whole is unknown or zero."""
    if part is None or not whole:
        return ""
    return f"{(Decimal(part) * 100 / Decimal(whole)).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


@register.filter
def day(value: date | datetime | None) -> str:
    """A day, in local time: 2026-11-21."""
    return "" if value is None else f"{_local(value):%Y-%m-%d}"


@register.filter
def moment(value: datetime | None) -> str:
    """A minute, in local time: 2026-11-21 09:30."""
    return "" if value is None else f"{_local(value):%Y-%m-%d %H:%M}"


@register.filter
def short_key(key: str | None) -> str:
    """The last six signs of a pseudonym: enough to tell persons of one page apart."""
    return "" if not key else f"…{key[-6:]}"


def _local(value: date | datetime) -> date | datetime:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


@register.simple_tag(takes_context=True)
def query_with(context: dict[str, Any], **changes: object) -> str:
    """The query string of this page with some values changed; None or "" takes one out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return "?" + query.urlencode()


@register.simple_tag(takes_context=True)
def sort_state(context: dict[str, Any], key: str) -> str:
    """Value of `aria-sort` for the column with this sort key."""
    return {key: "ascending", f"-{key}": "descending"}.get(context["request"].GET.get("sort", ""), "none")


@register.inclusion_tag("core/sort_link.html", takes_context=True)
def sort_link(context: dict[str, Any], label: str, key: str) -> dict[str, Any]:
    """Head of a sortable column: first click descending (the largest first), second ascending."""
    state = sort_state(context, key)
    asked = key if state == "descending" else f"-{key}"
    return {"label": label, "state": state, "url": query_with(context, sort=asked, page=None)}


@register.inclusion_tag("core/pagination.html", takes_context=True)
def page_links(context: dict[str, Any], page: Page) -> dict[str, Any]:
    """Links to the pages of a list and to other page sizes."""
    return {
        "page": page,
        "previous": query_with(context, page=page.number - 1) if page.number > 1 else "",
        "next": query_with(context, page=page.number + 1) if page.number < page.pages else "",
        "links": [(number, query_with(context, page=number) if number else "") for number in page.numbers],
        "sizes": [(size, query_with(context, size=size, page=None)) for size in SIZES],
    }
