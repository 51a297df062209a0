"""Fund accounts, and how an amount in fen is shared among them: exact integers, the sum always that of the parts.

`fund_accounts.csv` lists the accounts in order: the payment column of `setl_d` each is read from, and the insurance
types of the column where several accounts share it (the first that names the type, else the one that names none).
Money goes back to the account it was paid from (条例:45). `patient` is no fund: what the insured person was charged
too much stays apart from every fund.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fundguard.errors import Refusal

TABLE = Path(__file__).with_name("fund_accounts.csv")
PATIENT = "patient"


@dataclass(frozen=True)
class FundAccount:
    code: str
    name: str
    column: str  # of setl_d; empty for the patient's own share
    insutypes: frozenset[str]  # empty: every type that no other account of the column names


@cache
def fund_accounts() -> dict[str, FundAccount]:
    """All accounts by code, in the order in which they are shown and remainders are given out."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return {
            row["code"]: FundAccount(row["code"], row["name"], row["column"], frozenset(row["insutypes"].split()))
            for row in csv.DictReader(stream)
        }


def paid_by_account(settlement: Mapping[str, object]) -> dict[str, int]:
    """What each fund account paid of a settlement, in fen; accounts that paid nothing are left out.

    `settlement` holds `insutype`, the payment columns and `fund_pay_sumamt` of `setl_d`, net of refunds; an empty
    column is 0. Refuses parts that are negative or do not add up to the total: nobody guesses whose money it is.
    """
    insutype = str(settlement.get("insutype") or "")
    paid: dict[str, int] = {}
    for column in dict.fromkeys(one.column for one in fund_accounts().values() if one.column):
        if fen := _fen(settlement, column):
            paid[_account(column, insutype)] = fen
    total = _fen(settlement, "fund_pay_sumamt")
    if sum(paid.values()) != total or any(fen < 0 for fen in paid.values()):
        raise Refusal(
            "结算的基金支付分项与基金支付总额不符，不能按基金账户分摊",
            where="setl_d 基金支付各列",
            seen=f"分项合计 {sum(paid.values())} 分，总额 {total} 分",
            remedy="请核对该结算的导入数据，或由经办人员按基金账户逐项填写金额",
        )
    return paid


def split(amount_fen: int, weights: Mapping[str, int], taken: Mapping[str, int] | None = None) -> dict[str, int]:
    """`amount_fen` over accounts in proportion to what each has left (`weights` less `taken`), by largest remainder.

    The parts add up to the amount and none exceeds what its account has left, so several amounts taken from one
    settlement one after another never ask an account for more than it paid. Equal remainders go by the order of the
    accounts. Parts of 0 are left out. Refuses a negative amount and one above what is left.
    """
    order = list(fund_accounts())
    left = {code: weights[code] - (taken or {}).get(code, 0) for code in sorted(weights, key=order.index)}
    whole = sum(left.values())
    if amount_fen < 0 or amount_fen > whole or any(fen < 0 for fen in left.values()):
        raise Refusal(
            "金额超过各基金账户可分摊的余额",
            where="按基金账户分摊",
            seen=f"金额 {amount_fen} 分，可分摊 {whole} 分",
            remedy="请核对认定金额与该结算的基金支付金额",
        )
    return apportion(amount_fen, left)


def apportion(amount_fen: int, weights: Mapping[str, int]) -> dict[str, int]:
    """`amount_fen` in proportion to `weights` by largest remainder: the parts add up to it and none exceeds its weight.

    Equal remainders go by the order of `weights`; parts of 0 are left out. ValueError beyond the sum of the weights.
    """
    whole = sum(weights.values())
    if not 0 <= amount_fen <= whole or any(fen < 0 for fen in weights.values()):
        raise ValueError("an amount is shared among what is there, never more")
    if not amount_fen:
        return {}
    parts = {code: amount_fen * fen // whole for code, fen in weights.items()}
    ranked = sorted(weights, key=lambda code: -(amount_fen * weights[code] % whole))
    for code in ranked[: amount_fen - sum(parts.values())]:
        parts[code] += 1
    return {code: fen for code, fen in parts.items() if fen}


def _account(column: str, insutype: str) -> str:
    sharing = [one for one in fund_accounts().values() if one.column == column]
    named = [one for one in sharing if insutype in one.insutypes]
    return (named or [one for one in sharing if not one.insutypes])[0].code


def _fen(settlement: Mapping[str, object], column: str) -> int:
    value = settlement.get(column)
    if value is None:
        return 0
    if not isinstance(value, int):
        raise TypeError(f"{column}: fen are whole numbers")
    return value
