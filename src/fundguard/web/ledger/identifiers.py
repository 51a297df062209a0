"""Identifiers in the ledger: those of insured persons and their encounters never stand there in clear.

The key is the store's pseudonym key, so that a backup of the keys covers the ledger too.
"""

from __future__ import annotations

from django.conf import settings

from fundguard.claims.store import keys

#: Kinds of object whose number names an insured person or an encounter.
KEYED_KINDS = frozenset({"参保人", "就诊", "结算", "费用明细"})


def object_id(kind: str, clear: str) -> str:
    """`clear` itself, or 24 hexadecimal digits of its keyed HMAC where the kind of object asks for it."""
    return keyed(f"{kind}:{clear}") if kind in KEYED_KINDS else clear


def keyed(told: str) -> str:
    return keys.create(settings.STORE).keyed(f"ledger:{told}")
