"""Writing the ledger, always inside the transaction of the step it records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from fundguard.web.accounts.models import User
from fundguard.web.ledger.identifiers import object_id as stored_id
from fundguard.web.ledger.models import Entry

AT_ONCE = 500  # rows of one statement


def record(  # noqa: PLR0913 (the columns of a row)
    actor: User | None,
    act: str,
    object_kind: str,
    object_id: str,
    *,
    region: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Entry:
    """Append one row. `act` is a short Chinese phrase; `detail` holds no clear identity.

    `object_id` may be clear: kinds in `identifiers.KEYED_KINDS` are stored as keyed pseudonyms.
    """
    made = entry(actor, act, object_kind, object_id, region=region, detail=detail)
    made.save()
    return made


def entry(  # noqa: PLR0913 (the columns of a row)
    actor: User | None,
    act: str,
    object_kind: str,
    object_id: str,
    *,
    region: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Entry:
    """A row of this moment as `record` appends it, to be appended with others by `append`."""
    return Entry(
        at=timezone.now(),
        actor=actor,
        act=act,
        object_kind=object_kind,
        object_id=stored_id(object_kind, object_id),
        region=region,
        detail=dict(detail or {}),
    )


def append(entries: Sequence[Entry]) -> None:
    """Many rows in their order, in few statements."""
    for one in entries:
        one.own_hash = one.digest()
    Entry.objects.bulk_create(entries, batch_size=AT_ONCE)
