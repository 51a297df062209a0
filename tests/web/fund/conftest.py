"""Demands in two districts and three institutions, opened from plain values as the workflow hands them over."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from fundguard.web.accounts.models import User
from fundguard.web.fund import services
from fundguard.web.fund.models import Demand
from fundguard.web.fund.services import Determined, Voucher
from tests.web.conftest import HOSPITAL

DECIDED = dt.date(2026, 10, 9)
PAID = dt.date(2026, 10, 20)
FUNDS = {"employee_pool": 70_001, "serious_illness": 20_000, "medical_aid": 9_999}
_keys = itertools.count(1)


def determined(amounts: dict[str, int] | None = None, **values: object) -> Determined:
    number = next(_keys)
    standard = {
        "finding_key": f"{number:032X}",
        "decision": f"示例认〔2026〕{number}号",
        "region": "990101",
        "fixmedins_code": HOSPITAL,
        "institution_name": "云岭示例医院",
        "decided_on": DECIDED,
    }
    return Determined(**standard | values, amounts=FUNDS if amounts is None else amounts)


def demand(amounts: dict[str, int] | None = None, **values: object) -> Demand:
    return services.determine(determined(amounts, **values), person("settlement1"))


def person(username: str) -> User:
    return User.objects.get(username=username)


def voucher(number: str = "回单1", on: dt.date = PAID) -> Voucher:
    return Voucher(on, number)


@pytest.fixture
def one(people) -> Demand:
    """A demand of 1,000.00 yuan against the hospital."""
    return demand()
