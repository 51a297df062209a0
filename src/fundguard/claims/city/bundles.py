"""What an ordinary encounter is made of, as data: where it happens, with which diagnosis, and what is charged."""

from __future__ import annotations

from dataclasses import dataclass

from fundguard.claims.city.places import (
    CHILDREN,
    CHINESE,
    CLINIC,
    EMERGENCY,
    GENERAL,
    INTERNAL,
    KIDNEY,
    OBSTETRICS,
    PHARMACY,
    SECONDARY,
    SURGERY,
    TERTIARY,
    TOWNSHIP,
    TUMOUR,
)


@dataclass(frozen=True)
class Slot:
    """One possible charge: an item of these groups with this probability and quantity (whole units).

    `daily` charges recur on every day of a stay; `upto` is the lowest kind of place that has the item.
    """

    groups: tuple[str, ...]
    chance: float = 1.0
    low: int = 1
    high: int = 1
    daily: bool = False
    days: int = 0
    prescription: int = 0
    upto: int = PHARMACY


@dataclass(frozen=True)
class Bundle:
    """A kind of encounter with the places (kind: share), department, diagnoses and charges."""

    kind: str
    places: dict[int, float]
    department: int
    diagnoses: tuple[str, ...]
    slots: tuple[Slot, ...]
    length: tuple[int, int] = (0, 0)


def _items(*groups: str, chance: float = 1.0, low: int = 1, high: int = 1, days: int = 0) -> Slot:
    return Slot(groups, chance, low, high, days=days)


def _daily(*groups: str, chance: float = 1.0, low: int = 1, high: int = 1, upto: int = PHARMACY) -> Slot:
    return Slot(groups, chance, low, high, daily=True, upto=upto)


_HOSPITALS = {TERTIARY: 0.2, SECONDARY: 0.42, TOWNSHIP: 0.38}
_BIG = {TERTIARY: 0.4, SECONDARY: 0.6}
_HERBS = tuple(Slot(("herb",), 1.0, 60, 105, days=7, prescription=1) for _ in range(8))
_CARE = (_daily("bed"), _daily("round"), _daily("nursing"))
_WARD = (
    *_CARE,
    _daily("injection", low=1, high=3),
    _daily("injection", chance=0.8, low=1, high=2),
    _daily("drug", "chronic_drug", chance=0.25),
    _daily("treat", chance=0.6, high=2),
    _daily("consumable", chance=0.5, high=2),
    _daily("monitor", chance=0.2, low=6, high=24),
    _daily("lab", chance=0.3),
    _daily("level_drug", chance=0.12, upto=SECONDARY),
    _daily("inpatient_drug", chance=0.05, upto=SECONDARY),
    _daily("course_drug", chance=0.04, upto=SECONDARY),
    _items("lab"),
    _items("lab", chance=0.9),
    _items("exam", chance=0.9),
    _items("comfort", chance=0.05),
)
_OPERATION = (_items("anaesthesia"), _items("consumable", high=3), _items("implant", chance=0.5))

VISITS = {
    "general": Bundle(
        "outpatient",
        _HOSPITALS,
        INTERNAL,
        ("J06", "K29", "M54", "R05", "I10", "E11"),
        (
            _items("visit_fee"),
            _items("drug", chance=0.85, high=2, days=7),
            _items("drug", chance=0.6, high=2, days=7),
            _items("patent", chance=0.45, high=2, days=7),
            _items("lab", chance=0.5),
            _items("lab", chance=0.35),
            _items("exam", chance=0.25),
            _items("injection", chance=0.35, high=2),
            _items("treat", chance=0.4),
            _items("consumable", chance=0.3),
            _items("own_drug", chance=0.03),
        ),
    ),
    "emergency": Bundle(
        "emergency",
        _BIG,
        EMERGENCY,
        ("J06", "K29", "T14"),
        (
            _items("visit_fee_emergency"),
            _items("lab"),
            _items("exam", chance=0.6),
            _items("injection", high=2),
            _items("treat", chance=0.8),
            _items("drug", chance=0.5, days=3),
        ),
    ),
    "child": Bundle(
        "outpatient",
        _HOSPITALS,
        CHILDREN,
        ("J06", "R05"),
        (
            _items("visit_fee"),
            _items("child_drug", high=2, days=5),
            _items("drug", chance=0.5, days=5),
            _items("lab", chance=0.5),
            _items("child_service", chance=0.1),
        ),
    ),
    "women": Bundle(
        "outpatient",
        _BIG,
        OBSTETRICS,
        ("N76",),
        (
            _items("visit_fee"),
            _items("female_service", chance=0.7),
            _items("female_drug", chance=0.8, high=2, days=7),
            _items("lab", chance=0.4),
        ),
    ),
    "chinese": Bundle(
        "outpatient",
        _HOSPITALS,
        CHINESE,
        ("K29", "M54", "R05"),
        (_items("visit_fee"), *_HERBS, Slot(("herb_single",), 0.7, 60, 100, days=7, prescription=1)),
    ),
    "clinic": Bundle(
        "outpatient",
        {CLINIC: 1.0},
        GENERAL,
        ("J06", "R05"),
        (_items("clinic_fee"), _items("drug", high=2, days=5), _items("patent", chance=0.5, days=5)),
    ),
    "pharmacy": Bundle(
        "pharmacy",
        {PHARMACY: 1.0},
        GENERAL,
        ("J06",),
        (
            _items("drug", high=2, days=7),
            _items("patent", chance=0.7, high=2, days=7),
            _items("drug", chance=0.4, days=7),
            _items("own_drug", chance=0.12),
        ),
    ),
    "chronic": Bundle(
        "chronic",
        {SECONDARY: 0.4, TOWNSHIP: 0.6},
        INTERNAL,
        ("I10", "E11"),
        (
            _items("visit_fee"),
            _items("chronic_drug", days=28),
            _items("chronic_drug", chance=0.8, days=28),
            _items("chronic_drug", chance=0.4, days=28),
            _items("patent", chance=0.3, days=7),
            _items("lab", chance=0.3),
        ),
    ),
    "chronic_pharmacy": Bundle(
        "pharmacy",
        {PHARMACY: 1.0},
        GENERAL,
        ("I10",),
        (_items("chronic_drug", days=28), _items("chronic_drug", chance=0.6, days=28)),
    ),
    "yearly_check": Bundle(
        "chronic",
        {SECONDARY: 1.0},
        INTERNAL,
        ("E11",),
        (_items("visit_fee"), _items("cycle_service"), _items("lab"), _items("chronic_drug", days=28)),
    ),
    "dialysis": Bundle(
        "chronic",
        {SECONDARY: 1.0},
        KIDNEY,
        ("Z49",),
        (_items("dialysis"), _items("dialysis_set"), _items("injection", chance=0.7), _items("consumable")),
    ),
    "antenatal": Bundle(
        "maternity_visit",
        _BIG,
        OBSTETRICS,
        ("Z34",),
        (_items("antenatal"), _items("lab", chance=0.8), _items("lab", chance=0.5)),
    ),
}
STAYS = {
    "ward": Bundle(
        "stay",
        {TERTIARY: 0.25, SECONDARY: 0.5, TOWNSHIP: 0.25},
        INTERNAL,
        ("J18", "I63", "I50", "J44", "E11"),
        _WARD,
        (3, 9),
    ),
    "urgent": Bundle("emergency_stay", _BIG, INTERNAL, ("J18", "I63"), _WARD, (3, 9)),
    "elsewhere": Bundle("stay_elsewhere", {TERTIARY: 1.0}, INTERNAL, ("I63", "I50"), _WARD, (4, 9)),
    "operation": Bundle("stay", _BIG, SURGERY, ("K35", "K80", "S52"), (*_WARD, *_OPERATION, _items("surgery")), (4, 9)),
    "day_surgery": Bundle(
        "day_surgery",
        _BIG,
        SURGERY,
        ("H25",),
        (_items("bed"), _items("lab"), _items("day_surgery"), _items("consumable", high=2)),
        (1, 1),
    ),
    "delivery": Bundle(
        "maternity_stay",
        _BIG,
        OBSTETRICS,
        ("O80", "O82"),
        (
            *_CARE,
            _daily("injection", high=2),
            _items("lab"),
            _items("lab"),
            _items("delivery"),
            _items("maternity_drug", chance=0.4),
            _items("consumable", high=3),
        ),
        (3, 5),
    ),
    "chemotherapy": Bundle(
        "stay",
        _BIG,
        TUMOUR,
        ("Z51",),
        (*_CARE, _items("chemo_treat"), _daily("chemo_drug", high=2), _items("lab"), _items("lab")),
        (2, 3),
    ),
    "newborn": Bundle(
        "stay", _BIG, CHILDREN, ("P59",), (_daily("newborn_care"), _items("newborn_service", chance=0.6)), (3, 5)
    ),
}
