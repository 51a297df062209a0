"""Planted cases of the published problem list: charges that exclude each other, hours beyond a stay, sales of drugs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from fundguard.claims.city.calendar import day
from fundguard.claims.city.catalogue import catalogue
from fundguard.claims.city.journal import ACCOUNT, UNPRESCRIBED, UNTRACED
from fundguard.claims.city.places import PHARMACY
from fundguard.claims.city.stage import Stage
from fundguard.claims.city.together_cases import Charge, Scene, Visit, play_scenes

_ALL, _STAY = (1, 1), (Visit(kind="stay"),)
_MONITOR = "心电监测"
#: Rule: the item that stays payable and its quantity, the item at fault.
_PAIRS: dict[str, tuple[str, float, str]] = {
    "L101": ("遥测心电监护", 4, _MONITOR),
    "L102": ("胸腰椎骨折切开复位内固定术", 1, "骨折手法整复术"),
    "L103": ("连续性血液净化", 8, "血液透析"),
    "L104": ("床旁透视与术中透视", 1, "普通透视"),
    "L106": ("根治性宫颈切除术", 1, "经腹腔镜盆腔淋巴结清扫术"),
    "L107": ("麻醉中监测", 2, "血氧饱和度监测"),
    "L108": ("特级护理", 1, "一般专项护理"),
}
#: A stay of the stage lasts four days and two hours and forty minutes: 99 hours begun.
_HOURS = tuple(Charge(_MONITOR, 24, after=on) for on in range(4))
_DIALYSIS = Charge("血液透析", 2, (1, 2))


@cache
def _plants() -> Mapping[str, tuple[Scene, ...]]:
    return {
        **{
            rule: (Scene((Charge(kept, count), Charge(at_fault, fault=_ALL)), _STAY),)
            for rule, (kept, count, at_fault) in _PAIRS.items()
        },
        "L109": (Scene((*_HOURS, Charge(_MONITOR, 24, (7, 8), after=4)), _STAY),),
        "L111": (Scene((_DIALYSIS,)),),
    }


@cache
def _traps() -> Mapping[str, Mapping[str, Scene]]:
    return {
        **{
            rule: {
                "next_day": Scene((Charge(kept, count), Charge(other, after=1)), _STAY),
                "alone": Scene((Charge(other),), _STAY),
            }
            for rule, (kept, count, other) in _PAIRS.items()
        },
        "L109": {"exactly_the_hours": Scene((*_HOURS, Charge(_MONITOR, 3, after=4)), _STAY)},
        "L111": {"once_a_day": Scene((replace(_DIALYSIS, quantity=1, fault=None),))},
    }


def play(stage: Stage, plants: int, traps: int) -> None:
    """So many violations of each rule and each trap so many times; of sales one in each of several pharmacies."""
    play_scenes(stage, _plants(), _traps(), (plants, traps))
    for turn in range(plants):
        for rule, sell in _SALES.items():
            stage.plant(rule, "")
            sell(stage, turn, "")
    for trap in ("account_only", "returned"):
        for rule, sell in _SALES.items():
            for turn in range(traps):
                stage.plant(rule, trap)
                sell(stage, plants + turn, trap)


#: Each sale of a rule has a day of its own: of a day the first sale is named.
_FIRST = {"L121": day(2026, 4, 1), "L122": day(2026, 5, 1), "L123": day(2026, 6, 1)}


def _buy(stage: Stage, rule: str, turn: int, trap: str, **options: int) -> int:
    """A purchase of one box in a pharmacy; `options` are columns of its line."""
    payer = {"payer": ACCOUNT} if trap == "account_only" else {}
    visit = stage.visit(stage.person(), stage.place(PHARMACY), _FIRST[rule] + turn % 28, "pharmacy", **payer)
    line = stage.line(visit, stage.item("chronic_drug"), at=560, **options)
    if trap == "returned":
        stage.refund(line)
    return line


def _untraced(stage: Stage, turn: int, trap: str) -> None:
    stage.accuse_sale(_buy(stage, "L121", turn, trap, trace=UNTRACED))


def _without_prescription(stage: Stage, turn: int, trap: str) -> None:
    stage.accuse_sale(_buy(stage, "L122", turn, trap, trace=UNPRESCRIBED))


def _dearer(stage: Stage, turn: int, trap: str) -> None:
    """Two boxes of one drug in one pharmacy, the one that the buyer pays at four fifths of the price."""
    person, place, on = stage.person(), stage.place(PHARMACY), _FIRST["L123"] + turn % 28
    # nobody else buys it: every other sale at the list price would be dearer
    item = catalogue().named("维生素样咀嚼片（示例）")
    price = int(catalogue().price[item])
    payer = {"payer": ACCOUNT} if trap == "account_only" else {}
    private = stage.visit(person, place, on, "pharmacy")
    stage.line(private, item, at=565, own=1, price=price * 4 // 5)
    line = stage.line(stage.visit(person, place, on, "pharmacy", **payer), item, at=575, price=price)
    if trap == "returned":
        stage.refund(line)
    stage.accuse_sale(line)


_SALES = {"L121": _untraced, "L122": _without_prescription, "L123": _dearer}
