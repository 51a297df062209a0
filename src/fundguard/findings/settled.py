"""What an amount at fault costs each settlement it lies on, and each fund account of these. Exact integers in fen.

A determined amount is shared among the settlements by what of each is accused, then each settlement's loss among the
accounts that paid it. Whoever asks first or last: a settlement is asked for the same, and never for more than it paid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fundguard.findings.funds import apportion, split


@dataclass(frozen=True)
class Settled:
    """A settlement net of its refunds: `accused_fen` of `inscp_fen` in scope is at fault; `paid` by fund account."""

    setl_id: str
    accused_fen: int
    inscp_fen: int
    paid: Mapping[str, int]

    @property
    def paid_fen(self) -> int:
        return sum(self.paid.values())

    def loss(self, amount_fen: int) -> int:
        """What the funds paid of this much of the settlement: half up, never above what they paid."""
        return min(self.paid_fen, _half_up(amount_fen * self.paid_fen, self.inscp_fen))

    def borne(self, amount_fen: int) -> int:
        """What the insured person paid of it: the rest of the amount in scope."""
        return max(0, amount_fen - self.loss(amount_fen))


def amounts(amount_fen: int, settled: Iterable[Settled]) -> dict[str, int]:
    """Settlement → its part of the amount, in proportion to what of it is accused. ValueError beyond the accused."""
    return apportion(amount_fen, {one.setl_id: one.accused_fen for one in settled})


def portions(
    losses: Mapping[str, int], settled: Iterable[Settled], taken: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, int]]:
    """Settlement → fund account → fen of its loss, beside what others already ask of it (`taken`).

    Refusal where that leaves less than the loss.
    """
    paid = {one.setl_id: one.paid for one in settled}
    return {setl_id: split(fen, paid[setl_id], taken.get(setl_id)) for setl_id, fen in losses.items() if fen}


def by_account(found: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Portions added up by account."""
    sums: dict[str, int] = {}
    for parts in found.values():
        for account, fen in parts.items():
            sums[account] = sums.get(account, 0) + fen
    return sums


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
