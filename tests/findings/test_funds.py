"""Whose money it was: fund accounts of a settlement, and an amount shared among them to the last fen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundguard.claims.tables import tables
from fundguard.errors import Refusal
from fundguard.findings.funds import PATIENT, fund_accounts, paid_by_account, split

FUNDS = [code for code in fund_accounts() if code != PATIENT]
PAID = st.dictionaries(st.sampled_from(FUNDS), st.integers(0, 10**12), min_size=1)


def test_every_account_reads_a_payment_column_of_the_settlement() -> None:
    columns = {field.name for field in tables()["setl_d"].fields if field.kind == "fen"}
    assert {one.column for one in fund_accounts().values() if one.code != PATIENT} <= columns
    assert fund_accounts()[PATIENT].column == ""
    assert len({one.name for one in fund_accounts().values()}) == len(fund_accounts())


@pytest.mark.parametrize(
    ("insutype", "pool"),
    [("310", "employee_pool"), ("390", "resident_pool"), ("340", "other_pool"), (None, "other_pool")],
)
def test_the_pool_is_that_of_the_insurance_type(insutype, pool) -> None:
    row = {"insutype": insutype, "hifp_pay": 900, "hifmi_pay": 80, "maf_pay": 20, "hifes_pay": None}
    assert paid_by_account({**row, "fund_pay_sumamt": 1000}) == {pool: 900, "serious_illness": 80, "medical_aid": 20}


@pytest.mark.parametrize(
    "row",
    [
        {"hifp_pay": 900, "fund_pay_sumamt": 1000},
        {"hifp_pay": 1100, "maf_pay": -100, "fund_pay_sumamt": 1000},
        {"fund_pay_sumamt": 1},
    ],
)
def test_parts_that_do_not_add_up_are_refused(row) -> None:
    with pytest.raises(Refusal, match="不符"):
        paid_by_account({"insutype": "310", **row})


def test_an_odd_fen_goes_to_the_largest_remainder_then_to_the_first_account() -> None:
    assert split(100, {"medical_aid": 1, "employee_pool": 1, "serious_illness": 998}) == {"serious_illness": 100}
    assert split(101, {"employee_pool": 50, "medical_aid": 52}) == {"employee_pool": 50, "medical_aid": 51}
    assert split(1, {"medical_aid": 7, "employee_pool": 7}) == {"employee_pool": 1}
    assert split(0, {"employee_pool": 7}) == {}


@given(PAID, st.data())
def test_parts_add_up_and_none_exceeds_what_its_account_paid(paid, data) -> None:
    amount = data.draw(st.integers(0, sum(paid.values())))
    parts = split(amount, paid)
    assert sum(parts.values()) == amount
    assert all(0 < fen <= paid[code] for code, fen in parts.items())
    whole = sum(paid.values())
    assert all(abs(parts.get(code, 0) * whole - amount * fen) < whole for code, fen in paid.items() if whole)


@given(st.dictionaries(st.sampled_from(FUNDS), st.integers(0, 50), min_size=1), st.lists(st.integers(0, 40)))
def test_several_amounts_of_one_settlement_never_ask_an_account_for_more_than_it_paid(paid, amounts) -> None:
    taken: dict[str, int] = {}
    for amount in amounts:
        if amount > sum(paid.values()) - sum(taken.values()):
            with pytest.raises(Refusal):
                split(amount, paid, taken)
            continue
        for code, fen in split(amount, paid, taken).items():
            taken[code] = taken.get(code, 0) + fen
    assert all(fen <= paid[code] for code, fen in taken.items())


@pytest.mark.parametrize("amount", [-1, 11])
def test_an_amount_that_nobody_paid_is_refused(amount) -> None:
    with pytest.raises(Refusal, match="可分摊"):
        split(amount, {"employee_pool": 10})
