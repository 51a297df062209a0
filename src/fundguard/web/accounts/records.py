"""What happens to an account, as rows of the ledger."""

from __future__ import annotations

from typing import Any

from fundguard.web.accounts.models import User
from fundguard.web.ledger.services import record

KIND = "账号"


def record_account(actor: User | None, act: str, account: User, **detail: Any) -> None:
    """A row of the region of the account that something is done to; of the actor's where it has none yet."""
    region = account.region or (actor.region if actor else None)
    record(actor, act, KIND, account.username, region=region.code if region else "", detail=detail)
