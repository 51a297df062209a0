"""The arithmetic of a demand: whatever is booked in whatever order, it sums to zero and nothing goes below it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundguard.errors import Refusal
from fundguard.findings.funds import PATIENT
from fundguard.web.fund.book import ACTS, CREDIT, DEBIT, Balance, moves, room, spread
from tests.depth import examples

STEPS = st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(1, 120)), max_size=30)


def play(*steps: tuple[str, int]) -> Balance:
    balance = Balance()
    for code, fen in steps:
        _, balance = moves(balance, ACTS[code], fen)
    return balance


@settings(max_examples=examples(400), deadline=None)
@given(STEPS)
def test_any_order_of_acts_keeps_the_book_sound(steps) -> None:
    """Counted here once more from the bare amounts, without the sides: what was received less what went back is never
    more than what was determined less what was reversed, plus what is owed back."""
    balance = Balance()
    sums = dict.fromkeys(ACTS, 0)
    sides = dict.fromkeys(DEBIT | CREDIT, 0)
    for code, fen in steps:
        limit = room(balance, ACTS[code])
        if 0 <= limit < fen:
            with pytest.raises(ValueError, match=code):
                moves(balance, ACTS[code], fen)
            continue
        made, balance = moves(balance, ACTS[code], fen)
        sums[code] += fen
        for debit, credit, part in made:
            sides[debit] += part
            sides[credit] -= part
        assert sum(part for *_, part in made) == fen
        assert balance.sound
    assert sum(sides.values()) == 0
    assert balance.determined == sums["determined"] - sums["reversed"] >= 0
    received = sums["refusal_of_payment"] + sums["repaid"]
    assert 0 <= balance.open <= balance.determined
    assert received - sums["given_back"] - balance.owed_back <= balance.determined
    assert (balance.refusal_of_payment + balance.repaid, balance.given_back) == (received, sums["given_back"])
    assert all(sides[side] == getattr(balance, side) for side in DEBIT)
    assert all(-sides[side] == getattr(balance, side) for side in CREDIT)


def test_a_reversal_takes_what_is_open_first_then_the_write_off_and_owes_the_rest_back() -> None:
    steps = (("determined", 100), ("repaid", 30), ("refusal_of_payment", 20), ("written_off", 10))
    assert play(*steps, ("reversed", 40)) == Balance(0, 20, 30, 10, 60, 0, 0)
    assert play(*steps, ("reversed", 50)) == Balance(0, 20, 30, 0, 50, 0, 0)
    assert play(*steps, ("reversed", 100), ("given_back", 45)) == Balance(0, 20, 30, 0, 0, 5, 45)


@pytest.mark.parametrize(
    ("code", "fen"), [("repaid", 101), ("written_off", 101), ("given_back", 1), ("reversed", 101), ("repaid", 0)]
)
def test_nothing_beyond_what_is_left(code, fen) -> None:
    with pytest.raises(ValueError, match=code):
        moves(play(("determined", 100)), ACTS[code], fen)


def test_a_payment_is_spread_over_what_each_fund_has_open_and_never_touches_the_patients_share() -> None:
    balances = {
        "medical_aid": play(("determined", 1)),
        "employee_pool": play(("determined", 98), ("repaid", 48)),
        PATIENT: play(("determined", 500)),
    }
    assert spread(balances, ACTS["repaid"], 51) == {"employee_pool": 50, "medical_aid": 1}
    assert spread(balances, ACTS["repaid"], 50) == {"employee_pool": 49, "medical_aid": 1}
    assert spread(balances, ACTS["repaid"], 7, patient=True) == {PATIENT: 7}
    for act, fen, patient in (("repaid", 52, False), ("repaid", 501, True), ("written_off", 1, True)):
        with pytest.raises(Refusal):
            spread(balances, ACTS[act], fen, patient=patient)


def test_no_act_knows_a_fine() -> None:
    """Fines go to the treasury: a demand has no side that could hold or set off one."""
    assert set(ACTS) == {"determined", "refusal_of_payment", "repaid", "written_off", "reversed", "given_back"}
    assert {side for act in ACTS.values() for step in act.steps for side in step} == set(DEBIT | CREDIT)
