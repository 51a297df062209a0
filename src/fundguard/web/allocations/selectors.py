"""Reads: what counts for a finding, and which findings wait for a statement of their accounts."""

from __future__ import annotations

from django.db.models import QuerySet

from fundguard.findings.funds import fund_accounts
from fundguard.web.accounts.guard import Viewer
from fundguard.web.allocations.models import Allocation
from fundguard.web.desk import selectors as desk
from fundguard.web.desk.models import StateRow
from fundguard.web.findings import selectors as findings
from fundguard.web.findings.models import Finding
from fundguard.workflows.regions import VARIANTS

#: Effects that need to know the accounts; items wait for them in the states that these steps leave.
ASKING = frozenset({"record_debt", "correct_debt"})
WAITING = tuple(
    dict.fromkeys(
        state for flow in VARIANTS.values() for s in flow.steps if ASKING & set(s.effects) for state in s.sources
    )
)


def approved(one: Finding) -> dict[str, int] | None:
    """Fund account → fen as two people stated it of this evidence; None where nobody did."""
    made = Allocation.objects.filter(
        finding_key=one.pk, finding_id=one.finding_id, outcome=Allocation.Outcome.APPROVED
    ).first()
    return dict(made.amounts) if made else None


def waiting(viewer: Viewer) -> QuerySet[StateRow]:
    """Items to be determined whose loss is not known."""
    unknown = Finding.objects.filter(fund_amount_fen=None).values("pk")
    return desk.rows(viewer).filter(state__in=WAITING, object_id__in=unknown).order_by("entered_at", "pk")


def page(found: QuerySet[StateRow], first: int, size: int) -> list[tuple[Finding, StateRow, Allocation | None]]:
    """A page with the newest statement of each item."""
    rows = list(found[first : first + size])
    told = findings.shown([row.object_id for row in rows])
    newest: dict[str, Allocation] = {}
    for made in Allocation.objects.filter(finding_key__in=told).order_by("pk"):
        newest[made.finding_key] = made
    return [(told[row.object_id], row, newest.get(row.object_id)) for row in rows]


def of_finding(key: str) -> QuerySet[Allocation]:
    return Allocation.objects.filter(finding_key=key).select_related("proposed_by", "decided_by")


def in_words(made: Allocation) -> list[tuple[str, int]]:
    """Names of the accounts with their fen, in the order of the accounts."""
    return [(one.name, made.amounts[code]) for code, one in fund_accounts().items() if code in made.amounts]
