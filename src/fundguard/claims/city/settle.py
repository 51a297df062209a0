"""Settlements: what the fund, the account and the patient pay for an encounter. Everything in fen, halves up."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from fundguard.claims.city.frames import NONE, Ints
from fundguard.claims.city.journal import ACCOUNT, FAMILY, FUND, IN_HOSPITAL, KIND, Batch, Money
from fundguard.claims.city.people import EMPLOYEE, MATERNITY, People
from fundguard.claims.city.places import Places

#: fund's share in percent by (employee, in hospital), then by kind of place: tertiary … pharmacy
_RATE = np.array([[[50, 55, 60, 60, 50], [65, 75, 85, 85, 0]], [[60, 70, 80, 80, 60], [82, 87, 92, 92, 0]]])
_THRESHOLD = np.array([60000, 40000, 20000, 0, 0])
_VISIT_THRESHOLD = np.array([1000, 1000, 0, 0, 0])
_SERIOUS = 1_000_000


@dataclass
class Settlements:
    """One row a settlement: first every settled encounter's own, then complete refunds with negative sums.

    `encounter` is a position in the batch, `of` the number of the refunded settlement (-1: none).
    """

    number: Ints
    encounter: Ints
    of: Ints
    minute: Ints
    total: Ints
    full_own: Ints
    above_cap: Ints
    first_own: Ints
    in_scope: Ints
    threshold: Ints
    threshold_paid: Ints
    pool: Ints
    rate: Ints
    serious: Ints
    large: Ints
    assistance: Ints
    fund: Ints
    account: Ints
    family: Ints
    cash: Ints


#: columns that a refund repeats with the opposite sign
_NEGATED = frozenset(
    {
        *("total", "full_own", "above_cap", "first_own", "in_scope", "threshold_paid", "pool", "serious", "large"),
        *("assistance", "fund", "account", "family", "cash"),
    }
)


def settle(batch: Batch, money: Money, people: People, places: Places, person_start: int) -> Settlements:
    """Settle every encounter of the batch on its net lines."""
    e = batch.encounters
    first = (batch.lines.settlement == 0) & (batch.lines.valid == 1)

    def total(column: Ints) -> Ints:
        sums = np.bincount(batch.lines.encounter[first], column[first].astype(np.float64), len(e))
        return np.rint(sums).astype(np.int64)

    in_scope = total(money.in_scope)
    kind = places.kind[e.place]
    inside = np.isin(e.kind, IN_HOSPITAL)
    threshold = np.where(inside, _THRESHOLD[kind], _VISIT_THRESHOLD[kind])
    threshold = np.where(np.isin(e.kind, [KIND["maternity_stay"], KIND["maternity_visit"]]), 0, threshold)
    paid = np.minimum(threshold, np.maximum(in_scope, 0))
    employee = (e.insurance == EMPLOYEE).astype(np.int64)
    rate = np.where(e.insurance == MATERNITY, 90, _RATE[employee, inside.astype(np.int64), kind])
    rate = np.where(e.payer == FUND, rate, 0)
    pool = (np.maximum(in_scope - paid, 0) * rate + 50) // 100
    rest = in_scope - pool
    extra = np.where(e.payer == FUND, np.maximum(rest - _SERIOUS, 0) * 60 // 100, 0)
    serious = np.where(employee == 1, 0, extra)
    large = np.where(employee == 1, extra, 0)
    assisted = people.assisted[e.person - person_start] == 1
    assistance = np.where(assisted & (pool > 0), (rest - extra) * 30 // 100, 0)
    fund = pool + serious + large + assistance
    amount = total(money.amount)
    personal = amount - fund
    from_account = np.isin(e.payer, [ACCOUNT, FAMILY])
    account = np.where(from_account, personal, np.where(employee == 1, np.maximum(personal, 0) * 40 // 100, 0))
    base = Settlements(
        number=e.number * 2,
        encounter=np.arange(len(e)),
        of=np.full(len(e), -1),
        minute=e.settled,
        total=amount,
        full_own=total(money.full_own),
        above_cap=total(money.above_cap),
        first_own=total(money.first_own),
        in_scope=in_scope,
        threshold=threshold,
        threshold_paid=paid,
        pool=pool,
        rate=rate,
        serious=serious,
        large=large,
        assistance=assistance,
        fund=fund,
        account=account,
        family=np.where(e.payer == FAMILY, account, 0),
        cash=personal - account,
    )
    return _with_refunds(base, batch)


def _with_refunds(base: Settlements, batch: Batch) -> Settlements:
    again = batch.lines.settlement == 1
    refunded = np.unique(batch.lines.encounter[again])
    last = np.zeros(len(batch.encounters), np.int64)
    np.maximum.at(last, batch.lines.encounter[again], batch.lines.minute[again])
    open_rows = np.flatnonzero(base.minute != NONE)
    columns = {}
    for field in fields(base):
        column = getattr(base, field.name)
        back = -column[refunded] if field.name in _NEGATED else column[refunded]
        columns[field.name] = np.concatenate([column[open_rows], back])
    start = len(open_rows)
    columns["number"][start:] += 1
    columns["of"][start:] = base.number[refunded]
    columns["minute"][start:] = last[refunded] + 5
    return Settlements(**columns)
