"""Guarded reads of demands: an agency sees those of its regions, an institution its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.shortcuts import get_object_or_404
from django.utils import timezone

from fundguard.findings.funds import PATIENT, fund_accounts
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import Region
from fundguard.web.core.templatetags.show import day, yuan
from fundguard.web.fund.book import ACTS, SIDES, Balance
from fundguard.web.fund.models import Booking, Demand, Line, Proposal, Standing
from fundguard.web.fund.pages import AccountRow, BookingRow, Part, ProposalRow, Row, Totals, added
from fundguard.web.fund.proposals import KINDS

OVERDUE = "逾期"
SUSPENDED = "更正中，暂停追回"
STATES = {**dict(Demand.State.choices), "overdue": OVERDUE, "pending": "待审批"}
SORTS = {"decided": "decided_on", "due": "due_on", "institution": "institution_name", "open": "open_fen"}
DEFAULT_SORT = "due"
_MANY = 500
BY_AGENCY = "经办机构"  # an institution is not told who booked it


def demands(viewer: Viewer) -> QuerySet[Demand]:
    if viewer.institutions is None:
        return Demand.objects.filter(region__in=viewer.regions)
    return Demand.objects.filter(fixmedins_code__in=viewer.institutions)


def demand(viewer: Viewer, pk: int) -> Demand:
    """One demand, or Http404 both where there is none and where the viewer may not know of it."""
    return get_object_or_404(demands(viewer), pk=pk)


def proposal(viewer: Viewer, pk: int) -> Proposal:
    return get_object_or_404(Proposal.objects.filter(demand__in=demands(viewer)), pk=pk)


def matching(viewer: Viewer, wanted: Mapping[str, Any]) -> QuerySet[Demand]:
    """Demands that match the filter (`forms.DemandFilter` cleaned)."""
    found = demands(viewer)
    if word := wanted.get("q"):
        number = word.upper().removeprefix("ZH-").lstrip("0")
        match = Q(fixmedins_code__iexact=word) | Q(institution_name__icontains=word) | Q(decision__icontains=word)
        match |= Q(finding_key__istartswith=word.upper().removeprefix("YD-"))
        found = found.filter(match | Q(pk=int(number)) if number.isdigit() and len(number) < 10 else match)
    if wanted.get("region"):
        found = found.filter(region=wanted["region"])
    if wanted.get("first"):
        found = found.filter(decided_on__gte=wanted["first"])
    if wanted.get("last"):
        found = found.filter(decided_on__lte=wanted["last"])
    return found.filter(_state(wanted["state"])) if wanted.get("state") else found


def totals(found: QuerySet[Demand]) -> Totals:
    """Number and sums of everything that matches; two queries."""
    of = Standing.objects.filter(demand__in=found.order_by().values("pk"))
    patient = {f"patient_{side}": Sum(side, filter=Q(account=PATIENT), default=0) for side in SIDES}
    told = of.aggregate(**patient, **{f"all_{side}": Sum(side, default=0) for side in SIDES})
    own = Balance(**{side: told[f"patient_{side}"] for side in SIDES})
    funds = Balance(**{side: told[f"all_{side}"] - getattr(own, side) for side in SIDES})
    return Totals(found.count(), funds, own)


def rows(found: QuerySet[Demand], sort: str, first: int = 0, size: int | None = None) -> list[Row]:
    shown = list(_ordered(found, sort)[first : None if size is None else first + size])
    held: dict[int, dict[bool, list[Balance]]] = defaultdict(lambda: {True: [], False: []})
    for one in Standing.objects.filter(demand__in=[d.pk for d in shown]):
        held[one.demand_id][one.account == PATIENT].append(one.balance)
    names = region_names()
    today = timezone.localdate()
    return [_row(one, added(held[one.pk][False]), added(held[one.pk][True]), names, today) for one in shown]


def row(one: Demand) -> Row:
    return rows(Demand.objects.filter(pk=one.pk), DEFAULT_SORT)[0]


def accounts(one: Demand) -> list[AccountRow]:
    """Balances of the fund accounts of a demand in their order, the patient's own share last."""
    held = {s.account: s.balance for s in Standing.objects.filter(demand=one)}
    return [AccountRow(account.name, held[code]) for code, account in fund_accounts().items() if code in held]


def bookings(viewer: Viewer, one: Demand) -> list[BookingRow]:
    """The book of a demand in the order written; the running balance is of the funds."""
    found = one.bookings.select_related("actor", "voids").prefetch_related("lines").order_by("pk")
    voided = set(Booking.objects.filter(demand=one, voids__isnull=False).values_list("voids_id", flat=True))
    shown = []
    running = 0
    for booking in found:
        lines = list(booking.lines.all())
        running += sum(x.fen for x in lines if x.side == "open" and x.account != PATIENT)
        by_account = [(fund_accounts()[c].name, fen) for c, fen in amounts(booking, lines).items()]
        shown.append(
            BookingRow(
                pk=booking.pk,
                act=named(booking),
                effective_on=booking.effective_on,
                at=booking.at,
                voucher=booking.voucher,
                note=booking.note,
                actor=_who(viewer, booking.actor),
                by_account=by_account,
                fen=sum(fen for _, fen in by_account),
                running_open=running,
                voided=booking.pk in voided,
                voidable=ACTS[booking.act].voidable and booking.voids_id is None and booking.pk not in voided,
            )
        )
    return shown


def proposals(viewer: Viewer, one: Demand) -> list[ProposalRow]:
    found = one.proposals.select_related("proposed_by", "decided_by").order_by("-pk")
    return [
        ProposalRow(
            pk=p.pk,
            kind=KINDS[p.kind].name,
            text=_content(p),
            reason=p.reason,
            proposed_by=str(p.proposed_by),
            proposed_at=p.proposed_at,
            outcome=p.get_outcome_display(),
            pending=p.outcome == Proposal.Outcome.PENDING,
            own=p.proposed_by_id == viewer.user.pk,
            decided_by=str(p.decided_by or ""),
            opinion=p.opinion,
        )
        for p in found
    ]


def plan(one: Demand) -> list[Part]:
    """The instalments in force, each with what of it is covered."""
    made = one.proposals.filter(kind="instalments", outcome=Proposal.Outcome.APPROVED).order_by("decided_at").last()
    if made is None:
        return []
    parts = list(made.instalments.all())
    paid = max(0, sum(part.fen for part in parts) - one.open_fen)
    shown = []
    for part in parts:
        covered = min(part.fen, paid)
        paid -= covered
        shown.append(Part(part.due_on, part.fen, covered, covered < part.fen and part.due_on < timezone.localdate()))
    return shown


def standing(finding_key: str) -> Demand | None:
    """The demand that a finding has now."""
    return Demand.objects.filter(finding_key=finding_key, standing=True).first()


def received(finding_key: str) -> int:
    """Fen that the funds received on a finding's standing demand and do not owe or have given back yet."""
    held = Standing.objects.filter(demand__finding_key=finding_key, demand__standing=True).exclude(account=PATIENT)
    return sum(one.balance.returnable for one in held)


def sums_of(finding_keys: Iterable[str]) -> tuple[int, int]:
    """Fen that the funds received and still owe nothing of, and what is open, over the standing demands of these."""
    keys = list(finding_keys)
    received = open_ = 0
    for start in range(0, len(keys), _MANY):
        part = keys[start : start + _MANY]
        held = Standing.objects.filter(demand__finding_key__in=part, demand__standing=True).exclude(account=PATIENT)
        for one in held:
            received, open_ = received + one.balance.returnable, open_ + one.open
    return received, open_


def unpaid(finding_keys: Iterable[str]) -> set[str]:
    """Of these findings those with a standing demand of which something is still open."""
    found = Demand.objects.filter(finding_key__in=list(finding_keys), standing=True, state=Demand.State.OPEN)
    return set(found.values_list("finding_key", flat=True))


def amounts(booking: Booking, lines: Iterable[Line]) -> dict[str, int]:
    """What a booking moved, by account; negative where it corrects another."""
    moved: dict[str, int] = {}
    for line in lines:
        if (line.fen > 0) != bool(booking.voids_id):
            moved[line.account] = moved.get(line.account, 0) + line.fen
    return moved


def named(booking: Booking) -> str:
    return f"冲正{booking.get_act_display()}" if booking.voids_id else booking.get_act_display()


def region_names() -> dict[str, str]:
    return dict(Region.objects.order_by("code").values_list("code", "name"))


def _state(state: str) -> Q:
    """A debt to an institution is found also while other money of the demand is still open."""
    if state == "overdue":
        return Q(state=Demand.State.OPEN, suspended=False, due_on__lt=timezone.localdate())
    if state == "pending":
        return Q(Exists(Proposal.objects.filter(demand=OuterRef("pk"), outcome=Proposal.Outcome.PENDING)))
    if state == Demand.State.OWED:
        return Q(Exists(Standing.objects.filter(demand=OuterRef("pk"), owed_back__gt=0)))
    return Q(state=state)


def _ordered(found: QuerySet[Demand], sort: str) -> QuerySet[Demand]:
    name = sort.removeprefix("-")
    if name not in SORTS:
        sort, name = DEFAULT_SORT, DEFAULT_SORT
    column = F(SORTS[name])
    return found.order_by(column.desc() if sort.startswith("-") else column.asc(), "pk")


def _row(one: Demand, funds: Balance, patient: Balance, names: Mapping[str, str], today: date) -> Row:
    overdue = one.state == Demand.State.OPEN and one.due_on < today and not one.suspended
    return Row(
        pk=one.pk,
        number=one.number,
        institution=one.institution_name or one.fixmedins_code,
        institution_code=one.fixmedins_code,
        region=names.get(one.region, one.region),
        decision=one.decision,
        decided_on=one.decided_on,
        due_on=one.due_on,
        due_flag=one.due_flag,
        funds=funds,
        patient=patient,
        state=SUSPENDED if one.suspended else OVERDUE if overdue else one.get_state_display(),
        overdue=overdue,
    )


def _content(made: Proposal) -> str:
    content = made.content
    if made.kind == "write_off":
        return f"{yuan(content['fen'])} 元"
    if made.kind == "instalments":
        parts = content["parts"]
        return f"{len(parts)} 期，合计 {yuan(sum(fen for _, fen in parts))} 元，{parts[0][0]} 至 {parts[-1][0]}"
    booking = Booking.objects.get(pk=content["booking"])
    fen = sum(line.fen for line in booking.lines.all() if line.fen > 0)
    return f"{booking.get_act_display()} {yuan(fen)} 元，{day(booking.effective_on)}，凭证 {booking.voucher}"


def _who(viewer: Viewer, actor: object) -> str:
    if viewer.institutions is not None:
        return BY_AGENCY
    return str(actor) if actor else "系统"
