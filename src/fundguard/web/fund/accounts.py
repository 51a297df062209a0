"""Statement of an institution over a period, clearing of a month: sums that reconcile to the lines they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet, Sum
from django.http import Http404

from fundguard.findings.funds import PATIENT, fund_accounts
from fundguard.web.accounts.guard import Viewer
from fundguard.web.fund import months
from fundguard.web.fund.book import ACTS, DEBIT, SIDES, Balance
from fundguard.web.fund.models import Booking, Line
from fundguard.web.fund.pages import AccountRow, Clearing, ClearingLine, ClearingSum, Movement, Statement, added
from fundguard.web.fund.selectors import amounts, demands, named, region_names


def statement(viewer: Viewer, code: str, first: date, last: date) -> Statement:
    """The institution's account by the day on which each booking counts, so that a closed month stays as it was closed.
    Http404 where the viewer has no demand of it to see."""
    own = demands(viewer).filter(fixmedins_code=code)
    newest = own.order_by("-pk").first()
    if newest is None:
        raise Http404
    lines = Line.objects.filter(booking__demand__in=own.values("pk")).order_by()
    counted = lines.annotate(counts_on=months.OF_LINE)
    before = _sums(counted.filter(counts_on__lt=first))
    until = _sums(counted.filter(counts_on__lte=last))
    bookings = list(
        Booking.objects.annotate(counts_on=months.COUNTS_ON)
        .filter(counts_on__gte=first, counts_on__lte=last, demand__in=own.values("pk"))
        .select_related("demand")
        .prefetch_related("lines")
        .order_by("counts_on", "effective_on", "pk")
    )
    funds = [account for account in fund_accounts() if account != PATIENT]
    opening, patient_opening = added([before.get(a, Balance()) for a in funds]), before.get(PATIENT, Balance())
    return Statement(
        code=code,
        name=newest.institution_name or code,
        first=first,
        last=last,
        opening=opening,
        movements=_movements(bookings, opening, patient=False),
        closing=added([until.get(a, Balance()) for a in funds]),
        accounts=[AccountRow(fund_accounts()[a].name, until[a]) for a in funds if a in until],
        patient_opening=patient_opening,
        patient_movements=_movements(bookings, patient_opening, patient=True),
        patient_closing=until.get(PATIENT, Balance()),
    )


def clearing(viewer: Viewer, month: date, region: str = "") -> Clearing:
    """Everything that counts in this month (`month` is its first day), for one division or all the viewer's."""
    end = months.next_month(month)
    own = demands(viewer).filter(region=region) if region else demands(viewer)
    bookings = (
        Booking.objects.annotate(counts_on=months.COUNTS_ON)
        .filter(demand__in=own.values("pk"), counts_on__gte=month, counts_on__lt=end)
        .select_related("demand")
        .prefetch_related("lines")
        .order_by("demand__fixmedins_code", "effective_on", "pk")
    )
    names = region_names()
    lines: list[ClearingLine] = []
    sums: dict[tuple[str, str], ClearingSum] = {}
    for booking in bookings:
        demand = booking.demand
        institution = demand.institution_name or demand.fixmedins_code
        for code, fen in amounts(booking, booking.lines.all()).items():
            lines.append(
                ClearingLine(
                    effective_on=booking.effective_on,
                    number=demand.number,
                    region=names.get(demand.region, demand.region),
                    institution_code=demand.fixmedins_code,
                    institution=institution,
                    act=named(booking),
                    account=fund_accounts()[code].name,
                    voucher=booking.voucher,
                    note=booking.note,
                    fen=fen,
                )
            )
            key = (demand.fixmedins_code, code)
            if key not in sums:
                name = fund_accounts()[code].name
                sums[key] = ClearingSum(demand.fixmedins_code, institution, name, dict.fromkeys(ACTS, 0))
            sums[key].acts[booking.act] += fen
    ordered = sorted(sums, key=lambda key: (key[0], list(fund_accounts()).index(key[1])))
    return Clearing(
        month=f"{month:%Y-%m}",
        sums=[sums[key] for key in ordered if key[1] != PATIENT],
        patient=[sums[key] for key in ordered if key[1] == PATIENT],
        lines=lines,
    )


def _movements(bookings: Iterable[Booking], opening: Balance, *, patient: bool) -> list[Movement]:
    shown = []
    running = opening.open
    for booking in bookings:
        lines = [x for x in booking.lines.all() if (x.account == PATIENT) == patient]
        if not lines:
            continue
        change = _added_lines(lines)
        running += change.open
        demand = booking.demand
        shown.append(
            Movement(
                booking.effective_on, demand.number, demand.decision, named(booking), booking.voucher, change, running
            )
        )
    return shown


def _sums(lines: QuerySet[Line]) -> dict[str, Balance]:
    """Account → the sum of its lines, side by side."""
    by_account: dict[str, dict[str, int]] = {}
    for account, side, fen in lines.values_list("account", "side").annotate(total=Sum("fen")):
        by_account.setdefault(account, dict.fromkeys(SIDES, 0))[side] = fen if side in DEBIT else -fen
    return {account: Balance(**sides) for account, sides in by_account.items()}


def _added_lines(lines: Iterable[Line]) -> Balance:
    sides = dict.fromkeys(SIDES, 0)
    for line in lines:
        sides[line.side] += line.fen if line.side in DEBIT else -line.fen
    return Balance(**sides)
