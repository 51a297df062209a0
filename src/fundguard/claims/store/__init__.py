"""The claims store (docs/explanation/contracts.md, section 2)."""

from fundguard.claims.store.arrival import Arrival
from fundguard.claims.store.manifest import Counts, Manifest
from fundguard.claims.store.store import Store

__all__ = ["Arrival", "Counts", "Manifest", "Store"]
