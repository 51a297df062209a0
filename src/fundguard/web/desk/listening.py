"""What the desk tells beside the effects of a step: who listens stands in `web/wiring.py`, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from fundguard.web.accounts.models import User
from fundguard.web.desk.models import Substitution

if TYPE_CHECKING:
    from fundguard.web.desk.services import Done


@dataclass(frozen=True)
class Assigned:
    """Items that were given to a colleague."""

    keys: tuple[str, ...]
    to: User
    by: User
    at: datetime


@dataclass(frozen=True)
class Listeners:
    """Functions of what happened."""

    step: tuple[Callable[[Done], None], ...] = ()
    assigned: tuple[Callable[[Assigned], None], ...] = ()
    lent: tuple[Callable[[Substitution], None], ...] = ()


def listeners() -> Listeners:
    """Imported late, because the wiring brings in every application."""
    from fundguard.web import wiring

    return wiring.LISTENERS
