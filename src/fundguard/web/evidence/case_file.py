"""The case file as the desk uses it: files that a step brings as its papers."""

from __future__ import annotations

from fundguard.web.accounts.guard import Viewer
from fundguard.web.evidence import selectors, services
from fundguard.web.evidence.services import Received


def references(viewer: Viewer, key: str) -> list[tuple[str, str]]:
    """(number, what it is) of the attachments of a finding that the viewer may bring with a step."""
    found = selectors.attachments(viewer, key).filter(withdrawn_at=None)
    return [(one.number, f"{one.number} {one.kind} {one.name}") for one in found]


def keep(viewer: Viewer, key: str, kind: str, received: Received) -> str:
    """Put a received file into the case file, in the transaction of the step; its number."""
    return services.attach(viewer, key, [received], kind)[0].number
