"""An institution's statement as the text of a paper; it bears no number and is drawn afresh each time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from fundguard.papers import Heading, Paper, compose, kinds
from fundguard.web.fund.book import SIDES, Balance
from fundguard.web.fund.pages import Movement, Statement

KIND = "statement"


def statement_paper(told: Statement, issuer: str, day: date) -> Paper:
    """The statement with its opening and closing rows; `issuer` is whom it comes from, `day` when it is drawn."""
    values = {
        "first": told.first,
        "last": told.last,
        "funds": _rows(told, told.opening, told.movements, told.closing),
        "patient": _rows(told, told.patient_opening, told.patient_movements, told.patient_closing),
    }
    return compose(kinds()[KIND], Heading("", day, issuer, told.name), values)


def _rows(told: Statement, opening: Balance, moves: Sequence[Movement], closing: Balance) -> list[dict[str, Any]]:
    rows = [_row(told.first, "", "期初余额", "", opening)]
    rows += [_row(m.effective_on, m.number, m.act, m.voucher, m.change) for m in moves]
    return [*rows, _row(told.last, "", "期末余额", "", closing)]


def _row(day: date, number: str, act: str, voucher: str, amounts: Balance) -> dict[str, Any]:
    sides = {side: getattr(amounts, side) for side in SIDES}
    return {"day": day, "number": number, "act": act, "voucher": voucher} | sides
