"""Planted stays, visits and sales that contradict each other, with their hard negatives."""

from __future__ import annotations

import numpy as np

from fundguard.claims.city.calendar import MINUTES, day
from fundguard.claims.city.claims import DIAGNOSIS
from fundguard.claims.city.frames import numbered
from fundguard.claims.city.journal import ACCOUNT, FAMILY, FUND, NOBODY
from fundguard.claims.city.people import FEMALE
from fundguard.claims.city.places import PHARMACY
from fundguard.claims.city.stage import Stage
from fundguard.claims.city.stock import trace_number

#: The stage comes first: its line and encounter numbers start here.
FIRST_NUMBER = 1
_PAYERS = {"account_only": ACCOUNT, "family_account": FAMILY, "self_paid": NOBODY}
_TRANSFERRED, _DIED = 2, 5


def _encounter_key(stage_number: int) -> str:
    return str(numbered(np.array([FIRST_NUMBER + stage_number]), 11, "9M")[0])


def line_key(stage_number: int) -> str:
    return str(numbered(np.array([FIRST_NUMBER + stage_number]), 12, "9F")[0])


def _refund_whole(stage: Stage, encounter: int) -> None:
    """Refund a settled visit the next morning: every line, in a settlement of its own."""
    for line in stage.lines_of[encounter]:
        back = stage.refund(line)
        row = list(stage.lines[back])
        row[3] += MINUTES
        row[12] = 1
        stage.lines[back] = tuple(row)


# ---- N49: a stay in two pieces


def _split_stay(stage: Stage, trap: str, turn: int = 0) -> None:
    stage.plant("N49", trap)
    person, place = stage.person(), stage.place()
    on = stage.day(last=day(2026, 6, 30))
    gap = {"day_16": 16, "": (15, 1, 7, 3, 12)[turn % 5]}.get(trap, 6)
    illness = {"chemotherapy": "Z51", "dialysis": "Z49"}.get(trap, "J18")
    leaving = _TRANSFERRED if trap == "transferred" else 1
    first = stage.stay(person, place, on, on + 5, diagnosis=DIAGNOSIS[illness], leaving=leaving)
    if trap == "other_diagnosis":
        illness = "I50"
    if trap == "other_institution":
        place = stage.place(other_than=place)
    second = stage.stay(
        person, place, on + 5 + gap, on + 10 + gap, diagnosis=DIAGNOSIS[illness], payer=_PAYERS.get(trap, FUND)
    )
    _accuse(stage, trap, second, related=_encounter_key(first))


def _accuse(stage: Stage, trap: str, encounter: int, related: str = "") -> None:
    if trap == "withdrawn_encounter":
        stage.void(encounter)
    stage.accuse_encounter(encounter, related, ("first",) if trap == "withdrawn_encounter" else None)


# ---- N50: more than thirty visits in a month


def _visits(stage: Stage, trap: str, turn: int = 0) -> None:
    stage.plant("N50", trap)
    person, place = stage.person(), stage.place()
    month = (3, 5, 7)[turn % 3]
    start = day(2026, month, 16 if trap == "over_two_months" else 1)
    count = 30 if trap == "exactly_thirty" else 31
    visits = []
    for k in range(count):
        shop = trap == "some_at_pharmacies" and k % 10 == 5
        where = stage.place(PHARMACY) if shop else place
        payer = NOBODY if trap == "one_self_paid" and k == 12 else FUND
        visits.append(stage.visit(person, where, start + k, "pharmacy" if shop else "outpatient", payer=payer))
    if trap == "one_refunded":
        _refund_whole(stage, visits[12])
    _accuse(stage, trap, visits[-1])


# ---- L001: in two beds at once


def _two_beds(stage: Stage, trap: str) -> None:
    stage.plant("L001", trap)
    mother = trap == "newborn_on_mothers_account"
    person = stage.person(29, FEMALE) if mother else stage.person()
    here = stage.place()
    there = here if mother else stage.place(other_than=here)
    on = stage.day()
    begin = {"transfer_day": 6, "day_after": 7}.get(trap, 3)
    first = stage.stay(person, here, on, on + 6, leaving=_TRANSFERRED if trap == "transfer_day" else 1)
    illness = DIAGNOSIS["P59" if mother else "I50"]
    payer = _PAYERS.get(trap, FUND)
    second = (
        stage.stay(person, there, on + begin, on + begin + 5, diagnosis=illness, payer=payer)
        if not mother
        else _baby(stage, person, there, on + begin)
    )
    _accuse(stage, trap, second, related=_encounter_key(first))


def _baby(stage: Stage, mother: int, place: int, on: int) -> int:
    """A newborn's own stay under the mother's number: tests only, no second bed."""
    number = stage.visit(mother, place, on, "stay", newborn=1, diagnosis=DIAGNOSIS["P59"], end=(on + 3) * MINUTES + 700)
    stage.line(number, stage.item("newborn_service"), on)
    return number


# ---- L002: buying or being treated elsewhere while in hospital


def _elsewhere(stage: Stage, trap: str, turn: int = 0) -> None:
    stage.plant("L002", trap)
    person = stage.person(29, FEMALE) if trap == "newborn_on_mothers_account" else stage.person()
    here = stage.place()
    on = stage.day()
    stay = stage.stay(person, here, on, on + 6)
    when = {"admission_day": 0, "discharge_day": 6, "day_after_discharge": 7}.get(trap, 3)
    where = stage.place(PHARMACY) if turn % 2 == 0 else stage.place(other_than=here)
    kind = "pharmacy" if turn % 2 == 0 else "outpatient"
    if trap == "same_institution":
        where, kind = here, "outpatient"
    newborn = int(trap == "newborn_on_mothers_account")
    visit = stage.visit(person, where, on + when, kind, at=840, payer=_PAYERS.get(trap, FUND), newborn=newborn)
    lines = stage.lines_of[visit]
    if trap == "refunded":
        _refund_whole(stage, visit)
    if trap == "stay_withdrawn":
        stage.void(stay)
    for line in lines:
        stage.accuse_line(
            line, related=_encounter_key(stay), accused_in=("first",) if trap == "stay_withdrawn" else None
        )


# ---- L003: treated after death


def _after_death(stage: Stage, trap: str) -> None:
    stage.plant("L003", trap)
    died = stage.day()
    person = stage.person(76, died=died)
    if trap == "stay_settled_later":
        settled = (died + 6) * MINUTES + 600
        encounter = stage.stay(person, stage.place(), died - 5, died, leaving=_DIED, settled=settled)
    else:
        on = died if trap == "day_of_death" else died + int(stage.rng.integers(2, 40))
        encounter = stage.visit(person, stage.place(), on, payer=_PAYERS.get(trap, FUND))
    lines = stage.lines_of[encounter]
    if trap == "refunded":
        _refund_whole(stage, encounter)
    if trap == "withdrawn_encounter":
        stage.void(encounter)
    for line in lines:
        stage.accuse_line(line, accused_in=("first",) if trap == "withdrawn_encounter" else None)


# ---- L004: one box sold twice


def _one_box_twice(stage: Stage, trap: str) -> None:
    stage.plant("L004", trap)
    on = stage.day()
    shop = stage.place(PHARMACY)
    item = stage.item("drug", "patent")
    split = int(trap == "split_pack")
    visit = stage.visit(stage.person(), shop, on, "pharmacy")
    first = stage.line(visit, item, split=split)
    if trap == "returned_in_between":
        stage.refund(first)
    if trap == "twice_in_one_settlement":
        second = stage.line(visit, item, at=570, trace=trace_number(FIRST_NUMBER + first))
    else:
        other = shop if trap == "returned_in_between" else stage.place(PHARMACY, other_than=shop)
        later = stage.visit(stage.person(52), other, on + 9, "pharmacy", payer=_PAYERS.get(trap, FUND))
        second = stage.line(later, item, split=split, trace=trace_number(FIRST_NUMBER + first))
    stage.accuse_line(second, related=line_key(first))


_TRAPS: dict[str, tuple[str, ...]] = {
    "N49": (
        *("day_16", "transferred", "chemotherapy", "dialysis", "other_diagnosis", "other_institution"),
        *("self_paid", "withdrawn_encounter"),
    ),
    "N50": (
        "exactly_thirty",
        "over_two_months",
        "some_at_pharmacies",
        "one_self_paid",
        "one_refunded",
        "withdrawn_encounter",
    ),
    "L001": ("transfer_day", "day_after", "newborn_on_mothers_account", "self_paid", "withdrawn_encounter"),
    "L002": (
        *("admission_day", "discharge_day", "day_after_discharge", "same_institution", "account_only"),
        *("family_account", "self_paid", "newborn_on_mothers_account", "refunded", "stay_withdrawn"),
    ),
    "L003": ("day_of_death", "stay_settled_later", "account_only", "refunded", "withdrawn_encounter"),
    "L004": ("twice_in_one_settlement", "returned_in_between", "split_pack", "account_only"),
}


def play(stage: Stage, plants: int, traps: int) -> None:
    """So many violations of each rule and each trap so many times."""
    for turn in range(plants):
        _split_stay(stage, "", turn)
        _visits(stage, "", turn)
        _two_beds(stage, "")
        _elsewhere(stage, "", turn)
        _after_death(stage, "")
        _one_box_twice(stage, "")
    cases = {"N49": _split_stay, "N50": _visits, "L001": _two_beds, "L002": _elsewhere, "L003": _after_death}
    cases["L004"] = _one_box_twice
    for _ in range(traps):
        for rule, names in _TRAPS.items():
            for trap in names:
                cases[rule](stage, trap)
