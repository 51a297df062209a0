"""Guarded reads of papers: an agency those of its regions, an institution those that went to it; the public page one
fact alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from fundguard.web.accounts.guard import Viewer
from fundguard.web.papers.models import Paper


@dataclass(frozen=True)
class Validity:
    """All that the public page may know: nothing of the party, the matter or the money."""

    number: str
    name: str
    issued_on: date
    revoked_on: date | None
    check_code: str


def papers(viewer: Viewer) -> QuerySet[Paper]:
    if viewer.institutions is None:
        return Paper.objects.filter(region__in=viewer.regions)
    return Paper.objects.filter(party_code__in=viewer.institutions)


def paper(viewer: Viewer, pk: int) -> Paper:
    """One paper, or Http404 both where there is none and where the viewer may not know of it."""
    return get_object_or_404(papers(viewer).select_related("revoked_by"), pk=pk)


def matching(viewer: Viewer, wanted: Mapping[str, Any]) -> QuerySet[Paper]:
    """Newest first."""
    found = papers(viewer)
    if wanted.get("q"):
        found = found.filter(number__icontains=wanted["q"])
    if wanted.get("kind"):
        found = found.filter(kind=wanted["kind"])
    if wanted.get("state"):
        found = found.filter(revoked_on__isnull=wanted["state"] == "valid")
    return found.order_by("-issued_on", "-pk")


def validity(token: str) -> Validity | None:
    """By the code in the QR picture: 128 random bits, so nobody finds a paper that he does not hold."""
    one = Paper.objects.filter(token=token).first()
    if one is None:
        return None
    return Validity(one.number, one.name, one.issued_on, one.revoked_on, one.text.check_code)
