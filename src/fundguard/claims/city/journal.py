"""Encounters, their fee lines and settlements as plain arrays, before they become national tables."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from fundguard.claims.city.catalogue import catalogue
from fundguard.claims.city.frames import NONE, Ints

#: name and national code of each kind of encounter
KINDS = (
    ("outpatient", "11"),
    ("emergency", "13"),
    ("chronic", "14"),
    ("pharmacy", "41"),
    ("stay", "21"),
    ("day_surgery", "28"),
    ("maternity_visit", "51"),
    ("maternity_stay", "52"),
    ("stay_elsewhere", "25"),
    ("emergency_stay", "24"),
)
KIND = {name: number for number, (name, _) in enumerate(KINDS)}
IN_HOSPITAL = np.array([KIND[k] for k in ("stay", "day_surgery", "maternity_stay", "stay_elsewhere", "emergency_stay")])
FUND, ACCOUNT, FAMILY, NOBODY = range(4)


@dataclass
class Encounters:
    """One row an encounter. Times in minutes; `settled` NONE while the patient is still in hospital.

    `payer`: the fund, the personal account alone, a relative's account, or nobody but the patient.
    """

    number: Ints
    person: Ints
    place: Ints
    kind: Ints
    begin: Ints
    end: Ints
    settled: Ints
    department: Ints
    seat: Ints
    diagnosis: Ints
    payer: Ints
    newborn: Ints
    packaged: Ints  # paid by group, not by item
    leaving: Ints
    valid: Ints
    insurance: Ints

    def __len__(self) -> int:
        return len(self.number)


@dataclass
class Lines:
    """One row a fee line. `encounter` and `refund_of` are positions in this batch (-1: none).

    `item` -1: the item code is empty. `amount` (fen) NONE: quantity × price. `settlement` numbers the encounter's
    settlements: 0 the first, 1 its complete refund. `trace` is a chosen trace number, 0 for the next free one,
    or `UNTRACED`, `UNPRESCRIBED`.
    """

    number: Ints
    encounter: Ints
    item: Ints
    minute: Ints
    quantity: Ints
    price: Ints
    amount: Ints
    own: Ints
    refund_of: Ints
    linked: Ints  # whether a refund names the line it takes back
    days: Ints
    prescription: Ints
    settlement: Ints
    trace: Ints
    split: Ints
    valid: Ints
    upload: Ints  # minutes from the charge to its upload

    def __len__(self) -> int:
        return len(self.number)


#: An ordinary charge is uploaded so many minutes after it was made.
UPLOAD = 40
#: Instead of a trace number: the sale was not scanned; it was scanned, but no prescription was written down.
UNTRACED, UNPRESCRIBED = -1, -2
Rows = TypeVar("Rows", Encounters, Lines)


@dataclass
class Batch:
    """Encounters with their lines, sorted by encounter."""

    encounters: Encounters
    lines: Lines

    def keep(self, chosen: Ints) -> Batch:
        """The encounters at these positions with their lines; references are renumbered."""
        place = np.full(len(self.encounters), -1, np.int64)
        place[chosen] = np.arange(len(chosen))
        rows = np.flatnonzero(place[self.lines.encounter] >= 0)
        line_place = np.full(len(self.lines) + 1, -1, np.int64)
        line_place[rows] = np.arange(len(rows))
        lines = take(self.lines, rows)
        lines.encounter = place[lines.encounter]
        lines.refund_of = line_place[lines.refund_of]
        return Batch(take(self.encounters, chosen), lines)


def take(rows: Rows, chosen: Ints) -> Rows:
    return type(rows)(*(getattr(rows, f.name)[chosen] for f in fields(rows)))


@dataclass
class Money:
    """Parts of every line in fen; they add up to its amount."""

    amount: Ints
    full_own: Ints
    above_cap: Ints
    first_own: Ints
    in_scope: Ints


def line_money(lines: Lines, payer: Ints) -> Money:
    """Split each line's amount by the price list: outside the list, above the price limit, own share, in scope."""
    prices = catalogue()
    plain = (np.abs(lines.quantity) * lines.price + 5 * 10**7) // 10**8 * np.sign(lines.quantity)
    amount = np.where(lines.amount == NONE, plain, lines.amount)
    item = lines.item
    whole = (lines.own == 1) | (payer[lines.encounter] == NOBODY) | ((prices.share[item] == 100) & (item >= 0))
    full_own = np.where(whole, amount, 0)
    cap = np.where(item < 0, NONE, prices.cap[item])
    over = np.where((cap == NONE) | (lines.price <= cap), 0, lines.price - cap)
    above_cap = np.where(whole, 0, over * lines.quantity // 10**8)
    rest = amount - full_own - above_cap
    share = np.where(whole | (item < 0), 0, prices.share[item])
    first_own = (np.abs(rest) * share + 50) // 100 * np.sign(rest)
    return Money(amount, full_own, above_cap, first_own, rest - first_own)
