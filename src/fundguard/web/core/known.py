"""The knowledge that holds in a division on this site: what is shipped, with the signed versions laid over it."""

from __future__ import annotations

from django.conf import settings

from fundguard import knowledge
from fundguard.knowledge import Knowledge
from fundguard.web.accounts.guard import Viewer


def of_region(code: str) -> Knowledge:
    """The same object as long as no version is published; refuses a signed version that was tampered with."""
    return knowledge.of_region(code, settings.KNOWLEDGE)


def of_viewer(viewer: Viewer) -> Knowledge:
    """What holds in the viewer's own division."""
    home = viewer.user.region
    return of_region(home.code if home else "")
