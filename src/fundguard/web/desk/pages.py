"""What the templates of the desk may see. No field names a person but colleagues."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from fundguard.web.core.parts import Happening


@dataclass(frozen=True)
class Button:
    """A step that leads on from here; `why` is empty where it may be taken, else a line for every reason against it."""

    verb: str
    name: str
    url: str
    key: str
    why: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        return not self.why


@dataclass(frozen=True)
class Panel:
    """Where a finding stands in its workflow and what this viewer can do with it."""

    state: str
    told: str
    amount_now_fen: int
    due: date | None
    due_name: str
    due_flag: str
    late: bool
    assignee: str
    buttons: tuple[Button, ...] = ()
    history: tuple[Happening, ...] = ()
    notices: tuple[Letter, ...] = ()
    previous: str = ""
    next: str = ""
    claimable: bool = False


@dataclass(frozen=True)
class Letter:
    """A notice as it was sent."""

    number: str
    title: str
    text: str
    sent_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class Work:
    """A line of the queue. `per_hour_fen` is what an hour of review should find; `drawn`: of the random slice."""

    key: str
    number: str
    institution: str
    region: str
    rule_code: str
    rule_name: str
    verdict: str
    amount_fen: int
    per_hour_fen: int
    state: str
    due: date | None
    due_flag: str
    late: bool
    assignee: str
    told: str
    minutes: int = 0
    drawn: bool = False


@dataclass(frozen=True)
class Answerable:
    """A line of an institution's list: what waits for its answer."""

    key: str
    number: str
    institution: str
    rule: str
    amount_fen: int
    state: str
    due: date | None
    due_flag: str
    late: bool


@dataclass(frozen=True)
class Day:
    """What a reviewer is advised to take today: by yield within the day's minutes (`limit`), then the random slice."""

    works: list[Work] = field(default_factory=list)
    minutes: int = 0
    by_prior: int = 0
    limit: int = 0


@dataclass(frozen=True)
class Preview:
    """A bulk step before it is started: what matches, and how much money it concerns."""

    step: str
    count: int
    amount_fen: int
    institutions: int
    rules: int
