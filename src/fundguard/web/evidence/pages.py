"""What the templates of the case file may see. People are named to the office alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Cell:
    """One paper of one line. `by` who said or brought it, empty where nobody has; `number` of the attachment."""

    kind: str
    state: str
    label: str
    by: str = ""
    at: datetime | None = None
    number: str = ""


@dataclass(frozen=True)
class Line:
    """A charged line (`line` empty: the whole finding) with a cell for each paper expected."""

    line: str
    name: str
    fen: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """Papers by line. `counts`: paper → how many lines have it, are confirmed without it, have not been answered."""

    kinds: tuple[str, ...]
    lines: tuple[Line, ...]
    total: int
    version: int
    counts: tuple[tuple[str, int, int, int], ...]

    @property
    def more(self) -> int:
        return self.total - len(self.lines)


@dataclass(frozen=True)
class File:
    pk: int
    number: str
    kind: str
    name: str
    size: str
    side: str
    who: str
    at: datetime
    lines: tuple[str, ...]
    sha256: str
    sha256_came: str
    anew: bool
    of_office: bool
    shown: bool
    own: bool
    withdrawn_at: datetime | None
    reason: str


@dataclass(frozen=True)
class Note:
    """An internal comment."""

    pk: int
    text: str
    who: str
    role: str
    at: datetime
    struck_at: datetime | None
    own: bool


@dataclass(frozen=True)
class Earlier:
    """A determination on the same point, of a finding that the viewer may open."""

    key: str
    number: str
    institution: str
    day: date
    what: str
    fen: int | None
    post: str
    articles: tuple[str, ...]
    grounds: str


@dataclass(frozen=True)
class Summary:
    """What the finding's page shows of its case file."""

    key: str
    table: Table
    files: int
    earlier: tuple[Earlier, ...]
    notes: tuple[Note, ...]
    office: bool
    may_write: bool
