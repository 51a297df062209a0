"""Reads over accounts."""

from __future__ import annotations

from dataclasses import dataclass

from fundguard.web.accounts.demo import ACCOUNTS, PASSWORD, REGIONS
from fundguard.web.accounts.roles import ROLES


@dataclass(frozen=True)
class DemoAccount:
    username: str
    password: str
    role: str
    place: str


def demo_accounts() -> list[DemoAccount]:
    """The demonstration accounts, for the sign-in page in demonstration mode."""
    regions = {code: name for code, name, _, _ in REGIONS}
    return [
        DemoAccount(a.username, PASSWORD, ROLES[a.role].name, a.institution_code or regions[a.region]) for a in ACCOUNTS
    ]
