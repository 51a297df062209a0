"""What the templates of the portal may see: the institution's own facts, nobody of the bureau."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from fundguard.web.desk.pages import Answerable, Panel
from fundguard.web.findings.pages import Accusation
from fundguard.web.portal.keys import OwnLine


@dataclass(frozen=True)
class Asked:
    """An inner question as the office and the one asked see it."""

    pk: int
    finding_key: str
    number: str
    rule: str
    to: str
    text: str
    due_on: date
    late: bool
    open: bool
    state: str
    advice: str
    statement: str
    answered_by: str
    answered_at: datetime | None


@dataclass(frozen=True)
class Own:
    """A line of the institution's list, with the keys of its own systems."""

    finding: Answerable
    ipt_otp_no: str = ""
    medrcdno: str = ""
    codes: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    practitioners: tuple[str, ...] = ()
    waiting: bool = False
    inner: str = ""
    inner_late: bool = False


@dataclass(frozen=True)
class Charged:
    """A charge line with its amount at fault in fen, and what was chosen for it."""

    place: int
    line: OwnLine
    amount_fen: int
    said: str = ""


@dataclass(frozen=True)
class Item:
    """The page of one finding."""

    key: str
    institution: str
    own: Own
    accusation: Accusation
    panel: Panel
    version: int
    charges: list[Charged] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    answerable: bool = False
    why_not: tuple[str, ...] = ()
    statement: str = ""
    papers: tuple[tuple[int, str], ...] = ()
