"""Writing the ledger."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.utils import timezone

from fundguard.web.accounts.models import User
from fundguard.web.keys import key_file
from fundguard.web.ledger.acts import ACTS, OBJECTS
from fundguard.web.ledger.models import Entry


def object_key(kind: str, identifier: str) -> str:
    """Keyed HMAC of an identifier: the same object always has the same key, and the key tells nothing about it."""
    key = key_file(settings.KEYS, "ledger")
    return hmac.new(key, f"{kind}:{identifier}".encode(), hashlib.sha256).hexdigest()


def record(
    actor: User | None, act: str, subject: tuple[str, str], *, region: str, detail: dict[str, Any] | None = None
) -> Entry:
    """Write one row in the caller's transaction, so that the step and its row exist together or not at all.

    `actor` None is the platform itself; `act` is a key of ACTS; `subject` is (kind of OBJECTS, identifier in clear,
    stored as HMAC); `region` is the code of the object's region; `detail` holds plain JSON values and no identity.
    """
    kind, identifier = subject
    if act not in ACTS or kind not in OBJECTS:
        raise ValueError(f"unknown act {act!r} or kind {kind!r}")
    entry = Entry(
        at=timezone.now(),
        actor=actor,
        role=actor.role if actor else "",
        act=act,
        object_kind=kind,
        object_key=object_key(kind, identifier),
        region=region,
        detail=detail or {},
    )
    entry.digest = entry.computed_digest()
    entry.save()
    return entry
