"""Which settlements a demand's money is asked of: exact to the fen, and never more of one than it paid.

The settlements are locked before anybody reads what they still have, so of two determinations at the same moment the
second sees what the first one took.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Sum

from fundguard.findings.funds import PATIENT, apportion
from fundguard.web.fund.models import Demand, Portion, Settlement

Amounts = Mapping[str, int]  # fund account → fen
Portions = Mapping[str, Amounts]  # settlement → fund account → fen


def lock(setl_ids: Iterable[str]) -> None:
    """Holds these settlements until the caller's transaction ends."""
    wanted = sorted(setl_ids)
    Settlement.objects.bulk_create([Settlement(setl_id=one) for one in wanted], ignore_conflicts=True)
    list(Settlement.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))


def taken(setl_ids: Iterable[str], without: str = "") -> dict[str, dict[str, int]]:
    """What demands now ask each fund of these settlements for, but for those of the finding `without`; the caller
    holds their lock."""
    held = Portion.objects.filter(setl__in=list(setl_ids), fen__gt=0).exclude(account=PATIENT).order_by()
    found: dict[str, dict[str, int]] = {}
    summed = held.exclude(demand__finding_key=without).values_list("setl", "account").annotate(sum=Sum("fen"))
    for setl_id, account, fen in summed:
        found.setdefault(setl_id, {})[account] = fen
    return found


def of_demand(demand: Demand) -> dict[str, dict[str, int]]:
    """Settlement → account → fen that stands asked of it."""
    found: dict[str, dict[str, int]] = {}
    for one in demand.portions.filter(fen__gt=0).order_by("setl", "account"):
        found.setdefault(one.setl_id, {})[one.account] = one.fen
    return found


def write(demand: Demand, portions: Portions) -> None:
    """The portions of a new demand."""
    lock(portions)
    Portion.objects.bulk_create(
        Portion(demand=demand, setl_id=setl_id, account=account, fen=fen)
        for setl_id, parts in portions.items()
        for account, fen in parts.items()
    )


def lower(demand: Demand, amounts: Amounts, parts: Portions | None) -> None:
    """Portions come down with what is reversed: by `parts` where these are named, else in proportion within each
    account. A demand without portions is left alone."""
    held = list(demand.portions.order_by("setl"))
    for account, fen in amounts.items():
        own = {one.setl_id: one for one in held if one.account == account}
        if not own:
            continue
        if parts is None:
            down = apportion(fen, {setl_id: one.fen for setl_id, one in own.items()})
        else:
            down = {setl_id: of[account] for setl_id, of in parts.items() if account in of}
        for setl_id, less in down.items():
            own[setl_id].fen -= less
    Portion.objects.bulk_update(held, ["fen"])
