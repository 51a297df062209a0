"""An amount over several settlements and their accounts: exact, never above what was paid, whoever asks first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundguard.errors import Refusal
from fundguard.findings.funds import PATIENT, fund_accounts
from fundguard.findings.settled import Settled, amounts, by_account, portions

FUNDS = [code for code in fund_accounts() if code != PATIENT]


@st.composite
def settlements(draw) -> tuple[Settled, ...]:
    made = []
    for number in range(draw(st.integers(1, 5))):
        paid = draw(st.dictionaries(st.sampled_from(FUNDS), st.integers(1, 10**9), min_size=1, max_size=4))
        inscp = sum(paid.values()) + draw(st.integers(0, 10**9))
        made.append(Settled(f"S{number}", draw(st.integers(1, inscp)), inscp, paid))
    return tuple(made)


def asked(amount: int, settled: tuple[Settled, ...], taken=None) -> dict[str, dict[str, int]]:
    by_id = {one.setl_id: one for one in settled}
    losses = {setl_id: by_id[setl_id].loss(fen) for setl_id, fen in amounts(amount, settled).items()}
    return portions(losses, settled, taken or {})


@given(settlements(), st.data())
def test_sums_reconcile_to_the_settlements_and_none_pays_back_more_than_it_paid(settled, data) -> None:
    accused = sum(one.accused_fen for one in settled)
    amount = data.draw(st.integers(0, accused))
    parts = amounts(amount, settled)
    assert sum(parts.values()) == amount
    found = asked(amount, settled)
    for one in settled:
        fen = parts.get(one.setl_id, 0)
        assert fen <= one.accused_fen
        assert sum(found.get(one.setl_id, {}).values()) == one.loss(fen) <= one.paid_fen
        assert all(0 < part <= one.paid[code] for code, part in found.get(one.setl_id, {}).items())
        assert 0 <= one.borne(fen) == fen - one.loss(fen)
    assert sum(by_account(found).values()) == sum(one.loss(parts.get(one.setl_id, 0)) for one in settled)


@given(settlements())
def test_the_whole_amount_costs_what_each_settlement_lost(settled) -> None:
    found = asked(sum(one.accused_fen for one in settled), settled)
    assert {s: sum(of.values()) for s, of in found.items()} == {
        one.setl_id: loss for one in settled if (loss := one.loss(one.accused_fen))
    }


@given(settlements(), st.lists(st.integers(1, 10**9), min_size=2, max_size=4), st.randoms())
def test_the_order_of_demands_changes_nothing_of_what_a_settlement_is_asked_for(settled, wanted, chance) -> None:
    """Several determinations on the same settlements: all of them fit in every order or in none."""
    limit = sum(one.accused_fen for one in settled)
    wanted = [fen % limit + 1 for fen in wanted]
    shuffled = list(wanted)
    chance.shuffle(shuffled)
    assert _played(settled, wanted) == _played(settled, shuffled)


def _played(settled, wanted) -> dict[str, int] | None:
    taken: dict[str, dict[str, int]] = {}
    for amount in wanted:
        try:
            found = asked(amount, settled, taken)
        except Refusal:
            return None
        for setl_id, of in found.items():
            for code, fen in of.items():
                taken.setdefault(setl_id, {})[code] = taken.get(setl_id, {}).get(code, 0) + fen
    for one in settled:
        assert all(fen <= one.paid[code] for code, fen in taken.get(one.setl_id, {}).items())
    return {setl_id: sum(of.values()) for setl_id, of in taken.items()}


def test_more_than_is_accused_is_not_shared_out() -> None:
    with pytest.raises(ValueError, match="never more"):
        amounts(11, (Settled("S1", 10, 20, {"employee_pool": 15}),))
