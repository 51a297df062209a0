"""What the templates and workbooks of money back may see. Money in fen; nothing here names a person insured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime

from fundguard.web.fund.book import Balance


@dataclass(frozen=True)
class Row:
    """A demand in the list. Sums are of the funds; the patient's own share stands apart."""

    pk: int
    number: str
    institution: str
    institution_code: str
    region: str
    decision: str
    decided_on: date
    due_on: date
    due_flag: str
    funds: Balance
    patient: Balance
    state: str
    overdue: bool


@dataclass(frozen=True)
class Totals:
    count: int
    funds: Balance
    patient: Balance


@dataclass(frozen=True)
class AccountRow:
    name: str
    balance: Balance


@dataclass(frozen=True)
class BookingRow:
    """One booking; `changes` are what it did to each side of the funds and of the patient's share, signed."""

    pk: int
    act: str
    effective_on: date
    at: datetime
    voucher: str
    note: str
    actor: str
    by_account: Sequence[tuple[str, int]]
    fen: int
    running_open: int
    voided: bool
    voidable: bool


@dataclass(frozen=True)
class ProposalRow:
    pk: int
    kind: str
    text: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    outcome: str
    pending: bool
    own: bool
    decided_by: str
    opinion: str


@dataclass(frozen=True)
class Part:
    """An instalment and how much of it is covered."""

    due_on: date
    fen: int
    covered_fen: int
    overdue: bool


@dataclass(frozen=True)
class Movement:
    """A booking in a statement: the signed change of every side, and what is open after it."""

    effective_on: date
    number: str
    decision: str
    act: str
    voucher: str
    change: Balance
    open: int


@dataclass(frozen=True)
class Statement:
    """An institution's account over a period: opening + movements = closing, side by side, for the funds and apart from
    them for the patients' own share. `accounts` is the closing balance by fund account."""

    code: str
    name: str
    first: date
    last: date
    opening: Balance
    movements: Sequence[Movement]
    closing: Balance
    accounts: Sequence[AccountRow]
    patient_opening: Balance
    patient_movements: Sequence[Movement]
    patient_closing: Balance


@dataclass(frozen=True)
class ClearingLine:
    """What one booking did to one account in a month; a correction is negative."""

    effective_on: date
    number: str
    region: str
    institution_code: str
    institution: str
    act: str
    account: str
    voucher: str
    note: str
    fen: int


@dataclass(frozen=True)
class ClearingSum:
    """All of an institution and account in a month, by act, each gross: nothing is set off against anything."""

    institution_code: str
    institution: str
    account: str
    acts: dict[str, int]


@dataclass(frozen=True)
class Clearing:
    """`month` is yyyy-mm. Sums of the funds, sums of the patients' own share, and the lines that they add up."""

    month: str
    sums: Sequence[ClearingSum] = field(default_factory=list)
    patient: Sequence[ClearingSum] = field(default_factory=list)
    lines: Sequence[ClearingLine] = field(default_factory=list)


def added(balances: Sequence[Balance]) -> Balance:
    """The sum, side by side."""
    return Balance(**{one.name: sum(getattr(b, one.name) for b in balances) for one in fields(Balance)})
