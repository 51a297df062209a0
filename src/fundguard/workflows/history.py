"""What the kernel is told: the item with its history, and who wants to act. It keeps nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from fundguard.workflows.parts import Step, Workflow

ZONE = ZoneInfo("Asia/Shanghai")
#: A value of one of these papers is the item's amount from then on.
AMOUNTS = ("part_amount", "amount")


@dataclass(frozen=True)
class Taken:
    """One row of the history: a step as it was taken. `at` is an aware instant.

    `person` is who did it, `on_behalf_of` whose post was lent for it: both have acted.
    """

    verb: str
    person: str
    post: str
    at: datetime
    to: str
    on_behalf_of: str = ""
    papers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def day(self) -> date:
        return local_day(self.at)

    @property
    def people(self) -> frozenset[str]:
        return frozenset(filter(None, (self.person, self.on_behalf_of)))


@dataclass(frozen=True)
class Item:
    """One thing in its workflow. `history` is in order, beginning with the first step; before it `state` is empty.

    `amount_fen` and `lines` as found, of the latest evidence. `facts` what the application knows to be so now.
    `recused` people who must not act on this item (conflict of interest).
    """

    workflow: Workflow
    state: str
    region: str
    institution: str
    amount_fen: int = 0
    lines: frozenset[str] = frozenset()
    history: tuple[Taken, ...] = ()
    facts: frozenset[str] = frozenset()
    recused: frozenset[str] = frozenset()

    @cached_property
    def standing(self) -> tuple[Taken, ...]:
        """The rows that hold: one that was taken back is left out, and with it the one that took it back."""
        held: list[Taken] = []
        for row in self.history:
            if held and self.workflow.step_by_verb[held[-1].verb].undone_by == row.verb:
                held.pop()
            else:
                held.append(row)
        return tuple(held)

    @cached_property
    def this_round(self) -> tuple[Taken, ...]:
        """The rows that hold since the last step that began a round, that step included."""
        began = 0
        for place, row in enumerate(self.standing):
            if self.workflow.step_by_verb[row.verb].restarts:
                began = place
        return self.standing[began:]

    @property
    def amount_now(self) -> int:
        """The amount in fen that the steps of this round have left; a step may lower it, never raise it."""
        stated = [row.papers[code] for row in self.this_round for code in AMOUNTS if code in row.papers]
        return int(stated[-1]) if stated else self.amount_fen

    @property
    def lines_now(self) -> frozenset[str]:
        """The lines that the reviewer left in; the lines of an objection, accepted or not, change nothing."""
        stated = [row.papers["lines"] for row in self.this_round if "part_amount" in row.papers]
        return frozenset(stated[-1]) if stated else self.lines

    def did(self, verbs: tuple[str, ...]) -> frozenset[str]:
        """Everybody who took one of these steps, or for whom it was taken, whether it holds or was taken back."""
        return frozenset().union(*(row.people for row in self.history if row.verb in verbs))

    def after(self, step: Step, row: Taken) -> Item:
        """The item once the step is taken."""
        return replace(self, state=step.target(self.state), history=(*self.history, row))


@dataclass(frozen=True)
class Lent:
    """Posts that `principal` lends a substitute, both days included."""

    principal: str
    posts: frozenset[str]
    since: date
    until: date


@dataclass(frozen=True)
class Actor:
    """Who wants to act: a person, not an account's role. `regions` None: everywhere (machines only)."""

    person: str
    posts: frozenset[str]
    regions: frozenset[str] | None = frozenset()
    institutions: frozenset[str] = frozenset()
    lent: tuple[Lent, ...] = ()

    def lent_on(self, day: date) -> tuple[Lent, ...]:
        return tuple(loan for loan in self.lent if loan.since <= day <= loan.until)

    def posts_on(self, day: date) -> frozenset[str]:
        """Own posts and those lent that day."""
        return self.posts.union(*(loan.posts for loan in self.lent_on(day)))


CLOCK = Actor("", frozenset({"clock"}), regions=None)
SYSTEM = Actor("", frozenset({"system"}), regions=None)


def local_day(at: datetime) -> date:
    """The day in Asia/Shanghai of an aware instant."""
    if at.tzinfo is None:
        raise ValueError("an instant without a zone has no day")
    return at.astimezone(ZONE).date()


def replay(workflow: Workflow, history: tuple[Taken, ...]) -> str:
    """The state that a history leads to; ValueError where a row does not follow from the one before."""
    state = ""
    for place, row in enumerate(history):
        step = workflow.step_by_verb.get(row.verb)
        if step is None or (state not in step.sources if state else step.sources) or row.to != step.target(state):
            raise ValueError(f"row {place} ({row.verb}) does not follow from {state or 'nothing'}")
        if place and row.at < history[place - 1].at:
            raise ValueError(f"row {place} ({row.verb}) is earlier than the one before")
        state = row.to
    return state
