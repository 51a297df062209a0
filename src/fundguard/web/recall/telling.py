"""One paper for each institution that had been told of anything: every item taken back, every paper revoked."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from fundguard.web.accounts.models import Region, User
from fundguard.web.findings import selectors as findings
from fundguard.web.papers import services as papers
from fundguard.web.papers.models import Paper
from fundguard.web.papers.services import Issue, Party
from fundguard.web.recall.models import Item, Letter, Recall

KIND = "recall"
ISSUER = "医疗保障局"


def send(recall: Recall, actor: User | None) -> int:
    """The papers not sent yet, each in its own transaction; how many."""
    told = recall.items.filter(told=True, outcome=Item.Outcome.WITHDRAWN).order_by("fixmedins_code", "pk")
    by_party: dict[tuple[str, str], list[Item]] = {}
    for one in told:
        by_party.setdefault((one.region, one.fixmedins_code), []).append(one)
    sent = set(recall.letters.values_list("region", "fixmedins_code"))
    missing = [party for party in by_party if party not in sent]
    for party in missing:
        _letter(recall, by_party[party], actor)
    return len(missing)


@transaction.atomic
def _letter(recall: Recall, told: Sequence[Item], actor: User | None) -> None:
    first = told[0]
    names = findings.rule_names()
    revoked = Paper.objects.filter(about__in=[one.finding_key for one in told], revoked_on=None)
    revoked = revoked.exclude(kind__in=papers.REVOKING)
    rows = [
        {
            "number": findings.number(one.finding_key),
            "rule": names.get(one.rule_code, one.rule_code),
            "amount": one.amount_fen,
            "deducted": one.deducted_fen,
            "owed": one.owed_fen,
        }
        for one in told
    ]
    values = {
        "reason": recall.reason,
        "count": len(told),
        "deducted": sum(one.deducted_fen for one in told),
        "owed": sum(one.owed_fen for one in told),
        "findings": rows,
        "revoked_papers": [{"number": one.number, "name": one.name} for one in revoked.order_by("pk")],
    }
    issuer = f"{Region.objects.get(code=first.region).name}{ISSUER}"
    party = Party(first.fixmedins_code, first.institution_name or first.fixmedins_code)
    given = Issue(KIND, first.region, issuer, party, timezone.localdate(), recall.number)
    made = papers.replace(given, values, [one.pk for one in revoked], actor)
    Letter.objects.create(recall=recall, region=first.region, fixmedins_code=first.fixmedins_code, paper=made)
