"""The ordinary life of the city: visits, purchases, series and stays that break no rule.

Persons are drawn in blocks; all encounters of a person lie in one block. By construction a person has at most one
visit a day, none during or next to a stay, stays far apart (or series whose main diagnosis is dialysis or
chemotherapy), and limited items only where they are allowed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fundguard.claims.city.bundles import STAYS, VISITS, Bundle, Slot
from fundguard.claims.city.calendar import FIRST, LAST, MINUTES
from fundguard.claims.city.catalogue import catalogue
from fundguard.claims.city.claims import DIAGNOSIS
from fundguard.claims.city.frames import NONE, Ints
from fundguard.claims.city.journal import (
    ACCOUNT,
    FAMILY,
    FUND,
    KIND,
    NOBODY,
    UPLOAD,
    Batch,
    Encounters,
    Lines,
    take,
)
from fundguard.claims.city.people import CHRONIC, DIALYSIS, EMPLOYEE, FEMALE, TUMOUR, WELL, People
from fundguard.claims.city.places import CITY_SEAT, NEIGHBOUR, PHARMACY, TERTIARY, Places

_VISIT_NAMES, _STAY_NAMES = tuple(VISITS), tuple(STAYS)
_SPAN = LAST - FIRST + 1
_SPACING = 2**16


@dataclass
class Plan:
    """Encounters before they are filled: person (in the block), first day, days of stay, bundle, place."""

    person: Ints
    day: Ints
    length: Ints
    bundle: Ints
    place: Ints


def block(people: People, start: int, places: Places, rng: np.random.Generator) -> tuple[Encounters, Lines]:
    """Encounters and lines of these persons (numbered from `start`); `number` is not set yet."""
    stays = _stays(people, places, rng)
    visits = _visits(people, places, stays, rng)
    plan = Plan(*(np.concatenate([getattr(visits, k), getattr(stays, k)]) for k in Plan.__annotations__))
    encounters = _encounters(plan, people, start, places, rng)
    lines = _charges(plan, encounters, places, rng)
    return encounters, _refunds(lines, encounters, rng)


def _pick(pool: Ints, count: int, rng: np.random.Generator) -> Ints:
    return pool[rng.integers(0, len(pool), count)]


def _stays(people: People, places: Places, rng: np.random.Generator) -> Plan:
    count = len(people)
    age = (LAST - people.born) // 365
    draw = rng.random(count)
    mother = (people.sex == FEMALE) & (age >= 22) & (age <= 37) & (draw < 0.05)
    elsewhere = (people.county == NEIGHBOUR) & (draw < 0.3)
    ill = (people.condition <= CHRONIC) & ~mother & ~elsewhere & (draw < 0.10 + 0.12 * (age > 60))
    which = np.full(count, -1)
    names = {name: number for number, name in enumerate(_STAY_NAMES)}
    which[ill] = _pick(np.array([names[k] for k in _ILLNESSES]), int(ill.sum()), rng)
    which[elsewhere] = names["elsewhere"]
    which[mother] = names["delivery"]
    which[people.condition == TUMOUR] = names["chemotherapy"]
    which[people.condition == DIALYSIS] = -1
    rows = np.flatnonzero(which >= 0)
    first = FIRST + rng.integers(5, _SPAN + 4, len(rows))
    place = _places(which[rows], STAYS, people.county[rows], places, rng)
    again = np.flatnonzero((which[rows] <= names["urgent"]) & (rng.random(len(rows)) < 0.12))
    series = np.flatnonzero(which[rows] == names["chemotherapy"])
    babies = np.flatnonzero(which[rows] == names["delivery"])
    parts = [np.arange(len(rows)), again, *([series] * 4)]
    shift = [0, 60, 14, 28, 42, 56]
    pick = np.concatenate(parts)
    moved = np.concatenate([np.full(len(part), days) for part, days in zip(parts, shift, strict=True)])
    low, high = np.array([b.length for b in STAYS.values()]).T
    bundle = which[rows][pick]
    length = rng.integers(low[bundle], high[bundle] + 1)
    person, day = rows[pick], first[pick] + moved
    person = np.concatenate([person, rows[babies]])
    day = np.concatenate([day, first[babies]])
    length = np.concatenate([length, length[babies]])
    bundle = np.concatenate([bundle, np.full(len(babies), names["newborn"])])
    place = np.concatenate([place[pick], place[babies]])
    alive = (people.died[person] == NONE) | (day + length < people.died[person])
    keep = alive & (day <= LAST) & (day > people.born[person] + 1)
    return Plan(person[keep], day[keep], length[keep], bundle[keep] + len(_VISIT_NAMES), place[keep])


_ILLNESSES = ("ward", "ward", "ward", "ward", "urgent", "operation", "operation", "day_surgery")


def _visits(people: People, places: Places, stays: Plan, rng: np.random.Generator) -> Plan:
    count = len(people)
    age = (LAST - people.born) // 365
    child = people.born > LAST - 13 * 365
    names = {name: number for number, name in enumerate(_VISIT_NAMES)}
    common = np.where(child, names["child"], names["general"])
    woman = (people.sex == FEMALE) & (age >= 18) & (age < 60)
    habits: list[tuple[Ints, npt.NDArray[np.float64]]] = [
        (common, np.full(count, 1.1) + 0.01 * age),
        (np.full(count, names["emergency"]), np.full(count, 0.15)),
        (np.full(count, names["clinic"]), np.full(count, 0.5)),
        (np.full(count, names["pharmacy"]), np.full(count, 0.9)),
        (np.full(count, names["chinese"]), np.where(child, 0.0, 0.07)),
        (np.full(count, names["women"]), np.where(woman, 0.25, 0.0)),
    ]
    person, day, bundle = [], [], []
    for kind, mean in habits:
        who = np.repeat(np.arange(count), rng.poisson(mean))
        person.append(who)
        day.append(FIRST + rng.integers(0, _SPAN, len(who)))
        bundle.append(kind[who])
    for who, days, kind in _series(people, stays, names, rng):
        person.append(who)
        day.append(days)
        bundle.append(kind)
    p, d, b = np.concatenate(person), np.concatenate(day), np.concatenate(bundle)
    alive = (people.died[p] == NONE) | (d < people.died[p])
    keep = alive & (d <= LAST) & (d > people.born[p] + 1) & ~_in_stay(p, d, stays)
    p, d, b = p[keep], d[keep], b[keep]
    _, once = np.unique(p * _SPACING + d, return_index=True)
    p, d, b = p[once], d[once], b[once]
    return Plan(p, d, np.zeros(len(p), np.int64), b, _places(b, VISITS, people.county[p], places, rng))


def _series(
    people: People, stays: Plan, names: dict[str, int], rng: np.random.Generator
) -> list[tuple[Ints, Ints, Ints]]:
    """Monthly drugs of chronic patients, one check a year, dialysis three times a week, visits before a birth."""
    chronic = np.flatnonzero((people.condition != WELL) & (people.condition != DIALYSIS))
    favourite = rng.integers(0, 24, len(chronic))
    who = np.repeat(chronic, 12)
    days = FIRST + np.tile(np.arange(12) * 30, len(chronic)) + np.repeat(favourite, 12) + rng.integers(0, 4, len(who))
    kind = np.where(rng.random(len(who)) < 0.35, names["chronic_pharmacy"], names["chronic"])
    kind.reshape(-1, 12)[:, 5] = names["yearly_check"]
    out = [(who, days, kind)]
    patients = np.flatnonzero(people.condition == DIALYSIS)
    weeks = 26
    start = FIRST + rng.integers(0, _SPAN - weeks * 7, len(patients))
    offsets = (np.arange(weeks)[:, None] * 7 + np.array([0, 2, 4])).ravel()
    who = np.repeat(patients, len(offsets))
    out.append((who, (start[:, None] + offsets).ravel(), np.full(len(who), names["dialysis"])))
    births = np.flatnonzero(stays.bundle == len(_VISIT_NAMES) + _STAY_NAMES.index("delivery"))
    before = np.array([120, 90, 60, 30, 15])
    who = np.repeat(stays.person[births], len(before))
    days = (stays.day[births][:, None] - before).ravel()
    keep = days >= FIRST
    out.append((who[keep], days[keep], np.full(int(keep.sum()), names["antenatal"])))
    return out


def _in_stay(person: Ints, day: Ints, stays: Plan) -> npt.NDArray[np.bool_]:
    """Whether a visit falls on a day of the person's own stay or on the days next to it."""
    if not len(stays.person):
        return np.zeros(len(person), np.bool_)
    order = np.argsort(stays.person * _SPACING + stays.day, kind="stable")
    begin = (stays.person * _SPACING + stays.day)[order]
    at = np.searchsorted(begin, person * _SPACING + day + 1, side="right") - 1
    held = order[np.maximum(at, 0)]
    found: npt.NDArray[np.bool_] = (stays.person[held] == person) & (day <= stays.day[held] + stays.length[held] + 1)
    return found & (at >= 0)


def _places(which: Ints, bundles: dict[str, Bundle], homes: Ints, places: Places, rng: np.random.Generator) -> Ints:
    """A place for each encounter by the shares of its bundle; tertiary care of other regions' people is in the city."""
    kinds = np.empty(len(which), np.int64)
    for number, bundle in enumerate(bundles.values()):
        rows = which == number
        choices, shares = np.array(list(bundle.places)), np.array(list(bundle.places.values()))
        kinds[rows] = rng.choice(choices, int(rows.sum()), p=shares / shares.sum())
    out = np.empty(len(which), np.int64)
    for kind in np.unique(kinds):
        rows = kinds == kind
        where = np.where((homes[rows] == NEIGHBOUR) & (kind == TERTIARY), CITY_SEAT, homes[rows])
        out[rows] = places.by_county(int(kind), where, rng)
    return out


def _encounters(plan: Plan, people: People, start: int, places: Places, rng: np.random.Generator) -> Encounters:
    count = len(plan.person)
    bundles = [*VISITS.values(), *STAYS.values()]
    inside = plan.length > 0
    begin = plan.day * MINUTES + np.where(inside, rng.integers(480, 720, count), rng.integers(480, 1020, count))
    end = np.where(inside, (plan.day + plan.length) * MINUTES + rng.integers(600, 900, count), begin + 90)
    settled = np.where(end // MINUTES > LAST, NONE, end + np.where(inside, 60, 5))
    diagnosis = np.empty(count, np.int64)
    for number, bundle in enumerate(bundles):
        rows = plan.bundle == number
        diagnosis[rows] = _pick(np.array([DIAGNOSIS[code] for code in bundle.diagnoses]), int(rows.sum()), rng)
    insurance = people.insurance[plan.person]
    draw = rng.random(count)
    shop = (places.kind[plan.place] == PHARMACY) & (insurance == EMPLOYEE)
    payer = np.where(shop & (draw < 0.35), ACCOUNT, np.where(shop & (draw < 0.42), FAMILY, FUND))
    payer = np.where(~inside & (draw > 0.985), NOBODY, payer)
    return Encounters(
        number=np.arange(count),
        person=plan.person + start,
        place=plan.place,
        kind=np.array([KIND[b.kind] for b in bundles])[plan.bundle],
        begin=begin,
        end=end,
        settled=settled,
        department=np.array([b.department for b in bundles])[plan.bundle],
        seat=rng.integers(0, 3, count),
        diagnosis=diagnosis,
        payer=payer,
        newborn=(plan.bundle == len(_VISIT_NAMES) + _STAY_NAMES.index("newborn")).astype(np.int64),
        packaged=(inside & (rng.random(count) < 0.5)).astype(np.int64),
        leaving=np.where(draw < 0.03, 4, 1),
        valid=np.ones(count, np.int64),
        insurance=insurance,
    )


def _charges(plan: Plan, encounters: Encounters, places: Places, rng: np.random.Generator) -> Lines:
    parts: list[tuple[Ints, ...]] = []
    level = places.kind[plan.place]
    for number, bundle in enumerate([*VISITS.values(), *STAYS.values()]):
        rows = np.flatnonzero(plan.bundle == number)
        for position, slot in enumerate(bundle.slots):
            at, offset = _occasions(slot, rows[level[rows] <= slot.upto], plan.length, rng)
            begin = encounters.begin[at]
            later = (begin // MINUTES + offset) * MINUTES + 500 + position * 5
            minute = np.where(offset > 0, later, begin + 4 + position * 3)
            parts.append((at, minute, *_goods(slot, len(at), rng)))
    encounter, minute, item, quantity, days, prescription = (np.concatenate(c) for c in zip(*parts, strict=True))
    item = _operated(item, encounters.diagnosis[encounter])
    inside = minute < (LAST + 1) * MINUTES
    order = np.flatnonzero(inside)
    order = order[np.argsort(encounter[order] * 2**36 + minute[order], kind="stable")]
    encounter, count = encounter[order], len(order)
    return Lines(
        number=np.arange(count),
        encounter=encounter,
        item=item[order],
        minute=minute[order],
        quantity=quantity[order],
        price=catalogue().price[item[order]],
        amount=np.full(count, NONE),
        own=np.zeros(count, np.int64),
        refund_of=np.full(count, -1),
        linked=np.ones(count, np.int64),
        days=days[order],
        prescription=prescription[order],
        settlement=np.zeros(count, np.int64),
        trace=np.zeros(count, np.int64),
        split=np.zeros(count, np.int64),
        valid=np.ones(count, np.int64),
        upload=np.full(count, UPLOAD),
    )


def _occasions(slot: Slot, rows: Ints, length: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Which of these encounters have the charge, and on which day after the first (a daily one on every day)."""
    offset = np.zeros(len(rows), np.int64)
    if slot.daily:
        days = length[rows]
        offset = np.arange(days.sum()) - np.repeat(np.cumsum(days) - days, days)
        rows = np.repeat(rows, days)
    if slot.chance < 1:
        chosen = rng.random(len(rows)) < slot.chance
        rows, offset = rows[chosen], offset[chosen]
    return rows, offset


def _goods(slot: Slot, count: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints, Ints]:
    """Items (the first of a group most often), quantities, days of supply and prescription."""
    pool = catalogue().group(*slot.groups)
    weighted = np.repeat(pool, np.maximum(6 // (1 + np.arange(len(pool)) // 2), 1))
    return (
        _pick(weighted, count, rng),
        rng.integers(slot.low, slot.high + 1, count) * 10**4,
        np.full(count, slot.days * 10**4 if slot.days else NONE),
        np.full(count, slot.prescription),
    )


#: Which operation is charged for which diagnosis.
_SURGERY = {
    "K35": "阑尾手术（示例）",
    "K80": "胆囊手术（示例）",
    "S52": "骨折内固定手术（示例）",
    "H25": "白内障手术（示例）",
}


def _operated(item: Ints, diagnosis: Ints) -> Ints:
    """The same items, each operation being the one that its diagnosis calls for."""
    prices = catalogue()
    operation = np.isin(item, prices.group("surgery", "day_surgery"))
    for code, name in _SURGERY.items():
        item = np.where(operation & (diagnosis == DIAGNOSIS[code]), prices.named(name), item)
    return item


def _refunds(lines: Lines, encounters: Encounters, rng: np.random.Generator) -> Lines:
    """Take back a few lines of visits before settlement, and a few settled visits as a whole the next morning."""
    visit = (encounters.kind < KIND["stay"]) & (encounters.settled != NONE)
    whole = visit & (rng.random(len(encounters)) < 0.004) & (encounters.end // MINUTES < LAST)
    single = visit[lines.encounter] & ~whole[lines.encounter] & (rng.random(len(lines)) < 0.003)
    taken = np.flatnonzero(single | whole[lines.encounter])
    back = take(lines, taken)
    all_of_it = whole[back.encounter]
    back.refund_of = taken
    back.quantity = -back.quantity
    back.settlement = all_of_it.astype(np.int64)
    next_day = (encounters.begin[back.encounter] // MINUTES + 1) * MINUTES + 540
    back.minute = np.where(all_of_it, next_day, encounters.end[back.encounter] - 20)
    both = Lines(*(np.concatenate([getattr(lines, k), getattr(back, k)]) for k in Lines.__annotations__))
    order = np.argsort(both.encounter, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    both = take(both, order)
    both.refund_of = np.where(both.refund_of >= 0, place[both.refund_of], -1)
    both.number = np.arange(len(both))
    return both


def numbered_batch(encounters: Encounters, lines: Lines, first_encounter: int, first_line: int) -> Batch:
    encounters.number = encounters.number + first_encounter
    lines.number = lines.number + first_line
    return Batch(encounters, lines)
