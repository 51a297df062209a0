"""Tags of the scorecard's pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from fundguard.web.core.templatetags.show import query_with
from fundguard.web.scorecard import selectors
from fundguard.web.scorecard.selectors import Score

register = template.Library()


@register.filter
def named(names: Mapping[str, str], code: str) -> str:
    return names.get(code, code)


@register.simple_tag(takes_context=True)
def query_of(context: dict[str, Any], by: str, one: Score) -> str:
    """The filter of this page, narrowed to one line of it."""
    if by == "month":
        return query_with(context, by=None, first=one.value[:7], last=one.value[:7])
    return query_with(context, by=None, **{by: one.value})


@register.simple_tag(takes_context=True)
def score_of_rule(context: dict[str, Any], code: str) -> Score | None:
    """A rule's line on its own page, for those who may see it."""
    viewer = context["request"].viewer
    return selectors.of_rule(viewer, code) if viewer.may("see.scorecard") else None
