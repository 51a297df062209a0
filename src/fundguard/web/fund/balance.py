"""Whether the book balances: every booking sums to zero, every balance is the sum of its lines, portions add up."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Q, QuerySet, Sum

from fundguard.findings.funds import PATIENT
from fundguard.web.fund.book import DEBIT, SIDES
from fundguard.web.fund.models import Demand, Line, Portion, Standing
from fundguard.web.ledger.verifying import Checked

BOOK, PORTIONS = "账目不平衡，余额与分录不符", "按结算分摊的金额与认定不符"


def verify() -> Checked:
    """Every demand, by a few statements over the book, whatever its size."""
    book = sorted({*_uneven(), *_unlike_lines()})
    portions = sorted(set(_unlike_portions()))
    told = [(Demand(pk=pk).number, BOOK) for pk in book] + [(Demand(pk=pk).number, PORTIONS) for pk in portions]
    return Checked(Demand.objects.count(), tuple(told))


def _uneven() -> QuerySet[Line]:
    """Demands with a booking whose lines of an account do not sum to zero."""
    summed = Line.objects.order_by().values("booking", "account", demand=F("booking__demand")).annotate(sum=Sum("fen"))
    return summed.filter(~Q(sum=0)).values_list("demand", flat=True)


def _unlike_lines() -> Iterator[int]:
    """Demands with a balance that is not the sum of its lines."""
    summed = Line.objects.order_by().values_list("booking__demand", "account", "side").annotate(sum=Sum("fen"))
    lines = {(demand, account, side): fen for demand, account, side, fen in summed}
    open_ = dict(Demand.objects.values_list("pk", "open_fen"))
    for one in Standing.objects.order_by("pk").iterator(chunk_size=2000):
        for side in SIDES:
            fen = lines.pop((one.demand_id, one.account, side), 0)
            if getattr(one, side) != (fen if side in DEBIT else -fen):
                yield one.demand_id
        if not one.balance.sound:
            yield one.demand_id
        if one.account != PATIENT:
            open_[one.demand_id] -= one.open
    yield from (demand for (demand, *_), fen in lines.items() if fen)
    yield from (demand for demand, fen in open_.items() if fen)


def _unlike_portions() -> Iterator[int]:
    """Demands whose portions do not add up to what stands determined."""
    summed = Portion.objects.order_by().values_list("demand", "account").annotate(sum=Sum("fen"))
    held = {(demand, account): fen for demand, account, fen in summed}
    asked = Standing.objects.filter(demand__in=Portion.objects.values("demand"))
    for demand, account, fen in asked.values_list("demand", "account", "determined"):
        if held.pop((demand, account), 0) != fen:
            yield demand
    yield from (demand for (demand, _), fen in held.items() if fen)
