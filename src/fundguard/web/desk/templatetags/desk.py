"""The desk's part of pages that belong to findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from fundguard.web.core.parts import Happening
from fundguard.web.desk import selectors
from fundguard.web.desk.pages import Panel

register = template.Library()


@register.simple_tag(takes_context=True)
def desk_panel(context: dict[str, Any], key: str) -> Panel | None:
    """Where the finding stands and what the viewer of this page can do with it."""
    return selectors.panel(context["request"].viewer, key)


@register.simple_tag(takes_context=True)
def desk_states(context: dict[str, Any], rows: Iterable[Any]) -> dict[str, str]:
    """Key → state, for the findings of a list that the viewer was shown."""
    return selectors.states_shown(context["request"].viewer, (row.key for row in rows))


@register.filter
def state_of(states: Mapping[str, str], key: str) -> str:
    return states.get(key, "")


@register.filter
def with_steps(history: list[Happening], panel: Panel | None) -> list[Happening]:
    """The finding's own history and its steps, newest first."""
    return sorted([*history, *(panel.history if panel else ())], key=lambda one: one.when, reverse=True)
