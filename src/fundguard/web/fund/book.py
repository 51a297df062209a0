"""The book of one demand and fund account: sides, acts, what each may move. Plain arithmetic in fen, no database.

An act moves an amount from one side to another (debit, credit), so every booking sums to zero. What is determined is
always open, refused, repaid or written off; what is reversed after it was paid is owed back to the institution:

    open + refusal_of_payment + repaid + written_off = determined + owed_back + given_back

There is no side for a fine: fines go to the treasury (条例:45) and can neither be booked nor set off here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from fundguard.findings.funds import PATIENT, fund_accounts, split

#: Side → name. Debit sides hold what is claimed or was received, credit sides what it rests on or is owed.
DEBIT = {"open": "未追回", "refusal_of_payment": "已拒付", "repaid": "已退回", "written_off": "已核销"}
CREDIT = {"determined": "认定", "owed_back": "应返还机构", "given_back": "已返还机构"}
SHOWN = ("determined", "refusal_of_payment", "repaid", "written_off", "open", "owed_back", "given_back")
SIDES = {side: (DEBIT | CREDIT)[side] for side in SHOWN}  # in the order of every table


@dataclass(frozen=True)
class Balance:
    """Standing of one fund account in a demand; every side in fen, never negative."""

    open: int = 0
    refusal_of_payment: int = 0
    repaid: int = 0
    written_off: int = 0
    determined: int = 0
    owed_back: int = 0
    given_back: int = 0

    @property
    def returnable(self) -> int:
        """Received and not yet owed or given back: what a further reversal can still turn into a debt."""
        return self.refusal_of_payment + self.repaid - self.owed_back - self.given_back

    @property
    def sound(self) -> bool:
        amounts = [getattr(self, field.name) for field in fields(self)]
        even = sum(getattr(self, side) for side in DEBIT) == sum(getattr(self, side) for side in CREDIT)
        return min(amounts) >= 0 and even and self.returnable >= 0

    def after(self, debit: str, credit: str, fen: int) -> Balance:
        change = {debit: fen if debit in DEBIT else -fen, credit: -fen if credit in DEBIT else fen}
        return replace(self, **{side: getattr(self, side) + amount for side, amount in change.items()})


@dataclass(frozen=True)
class Act:
    """`steps` are (debit, credit), each used up before the next. `patient`: also books the patient's own share."""

    code: str
    name: str
    steps: tuple[tuple[str, str], ...]
    patient: bool = True
    voidable: bool = True
    by_hand: bool = False  # booked by the settlement post with a voucher


ACTS = {
    act.code: act
    for act in (
        Act("determined", "认定", (("open", "determined"),), voidable=False),
        Act("refusal_of_payment", "结算拒付", (("refusal_of_payment", "open"),), patient=False, by_hand=True),
        Act("repaid", "机构退回", (("repaid", "open"),), by_hand=True),
        Act("written_off", "核销", (("written_off", "open"),), patient=False),
        Act(
            "reversed",
            "撤销认定",
            (("determined", "open"), ("determined", "written_off"), ("determined", "owed_back")),
            voidable=False,
        ),
        Act("given_back", "返还机构", (("owed_back", "given_back"),), by_hand=True),
    )
}


def room(balance: Balance, act: Act) -> int:
    """The most that the act can move now; -1 where there is no bound."""
    limits = [_room(balance, debit, credit) for debit, credit in act.steps]
    return -1 if -1 in limits else sum(limits)


def moves(balance: Balance, act: Act, fen: int) -> tuple[list[tuple[str, str, int]], Balance]:
    """The movements (debit, credit, fen) of an act and the balance after them. ValueError beyond `room`."""
    made = []
    left = fen
    for debit, credit in act.steps:
        limit = _room(balance, debit, credit)
        part = left if limit < 0 else min(left, limit)
        if part > 0:
            made.append((debit, credit, part))
            balance = balance.after(debit, credit, part)
            left -= part
    if left or fen <= 0:
        raise ValueError(f"{act.code}: {fen} fen is not between 1 and what is left")
    return made, balance


def spread(balances: Mapping[str, Balance], act: Act, fen: int, *, patient: bool = False) -> dict[str, int]:
    """`fen` over the fund accounts (or the patient's share alone) in proportion to what the act can still move."""
    rooms = {
        code: room(balance, act)
        for code, balance in balances.items()
        if (code == PATIENT) == patient and (act.patient or not patient)
    }
    return split(fen, {code: rooms[code] for code in fund_accounts() if code in rooms})


def _room(balance: Balance, debit: str, credit: str) -> int:
    """A debit side is lowered by a credit, a credit side by a debit; each at most to zero."""
    limits = []
    if credit in DEBIT:
        limits.append(getattr(balance, credit))
    if credit == "owed_back":
        limits.append(balance.returnable)
    if debit in CREDIT:
        limits.append(getattr(balance, debit))
    return min(limits) if limits else -1
