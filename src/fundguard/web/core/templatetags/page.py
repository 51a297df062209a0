"""Tags and filters for every template: money, dates, masks, sort headers, page links, charts."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.http import QueryDict
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from fundguard.web.core.masking import MASKS

register = template.Library()

#: Inside a script element these could end it or open a comment; as JSON escapes they mean the same.
_JSON_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as yuan: `123456` → `1,234.56`; nothing as a dash."""
    if fen is None:
        return "—"
    sign, whole, rest = "-" if fen < 0 else "", *divmod(abs(int(fen)), 100)
    return f"{sign}{whole:,}.{rest:02d}"


@register.filter
def wan(fen: int | None) -> str:
    """Fen as ten thousand yuan with two decimals, rounded half up: `153970000` → `153.97`."""
    if fen is None:
        return "—"
    sign, hundredths = "-" if fen < 0 else "", (abs(int(fen)) + 5_000) // 10_000
    return f"{sign}{hundredths // 100:,}.{hundredths % 100:02d}"


@register.filter
def day(value: date | datetime | None) -> str:
    """`2026-11-22`."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return value.strftime("%Y-%m-%d") if value else "—"


@register.filter
def moment(value: datetime | None) -> str:
    """`2026-11-22 09:30`, Beijing time."""
    if value and timezone.is_aware(value):
        value = timezone.localtime(value)
    return value.strftime("%Y-%m-%d %H:%M") if value else "—"


@register.filter
def masked(value: str, kind: str) -> str:
    """Personal data as shown before it is opened; `kind` is name, number, phone or address."""
    return MASKS[kind](value or "")


def _address(query: QueryDict, **changes: Any) -> str:
    changed = query.copy()
    for key, value in changes.items():
        changed[key] = value
    return "?" + changed.urlencode()


@register.simple_tag(takes_context=True)
def page_link(context: Context, number: int) -> str:
    """Address of another page of the same list, filters and order kept."""
    return _address(context["request"].GET, page=number)


@register.simple_tag(takes_context=True)
def sort_header(context: Context, listing: Any, key: str, label: str) -> SafeString:
    """A column head that sorts: the first click descends, the next turns the order."""
    down, up = listing.sort == f"-{key}", listing.sort == key
    query = context["request"].GET.copy()
    query.pop("page", None)
    state = "descending" if down else "ascending" if up else "none"
    arrow = "↓" if down else "↑" if up else ""
    href = _address(query, sort=key if down else f"-{key}")
    return format_html('<th scope="col" aria-sort="{}"><a href="{}">{}{}</a></th>', state, href, label, arrow)


@register.simple_tag
def chart(name: str, option: dict[str, Any], label: str) -> SafeString:
    """An ECharts option as a data block and the place where `chart.js` draws it; `label` is for screen readers."""
    data = json.dumps(option, ensure_ascii=False, cls=DjangoJSONEncoder).translate(_JSON_ESCAPES)
    return format_html(
        '<div class="gov-chart" id="chart-{0}" role="img" aria-label="{1}" data-chart="chart-{0}-option"></div>'
        '<script type="application/json" id="chart-{0}-option">{2}</script>',
        name,
        label,
        mark_safe(data),  # noqa: S308 escaped above
    )
