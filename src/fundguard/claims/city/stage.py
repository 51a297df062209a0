"""The stage for planted violations and traps: every case has its own person, so no case touches another.

Rows are collected one by one (they are few) and become a batch like the ordinary ones. A case may differ between
the first delivery and the second: `correct` and `void` keep the rows as they were for the first folder and write the
changed ones to the corrections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np

from fundguard.claims.city.calendar import FIRST, MINUTES, birthday, day
from fundguard.claims.city.catalogue import catalogue
from fundguard.claims.city.claims import DIAGNOSIS, Ready
from fundguard.claims.city.frames import NONE, Ints
from fundguard.claims.city.journal import FUND, IN_HOSPITAL, KIND, UPLOAD, Batch, Encounters, Lines, take
from fundguard.claims.city.people import EMPLOYEE, MALE, People
from fundguard.claims.city.places import (
    CLINIC,
    GENERAL,
    INTERNAL,
    PHARMACY,
    SECONDARY,
    Places,
)

BOTH = ("first", "final")
#: Older persons of a case may have been ill before.
_PAST_AGE = 16
#: `gated`: at fault by the rule, held by the accusation gate for a stated cause.
VIOLATION, TRAP, GATED = "violation", "hard_negative", "gated"


@dataclass
class Truth:
    """One accused (or, in a trap, innocent) row and the deliveries for which that holds.

    `share` is the part of the line's in-scope amount at fault, None where no source fixes the amount.
    """

    plant: int
    rule: str
    trap: str
    table: str
    key: int
    related: str
    person: int
    encounter: int
    share: tuple[int, int] | None
    deliveries: tuple[str, ...]
    kind: str
    cause: str


@dataclass
class Stage:
    """Collects cases. Days are day numbers; `at` is a minute of the day; quantities are whole units."""

    places: Places
    rng: np.random.Generator
    persons: list[tuple[int, ...]] = field(default_factory=list)
    encounters: list[tuple[int, ...]] = field(default_factory=list)
    lines: list[tuple[int, ...]] = field(default_factory=list)
    lines_of: list[list[int]] = field(default_factory=list)
    truths: list[Truth] = field(default_factory=list)
    changed: dict[int, dict[str, int]] = field(default_factory=dict)
    voided: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    plants: int = 0
    _rule: str = ""
    _trap: str = ""
    _cause: str = ""
    _pools: dict[int, Ints] = field(default_factory=dict)

    # ---- choosing

    def day(self, first: int = day(2026, 2, 5), last: int = day(2026, 7, 31)) -> int:
        return int(self.rng.integers(first, last + 1))

    def place(self, kind: int = SECONDARY, other_than: int = -1) -> int:
        if kind not in self._pools:
            apart = (self.places.careless, self.places.misled)
            self._pools[kind] = np.setdiff1d(self.places.of(kind), apart)
        pool = self._pools[kind]
        at = int(self.rng.integers(len(pool)))
        return int(pool[at - 1] if pool[at] == other_than else pool[at])

    def item(self, *groups: str) -> int:
        pool = catalogue().group(*groups)
        return int(pool[self.rng.integers(len(pool))])

    # ---- persons

    def person(self, age: int = 45, sex: int = MALE, shown: Mapping[str, int] | None = None, **facts: int) -> int:
        """A new person who turns `age` on day `on` - `offset`; further facts are `insurance` and `died` (day).

        `shown` overrides what a source says: `sex`, `born` as registered, `claimed_sex`, `claimed_born` as claimed.
        """
        known = {"on": day(2026, 3, 1), "offset": 120, "insurance": EMPLOYEE, "died": NONE} | facts
        born = birthday(age, known["on"], -known["offset"])
        views = {"sex": sex, "born": born, "claimed_sex": sex, "claimed_born": born} | dict(shown or {})
        county = int(self.rng.integers(0, 3))
        self.persons.append((*views.values(), county, known["insurance"], 0, 0, known["died"]))
        number = len(self.persons) - 1
        if age > _PAST_AGE and self.rng.random() < 0.5:
            self._past_visit(number)
        return number

    def _past_visit(self, person: int) -> None:
        visit = self.visit(person, self.place(), int(self.rng.integers(FIRST + 2, FIRST + 60)))
        self.line(visit, self.item("injection"), quantity=2)

    # ---- encounters

    def visit(self, person: int, place: int, on: int, kind: str = "outpatient", at: int = 540, **options: int) -> int:
        """A visit or purchase with its ordinary charges, so that the fund pays something."""
        begin = on * MINUTES + at
        number = self._encounter(person, place, kind, (begin, begin + 60), options)
        if kind == "pharmacy":
            self.line(number, self.item("chronic_drug"), at=at + 2)
        else:
            self.line(number, self.item("exam"), at=at + 4)
            self.line(number, self.item("lab"), at=at + 6)
        return number

    def stay(self, person: int, place: int, first: int, last: int, kind: str = "stay", **options: int) -> int:
        """A stay with bed, rounds and nursing on every day but that of discharge, and tests on the first.

        `tests=0`: without the tests.
        """
        at, tests = options.pop("at", 540), options.pop("tests", 1)
        number = self._encounter(person, place, kind, (first * MINUTES + at, last * MINUTES + 700), options)
        for group in ("lab", "exam", "lab", "exam", "exam") if tests else ():
            self.line(number, self.item(group), first, at=at + 10)
        ward = [catalogue().named(name) for name in ("普通病房床位费", "住院诊查费", "Ⅱ级护理")]
        for on in range(first, max(last, first + 1)):
            for item in ward:
                self.line(number, item, on, at=at + 20)
            self.line(number, catalogue().named("哌拉西林他唑巴坦针"), on, at=at + 30, quantity=5)
        return number

    def _encounter(self, person: int, place: int, kind: str, span: tuple[int, int], options: Mapping[str, int]) -> int:
        small = self.places.kind[place] in (CLINIC, PHARMACY)
        seat = int(self.rng.integers(0, 3))
        diagnosis = DIAGNOSIS["J18" if KIND[kind] in IN_HOSPITAL else "J06"]
        department = GENERAL if small else INTERNAL
        told = (0, person, place, KIND[kind], *span, span[1] + 30, department, seat, diagnosis)
        row = (*told, FUND, 0, 0, 1, 1, self.persons[person][5])
        self.encounters.append(_with(_ENCOUNTER, row, options))
        self.lines_of.append([])
        return len(self.encounters) - 1

    # ---- lines

    def line(
        self, encounter: int, item: int, on: int | None = None, at: int = 560, quantity: float = 1, **options: int
    ) -> int:
        """A fee line on a day (of admission, if not given); `options` are columns of `Lines`."""
        begin = self.encounters[encounter][4]
        first = begin // MINUTES if on is None else on
        price = int(catalogue().price[item]) if item >= 0 else 30 * 10**6
        told = (0, encounter, item, first * MINUTES + at, round(quantity * 10**4), price)
        self.lines.append(_with(_LINE, (*told, *_PLAIN_LINE), options) if options else (*told, *_PLAIN_LINE))
        self.lines_of[encounter].append(len(self.lines) - 1)
        return len(self.lines) - 1

    def refund(self, line: int, linked: bool = True) -> int:
        """Take a line back twenty minutes later, naming it or not."""
        row = dict(zip(Lines.__annotations__, self.lines[line], strict=True))
        row |= {"quantity": -row["quantity"], "refund_of": line, "linked": int(linked), "minute": row["minute"] + 20}
        self.lines.append(tuple(row.values()))
        return len(self.lines) - 1

    # ---- second delivery

    def correct(self, line: int, **columns: int) -> None:
        """The second delivery has this line with other content."""
        self.changed[line] = columns

    def void(self, encounter: int) -> None:
        """The second delivery withdraws the encounter."""
        self.voided.add(encounter)

    def deliver_late(self, line: int) -> None:
        """The line comes with the second delivery only; the settlement already counts it."""
        self.late.add(line)

    # ---- truth

    def plant(self, rule: str, trap: str, cause: str = "") -> None:
        """Begin a case: a violation of the rule (no trap), a hard negative, or one that the gate holds (a cause)."""
        self.plants += 1
        self._rule, self._trap, self._cause = rule, trap, cause

    def accuse_line(
        self,
        line: int,
        share: tuple[int, int] | None = (1, 1),
        related: str = "",
        accused_in: tuple[str, ...] | None = None,
    ) -> None:
        """Record a line of the case. `accused_in`: the deliveries in which it is at fault, none of them in a trap
        and both without one, if not given; in the others it is recorded as innocent."""
        self._accuse("fee_list_d", line, self.lines[line][1], (share, related, accused_in))

    def accuse_encounter(self, encounter: int, related: str = "", accused_in: tuple[str, ...] | None = None) -> None:
        """As `accuse_line`, for a whole visit or stay."""
        self._accuse("mdtrt_d", encounter, encounter, (None, related, accused_in))

    def accuse_sale(self, line: int) -> None:
        """As `accuse_line`, for the sale of a line as the pharmacy reports it."""
        self._accuse("sale_3505", line, self.lines[line][1], (None, "", None))

    def accuse_operation(self, encounter: int) -> None:
        """As `accuse_line`, for the operation that stands in the record of a stay."""
        self._accuse("oprninfo", encounter, encounter, (None, "", None))

    def accuse_place(self, encounter: int) -> None:
        """As `accuse_line`, for the institution of an encounter in the period of it."""
        self._accuse("fixmedins_b", self.encounters[encounter][2], encounter, (None, "", None))

    def _accuse(
        self,
        table: str,
        key: int,
        encounter: int,
        how: tuple[tuple[int, int] | None, str, tuple[str, ...] | None],
    ) -> None:
        share, related, chosen = how
        accused = chosen if chosen is not None else BOTH if self._cause or not self._trap else ()
        innocent = tuple(delivery for delivery in BOTH if delivery not in accused)
        person = self.encounters[encounter][1]
        for kind, deliveries in ((GATED if self._cause else VIOLATION, accused), (TRAP, innocent)):
            if deliveries:
                self.truths.append(
                    Truth(
                        self.plants,
                        self._rule,
                        self._trap,
                        table,
                        key,
                        related,
                        person,
                        encounter,
                        share,
                        deliveries,
                        kind,
                        self._cause,
                    )
                )

    # ---- result

    def people(self) -> People:
        return People(*_columns(self.persons, len(fields(People))))

    def batches(self, first_encounter: int, first_line: int) -> tuple[Batch, Batch, Ints]:
        """The first delivery, the encounters of the second, and which lines of the second were late or changed.

        Numbers are given in order, so line `i` of the stage is number `first_line` + `i` in both.
        """
        encounters = Encounters(*_columns(self.encounters, len(fields(Encounters))))
        lines = Lines(*_columns(self.lines, len(fields(Lines))))
        encounters.number = np.arange(len(encounters)) + first_encounter
        lines.number = np.arange(len(lines)) + first_line
        order = np.argsort(lines.encounter, kind="stable")
        whole = Batch(encounters, _sorted(lines, order))
        again = Encounters(*(getattr(encounters, f.name).copy() for f in fields(Encounters)))
        again.valid[list(self.voided)] = 0
        edited = Lines(*(getattr(lines, f.name).copy() for f in fields(Lines)))
        for line, columns in self.changed.items():
            for name, value in columns.items():
                getattr(edited, name)[line] = value
        touched = {int(lines.encounter[i]) for i in (*self.changed, *self.late)} | self.voided
        second = Batch(again, _sorted(edited, order)).keep(np.array(sorted(touched), np.int64))
        sent_again = np.array(sorted({*self.changed, *self.late}), np.int64) + first_line
        return whole, second, sent_again


#: Places of the columns of a row, and what an ordinary line has from its amount on.
_LINE = {name: place for place, name in enumerate(Lines.__annotations__)}
_ENCOUNTER = {name: place for place, name in enumerate(Encounters.__annotations__)}
_PLAIN_LINE = (NONE, 0, -1, 1, NONE, 0, 0, 0, 0, 1, UPLOAD)


def _with(places: Mapping[str, int], row: tuple[int, ...], options: Mapping[str, int]) -> tuple[int, ...]:
    """The row with these columns; an option that is no column is an error."""
    values = list(row)
    for name, value in options.items():
        values[places[name]] = value
    return tuple(values)


def _columns(rows: list[tuple[int, ...]], width: int) -> Ints:
    return np.array(rows, np.int64).reshape(len(rows), width).T.copy()


def _sorted(lines: Lines, order: Ints) -> Lines:
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    out = take(lines, order)
    out.refund_of = np.where(out.refund_of >= 0, place[out.refund_of], -1)
    return out


def amounts(truths: list[Truth], ready: Ready, first_line: int) -> list[int | None]:
    """Expected amounts at fault in fen; each share must divide the line's in-scope amount evenly."""
    place = np.empty(len(ready.batch.lines), np.int64)
    place[ready.batch.lines.number - first_line] = np.arange(len(place))
    out: list[int | None] = []
    for truth in truths:
        if truth.kind == TRAP or truth.table != "fee_list_d" or truth.share is None:
            out.append(0 if truth.kind == TRAP else None)
            continue
        over, whole = truth.share
        amount, rest = divmod(int(ready.money.in_scope[place[truth.key]]) * over, whole)
        if rest:
            raise ValueError(f"{truth.rule}: share {truth.share} is no whole fen")
        out.append(amount)
    return out
