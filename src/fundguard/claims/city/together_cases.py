"""Planted charges that must not, or must, come together, quantities, prices and amounts beyond a limit: as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from fundguard.claims.city.calendar import day
from fundguard.claims.city.catalogue import catalogue
from fundguard.claims.city.journal import ACCOUNT, FUND
from fundguard.claims.city.people import FEMALE
from fundguard.claims.city.places import CLINIC, SECONDARY, TERTIARY
from fundguard.claims.city.stage import Stage

_OLD = (day(2025, 10, 12), day(2025, 10, 25))
#: With a visit in time before it for those of whom a rule asks what came earlier.
_LATER = (day(2026, 3, 20), day(2026, 7, 31))
_SHARE_UNSTATED = (0, 0)
#: Nobody of this age has been ill before: no earlier visit lies in a stay of autumn 2025.
_WITHOUT_PAST = 16
_AGES = (45, 66, 38, 71)


@dataclass(frozen=True)
class Charge:
    """One line: days after the first day of the scene, in which of its visits, and what part of it is at fault.

    `fault` is (part, whole) of its in-scope amount, (0, 0) where no source states the amount, None for no fault.
    """

    name: str
    quantity: float = 1
    fault: tuple[int, int] | None = None
    visit: int = 0
    after: int = 0
    at: int = 700
    days: int = 0
    prescription: int = 0
    own: int = 0
    price: int = 0  # fen, other than the price list's


@dataclass(frozen=True)
class Visit:
    """When (days after the first day), what kind, and whether in another institution than the first."""

    after: int = 0
    kind: str = "outpatient"
    elsewhere: bool = False


@dataclass(frozen=True)
class Scene:
    charges: tuple[Charge, ...]
    visits: tuple[Visit, ...] = (Visit(),)
    place: int = SECONDARY
    age: int = 0  # any of `_AGES`
    days: tuple[int, int] = _LATER
    payer: int = FUND
    refund: str = ""


_ALL = (1, 1)
_STAY = (Visit(kind="stay"),)
_TWO = (Visit(), Visit())
_NEXT_DAY = (Visit(), Visit(after=1))
_BOTH_PLACES = (Visit(), Visit(elsewhere=True))
_HISTORY = Visit(after=-120)
_TREATED = (_HISTORY, Visit())
_SECOND = Charge("艾普拉唑肠溶片", fault=_ALL, visit=1)
_LARGE, _SMALL = Charge("食管癌根治+结肠代食管术"), Charge("食管胃吻合口狭窄切开成形术", fault=(1, 4))
_PANEL = tuple(
    Charge(name, fault=fault, at=700 + turn)
    for turn, (name, fault) in enumerate(
        (("肌钙蛋白测定（示例）", None), ("肌红蛋白测定（示例）", None), ("肌酸激酶同工酶测定（示例）", _ALL))
    )
)
_WAVES = tuple(
    Charge("体外冲击波治疗（示例）", 2, fault, visit=turn)
    for turn, fault in enumerate((None, _SHARE_UNSTATED, _SHARE_UNSTATED))
)
_WAVE_VISITS = (Visit(), Visit(after=10), Visit(after=25))
_PUNCTURE, _SET = Charge("中心静脉置管（示例）"), Charge("静脉穿刺包（示例）", fault=_ALL)
_JOINT = Charge("人工关节（示例）")
_CONTRAST, _SCAN = Charge("示例含碘造影剂注射液", fault=_ALL), Charge("CT增强扫描（示例）")
_SLEEP = Charge("示例助眠片", 28, (1, 2), days=7)
_STATIN, _OTHER_STATIN = Charge("示例他汀甲片"), Charge("示例他汀乙片", fault=_ALL)
_MACROLIDE, _THIRD_STATIN = Charge("示例大环内酯片", fault=_ALL), Charge("示例他汀丙片")
_BLACK = Charge("藜芦", 70, days=7, prescription=1)
_WILD = Charge("细辛", 70, _ALL, days=7, prescription=1)
_ACONITE = Charge("制附子", 210, (1, 2), days=7, prescription=1)
_STENT, _STENTING = Charge("血管支架（示例）", fault=_ALL), Charge("血管支架置入术（示例）")
_SCREWS, _FIXATION = Charge("骨折固定螺钉（示例）", 10, (1, 5)), Charge("骨折切开复位内固定术（示例）")


def _many(group: str, count: int) -> tuple[Charge, ...]:
    """So many different items of a group, one after another; the last one is at fault."""
    prices = catalogue()
    herb = int(group == "herb")
    names = [prices.rows[item]["name"] for item in prices.group(group)][:count]
    last = [_ALL if turn == count - 1 else None for turn in range(count)]
    return tuple(
        Charge(name, 70 if herb else 1, fault, at=600 + turn, days=7 * herb, prescription=herb)
        for turn, (name, fault) in enumerate(zip(names, last, strict=True))
    )


@cache
def _plants() -> Mapping[str, tuple[Scene, ...]]:
    """rule: scenes that break it; the first is the pattern of the traps."""
    return {
        "N05": (Scene((_SECOND,), _TREATED),),
        "N09": (
            Scene((Charge("布洛芬缓释胶囊", 4, (1, 4), days=40),)),
            Scene((Charge("布洛芬缓释胶囊", 8, (1, 8), days=8),), (Visit(kind="emergency"),)),
            Scene((Charge("厄贝沙坦片", 4, (1, 85), days=85, price=4250),), (Visit(kind="chronic"),)),
        ),
        "N14": (Scene((Charge("中频脉冲治疗（示例）", fault=(1, 6), price=3600),)),),
        "N15": (Scene((_LARGE, _SMALL), _STAY),),
        "N26": (Scene(_PANEL),),
        "N28": (Scene(_WAVES, _WAVE_VISITS),),
        "N30": (
            Scene((_PUNCTURE, _SET)),
            Scene((_PUNCTURE, replace(_SET, name="导引导丝（示例）", at=690)), _STAY),
        ),
        "N34": (Scene((_JOINT, replace(_JOINT, fault=_SHARE_UNSTATED, after=1)), _STAY),),
        "N46": (Scene(_many("drug", 11)),),
        "N64": (Scene((_CONTRAST,)), Scene((_CONTRAST,), _STAY)),
        "N68": (Scene((_SLEEP,)),),
        "N69": (Scene((_STATIN, _OTHER_STATIN)), Scene((_STATIN, replace(_OTHER_STATIN, visit=1)), _TWO)),
        "N74": (Scene((_MACROLIDE, _THIRD_STATIN)),),
        "N75": (Scene((_BLACK, _WILD)),),
        "N76": (Scene(_many("herb", 21)),),
        "N77": (Scene((_ACONITE,)),),
        "N84": (Scene((_STENT,), _STAY),),
        "N86": (Scene((_FIXATION, _SCREWS), _STAY),),
    }


@cache
def _traps() -> Mapping[str, Mapping[str, Scene]]:
    """rule: innocent scenes. What they share with all other rules is in `_COMMON`."""
    second = replace(_SECOND, fault=None)
    first_line = Charge("奥美拉唑肠溶胶囊", visit=1)
    small, guide = replace(_SMALL, fault=None), Charge("超声引导（示例）")
    puncture_set, sleep = replace(_SET, fault=None), replace(_SLEEP, fault=None)
    week = replace(sleep, quantity=14)
    contrast, stent = replace(_CONTRAST, fault=None), replace(_STENT, fault=None)
    other, macrolide = replace(_OTHER_STATIN, fault=None), replace(_MACROLIDE, fault=None)
    wild, aconite, screws = (replace(c, fault=None) for c in (_WILD, _ACONITE, _SCREWS))
    drugs = tuple(replace(c, fault=None) for c in _many("drug", 11))
    herbs = tuple(replace(c, fault=None) for c in _many("herb", 21))
    before = (_HISTORY, Visit(after=-30), Visit())
    return {
        "N05": {
            "first_line_before": Scene((first_line, replace(second, visit=2)), before),
            "first_line_self_paid": Scene((replace(first_line, own=1), replace(second, visit=2)), before),
            "first_line_elsewhere": Scene(
                (first_line, replace(second, visit=2)), (_HISTORY, Visit(-30, "pharmacy", elsewhere=True), Visit())
            ),
            "history_too_short": Scene((second,), (Visit(after=-60), Visit()), age=_WITHOUT_PAST),
        },
        "N09": {
            "exactly_the_days": Scene((Charge("布洛芬缓释胶囊", 4, days=30),)),
            "chronic_twelve_weeks": Scene((Charge("厄贝沙坦片", 3, days=84),), (Visit(kind="chronic"),)),
        },
        "N14": {
            "exactly_the_price": Scene((Charge("中频脉冲治疗（示例）", price=3000),)),
            "higher_level": Scene((Charge("中频脉冲治疗（示例）", price=3600),), place=TERTIARY),
            "place_without_level": Scene((Charge("中频脉冲治疗（示例）", price=3600),), place=CLINIC),
        },
        "N15": {
            "discounted": Scene((_LARGE, replace(small, price=75000)), _STAY),
            "dearer_one_discounted": Scene((replace(_LARGE, price=150000), small), _STAY),
            "next_day": Scene((_LARGE, replace(small, after=1)), _STAY),
            "same_operation_twice": Scene((_LARGE, replace(_LARGE, at=720)), _STAY),
        },
        "N26": {
            "two_parts": Scene(_PANEL[:2]),
            "next_day": Scene((*_PANEL[:2], replace(_PANEL[2], fault=None, after=1)), _STAY),
            "price_of_the_whole": Scene(tuple(replace(c, fault=None, price=2000) for c in _PANEL)),
        },
        "N28": {
            "two_institutions": Scene(
                tuple(replace(c, fault=None) for c in _WAVES[:2]), (Visit(), Visit(after=10, elsewhere=True))
            ),
            "below_the_sum": Scene((replace(_WAVES[0], fault=None),)),
        },
        "N30": {
            "other_item_needs_it": Scene((_PUNCTURE, puncture_set, guide)),
            "other_item_self_paid": Scene((_PUNCTURE, puncture_set, replace(guide, own=1))),
            "next_day": Scene((_PUNCTURE, replace(puncture_set, after=1)), _STAY),
            "another_visit": Scene((_PUNCTURE, replace(puncture_set, visit=1)), _TWO),
        },
        "N34": {
            "one_device": Scene((_JOINT,), _STAY),
            "two_stays": Scene((_JOINT, replace(_JOINT, visit=1)), (*_STAY, Visit(60, "stay"))),
        },
        "N46": {
            "exactly_the_limit": Scene(drugs[:10]),
            "another_visit": Scene((*drugs[:10], replace(drugs[10], visit=1)), _TWO),
        },
        "N64": {
            "scanned": Scene((contrast, _SCAN)),
            "scan_self_paid": Scene((contrast, replace(_SCAN, own=1))),
            "scanned_next_day": Scene((contrast, replace(_SCAN, visit=1)), _NEXT_DAY),
            "scanned_later_in_the_stay": Scene((contrast, replace(_SCAN, after=3)), _STAY),
        },
        "N68": {
            "exactly_the_dose": Scene((week,)),
            "days_not_stated": Scene((replace(sleep, days=0),)),
            "two_institutions": Scene((week, replace(week, visit=1)), _BOTH_PLACES),
        },
        "N69": {
            "two_codes_of_one_drug": Scene((_STATIN, Charge("示例他汀甲片（大包装）"))),
            "next_day": Scene((_STATIN, replace(other, visit=1)), _NEXT_DAY),
            "two_institutions": Scene((_STATIN, replace(other, visit=1)), _BOTH_PLACES),
        },
        "N74": {
            "next_day": Scene((macrolide, replace(_THIRD_STATIN, visit=1)), _NEXT_DAY),
            "two_institutions": Scene((macrolide, replace(_THIRD_STATIN, visit=1)), _BOTH_PLACES),
        },
        "N75": {
            "two_prescriptions": Scene((_BLACK, replace(wild, prescription=0))),
            "next_day": Scene((_BLACK, replace(wild, visit=1)), _NEXT_DAY),
        },
        "N76": {
            "exactly_the_limit": Scene(herbs[:20]),
            "two_prescriptions": Scene((*herbs[:20], replace(herbs[20], prescription=0))),
        },
        "N77": {
            "exactly_the_dose": Scene((replace(aconite, quantity=105),)),
            "days_not_stated": Scene((replace(aconite, days=0),)),
        },
        "N84": {
            "operated": Scene((stent, replace(_STENTING, after=2)), _STAY),
            "operation_self_paid": Scene((stent, replace(_STENTING, own=1)), _STAY),
        },
        "N86": {
            "exactly_the_number": Scene((_FIXATION, replace(screws, quantity=8)), _STAY),
            "two_operations": Scene((_FIXATION, replace(_FIXATION, after=1), replace(screws, quantity=16)), _STAY),
            "no_operation": Scene((screws,), _STAY),
        },
    }


#: Rules without knowledge points of their own have no day from which they begin to know; the problem list (L) is older.
_FROM_THE_FIRST_DAY = ("N09", "N15", "N46", "N76")


def _common(rule: str, pattern: Scene) -> Mapping[str, Scene]:
    """The pattern once more: paid otherwise, taken back, or before the rule's knowledge."""
    own = tuple(replace(c, own=1) if c.fault else c for c in pattern.charges)
    traps = {
        "self_paid_line": replace(pattern, charges=own),
        "account_only": replace(pattern, payer=ACCOUNT),
        "netted_by_named_refund": replace(pattern, refund="named"),
        "netted_by_unnamed_refund": replace(pattern, refund="unnamed"),
    }
    if rule.startswith("N") and rule not in _FROM_THE_FIRST_DAY and all(visit.after >= 0 for visit in pattern.visits):
        traps["before_knowledge"] = replace(pattern, days=_OLD, age=_WITHOUT_PAST)
    return traps


def play(stage: Stage, plants: int, traps: int) -> None:
    """So many violations of each rule, through its scenes in turn, and each trap so many times."""
    play_scenes(stage, _plants(), _traps(), (plants, traps))


def play_scenes(
    stage: Stage,
    plants: Mapping[str, tuple[Scene, ...]],
    traps: Mapping[str, Mapping[str, Scene]],
    times: tuple[int, int],
) -> None:
    """The scenes of each rule in turn as often as `times` says, and each trap, also those that all rules share."""
    for rule, scenes in plants.items():
        for turn in range(times[0]):
            _play(stage, rule, "", scenes[turn % len(scenes)])
        for trap, scene in {**traps[rule], **_common(rule, scenes[0])}.items():
            for _ in range(times[1]):
                _play(stage, rule, trap, scene)


def _play(stage: Stage, rule: str, trap: str, scene: Scene) -> None:
    stage.plant(rule, trap)
    on = stage.day(*scene.days)
    age = scene.age or _AGES[stage.plants % 4]
    person = stage.person(age, FEMALE)  # in most other cases a man
    place = stage.place(scene.place)
    elsewhere = stage.place(scene.place, other_than=place)
    encounters = []
    for turn, visit in enumerate(scene.visits):
        where, first = elsewhere if visit.elsewhere else place, on + visit.after
        if visit.kind == "stay":
            encounters.append(stage.stay(person, where, first, first + 4, payer=scene.payer))
        else:
            encounters.append(stage.visit(person, where, first, visit.kind, at=540 + 5 * turn, payer=scene.payer))
    prices = catalogue()
    lines = []
    for charge in scene.charges:
        options = {"own": charge.own, "prescription": charge.prescription}
        if charge.days:
            options["days"] = charge.days * 10**4
        if charge.price:
            options["price"] = charge.price * 10**4
        encounter = encounters[charge.visit]
        first = on + scene.visits[charge.visit].after + charge.after
        lines.append(stage.line(encounter, prices.named(charge.name), first, charge.at, charge.quantity, **options))
    accused = [(line, c.fault) for line, c in zip(lines, scene.charges, strict=True) if c.fault]
    for line, fault in accused or [(lines[-1], _ALL)]:
        if scene.refund:
            stage.refund(line, linked=scene.refund == "named")
        stage.accuse_line(line, share=None if fault == _SHARE_UNSTATED else fault)
