"""Guarded reads of an institution's own items: what it was told of, with the keys of its own systems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.shortcuts import get_object_or_404
from django.utils import timezone

from fundguard.web.accounts.guard import Viewer
from fundguard.web.desk import answering, items
from fundguard.web.desk import selectors as desk
from fundguard.web.desk.models import StateRow
from fundguard.web.desk.pages import Button
from fundguard.web.findings import selectors as findings
from fundguard.web.findings.encounter import accusation
from fundguard.web.papers import selectors as papers
from fundguard.web.portal import asked as inner
from fundguard.web.portal import keys
from fundguard.web.portal.deciding import SAID
from fundguard.web.portal.models import OwnKey
from fundguard.web.portal.pages import Charged, Item, Own
from fundguard.workflows.kernel import may
from fundguard.workflows.regions import VARIANTS

#: State → what the institution is told of it; what has no words for it is not on its list.
TOLD = {state.code: state.shown for flow in VARIANTS.values() for state in flow.states if state.shown}
TABS = {"todo": "待本机构办理", "all": "全部已告知"}
#: The state in which every line is accepted or objected to.
ANSWERED_FROM = "notified"
SOON = timedelta(days=3)


def told(viewer: Viewer) -> QuerySet[StateRow]:
    """What the institutions of the viewer were told of. An item withdrawn before that never comes up."""
    found = desk.rows(viewer).filter(state__in=TOLD)
    return found.exclude(state="withdrawn", notices=None)


def matching(viewer: Viewer, wanted: Mapping[str, Any]) -> QuerySet[StateRow]:
    """Items of a filter (`forms.OwnFilter` cleaned), the earliest term first; without tab those that wait."""
    found = _filtered(viewer, wanted)
    if wanted.get("tab") != "all":
        found = found.filter(state__in=desk.own_states(viewer))
    return found.defer("lines").order_by("due_at", "pk")


def totals(viewer: Viewer, wanted: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Tab → number and amount in fen of what matches the rest of the filter."""
    summed = {}
    for tab in TABS:
        told_ = matching(viewer, {**wanted, "tab": tab}).order_by().aggregate(n=Count("pk"), fen=Sum("amount_now_fen"))
        summed[tab] = (told_["n"], told_["fen"] or 0)
    return summed


def owns(viewer: Viewer, listed: Iterable[StateRow]) -> list[Own]:
    """Lines of the list, with own keys and what was asked inside."""
    rows = list(listed)
    shown = answering.answerables(rows)
    held = OwnKey.objects.in_bulk([row.object_id for row in rows])
    questions = inner.standing([row.object_id for row in rows])
    waiting = set(desk.own_states(viewer))
    return [
        _own(one, held.get(one.key), waiting=row.state in waiting, question=questions.get(one.key, ("", False)))
        for row, one in zip(rows, shown, strict=True)
    ]


def row_of(viewer: Viewer, key: str) -> StateRow:
    """One item the institution was told of, or Http404 both where there is none and where it is another's."""
    return get_object_or_404(told(viewer), object_id=key)


def item(viewer: Viewer, key: str) -> Item:
    row = row_of(viewer, key)
    known = items.item(row)
    one = findings.finding(viewer, key)
    at = timezone.now()
    answer = may(known, "object", items.actor(viewer, at), at)
    here = row.state == ANSWERED_FROM and viewer.may("do.answer")
    asked = inner.of_finding(key)
    panel = answering.panel(viewer, row)
    return Item(
        key=key,
        institution=one.institution_name or row.fixmedins_code,
        own=owns(viewer, [row])[0],
        accusation=accusation(one),
        panel=replace(panel, buttons=tuple(one for one in panel.buttons if one.verb not in SAID)),
        version=row.version,
        charges=charges(row, sorted(known.lines_now)),
        asked=asked,
        answerable=here and answer.allowed,
        why_not=_why(panel.buttons) if here and not answer.allowed else (),
        papers=tuple((one.pk, f"{one.name} {one.number}") for one in papers.papers(viewer).filter(about=key)),
        statement="\n".join(f"（{q.to}）{q.statement}" for q in asked if q.statement),
    )


def charges(row: StateRow, wanted: list[str]) -> list[Charged]:
    """The accused lines of an item in order, as the institution knows them."""
    read = keys.lines([row.region], [row.fixmedins_code], wanted)
    return [Charged(place, read.get(line, keys.OwnLine(line)), row.lines[line]) for place, line in enumerate(wanted)]


def choices(viewer: Viewer) -> dict[str, list[str]]:
    """What the filter offers: rules, departments, doctors, institutions that occur among what was told."""
    found = told(viewer)
    own = OwnKey.objects.filter(fixmedins_code__in=viewer.institutions or ())
    own = own.filter(finding_key__in=found.values("object_id"))
    return {
        "rule": sorted(found.order_by().values_list("rule_code", flat=True).distinct()),
        "department": _apart(own.values_list("departments", flat=True).distinct(), "|"),
        "practitioner": _apart(own.values_list("practitioners", flat=True).distinct(), " "),
        "institution": sorted(found.order_by().values_list("fixmedins_code", flat=True).distinct()),
    }


def _why(buttons: tuple[Button, ...]) -> tuple[str, ...]:
    return next((button.why for button in buttons if button.verb == "object"), ())


def _apart(values: Iterable[str], sign: str) -> list[str]:
    return sorted({part for value in values for part in value.split(sign) if part})


def _own(one: Any, held: OwnKey | None, *, waiting: bool, question: tuple[str, bool]) -> Own:
    told_, late = question
    if held is None:
        return Own(one, waiting=waiting, inner=told_, inner_late=late)
    return Own(
        one,
        held.ipt_otp_no,
        held.medrcdno,
        tuple(held.medins_list_codgs.split()),
        tuple(part for part in held.departments.split("|") if part),
        tuple(held.practitioners.split()),
        waiting,
        told_,
        late,
    )


def _filtered(viewer: Viewer, wanted: Mapping[str, Any]) -> QuerySet[StateRow]:
    found = told(viewer)
    if shown := wanted.get("state"):
        found = found.filter(state__in=[code for code, words in TOLD.items() if words == shown])
    same = {"rule": "rule_code", "institution": "fixmedins_code"}
    found = found.filter(**{column: wanted[name] for name, column in same.items() if wanted.get(name)})
    for name, column, sign in (("department", "departments", "|"), ("practitioner", "practitioners", " ")):
        if value := wanted.get(name):
            found = found.filter(_keyed(viewer, Q(**{f"{column}__contains": f"{sign}{value}{sign}"})))
    if word := wanted.get("q"):
        same = Q(ipt_otp_no=word) | Q(medrcdno=word) | Q(medins_list_codgs__contains=f" {word} ")
        found = found.filter(_keyed(viewer, same) | Q(object_id__istartswith=word.upper().removeprefix("YD-")))
    now = timezone.now()
    if wanted.get("due") == "late":
        found = found.filter(due_at__lte=now)
    elif wanted.get("due") == "soon":
        found = found.filter(due_at__gt=now, due_at__lte=now + SOON)
    return found


def _keyed(viewer: Viewer, condition: Q) -> Q:
    own = OwnKey.objects.filter(condition, fixmedins_code__in=viewer.institutions or ())
    return Q(object_id__in=own.values("finding_key"))


def known_about(code: str, how: str, refs: list[str]) -> bool:
    """Whether the institution was told of a finding on these settlements or lines; without numbers, of any at all."""
    found = StateRow.objects.filter(workflow="finding", fixmedins_code=code, state__in=TOLD)
    found = found.exclude(state="withdrawn")
    if how == "lines":
        wanted = set(refs)
        return any(wanted & set(lines) for lines in found.values_list("lines", flat=True).iterator())
    if how == "settlements":
        keys = found.values("object_id")
        return findings.any_of_settlements(keys, refs)
    return found.exists()
