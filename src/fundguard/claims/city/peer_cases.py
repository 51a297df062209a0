"""Township hospitals whose shares stand out among their peers, and others whose shares stay just below.

Each has one large bill a quarter, made up like that of its peers but for what it stands out by, and fifteen stays. In
the first quarter of 2026 they stand out, in the second they do not quite. An institution is accused for a quarter; so
what stands out by a rule in one quarter is no trap of it in the other.
"""

from __future__ import annotations

from fundguard.claims.city.calendar import day
from fundguard.claims.city.catalogue import catalogue
from fundguard.claims.city.claims import DIAGNOSIS
from fundguard.claims.city.places import HOME, TOWNSHIP
from fundguard.claims.city.stage import Stage

#: What a bill is made of, in percent; the rest is anaesthesia (of the operations' fees).
_USUAL = {"drug": 44, "lab": 14, "ct": 15, "mr": 5, "consumable": 5, "treat": 8}
_ITEMS = {
    "drug": "紫杉醇样注射液",
    "lab": "血清促卵泡刺激素测定",
    "ct": "胸部CT平扫（示例）",
    "mr": "腰椎磁共振平扫（示例）",
    "consumable": "引流管（示例）",
    "treat": "静脉化疗给药（示例）",
}
_OUTSTANDING: dict[str, dict[str, int]] = {
    "N56": {"drug": 86, "lab": 4, "ct": 4, "mr": 1, "consumable": 1, "treat": 2},
    "N57": {"drug": 18, "lab": 54},
    "N58": {"drug": 18, "consumable": 45},
    "N59": {"drug": 6, "lab": 4, "ct": 5, "mr": 2, "consumable": 3, "treat": 75},
    "N60": {"lab": 2, "ct": 42, "mr": 1},
    "N61": {"lab": 6, "mr": 21},
}
#: Either below one and a half times the others' median, or below the reference value.
_NEARLY: dict[str, dict[str, int]] = {
    "N56": {"drug": 58},
    "N57": {"lab": 23, "drug": 40},
    "N58": {"consumable": 19, "drug": 35},
    "N59": {"treat": 36, "drug": 25, "lab": 10},
    "N60": {"ct": 18},
    "N61": {"mr": 6},
}
_QUARTERS = ((day(2026, 1, 10), day(2026, 3, 5)), (day(2026, 4, 10), day(2026, 6, 5)))
_FEN = 10_000_000  # of a bill
_STAYS = 16
_LIGHT, _INFECTED, _AGAIN, _ROUTINE = "N53", "N62", "N63", "L110"
#: How many stays of a quarter are of the kind, where it stands out and where it does not quite.
_OF_KIND = {_ROUTINE: (12, 9)}


def _bill(stage: Stage, place: int, turn: int, parts: dict[str, int], scale: int) -> int:
    """One visit whose charges have these shares; returns it."""
    prices = catalogue()
    visit = stage.visit(stage.person(), place, stage.day(*_QUARTERS[turn]))
    told = _USUAL | parts
    for name, percent in told.items():
        item = prices.named(_ITEMS[name])
        count = _FEN * scale * percent // 100 * 10**4 // int(prices.price[item])
        stage.line(visit, item, quantity=max(count, 1))
    rest = prices.named("全身麻醉（示例）")
    count = _FEN * scale * (100 - sum(told.values())) // 100 * 10**4 // int(prices.price[rest])
    stage.line(visit, rest, quantity=max(count, 1))
    return visit


def _stay(stage: Stage, place: int, first: int, *, light: bool = False, **options: int) -> int:
    """One day in bed. Of a light stay most is tests, else most is treatment."""
    person = options.pop("person", -1)
    if person < 0:
        person = stage.person(15)
    stay = stage.stay(person, place, first, first + 1, "stay", tests=0, **options)
    stage.line(stay, catalogue().named("胸部CT平扫（示例）" if light else "静脉化疗给药（示例）"), quantity=4)
    return stay


def _stays(stage: Stage, place: int, turn: int, kind: str, count: int) -> int:
    """Sixteen stays at an institution in a quarter, `count` of them of the kind; returns the last of these."""
    first, last = _QUARTERS[turn]
    told = -1
    for number in range(_STAYS):
        on = first + (last - first) * number // _STAYS
        counts = number < count
        illness = DIAGNOSIS["T81"] if counts and kind == _INFECTED else DIAGNOSIS["J44" if number % 2 else "I50"]
        person = stage.person(15)
        stay = _stay(stage, place, on, light=counts and kind == _LIGHT, person=person, diagnosis=illness)
        if counts and kind == _ROUTINE:
            stage.line(stay, catalogue().named("凝血功能组套（示例）"))
        if counts and kind == _AGAIN:
            _stay(stage, place, on + 21, person=person, diagnosis=illness)
        told = stay if counts or told < 0 else told
    return told


def play(stage: Stage, lines: int) -> None:
    """In either quarter a bill and the stays of six townships; `lines` is the size of the city."""
    scale = max(1, lines // 50_000)
    places = [int(place) for place in stage.places.of(TOWNSHIP, HOME)[:6]]
    for turn, bills in enumerate((_OUTSTANDING, _NEARLY)):
        for position, (rule, parts) in enumerate(bills.items()):
            stage.plant(rule, "nearly" if turn else "")
            stage.accuse_place(_bill(stage, places[(position + turn) % 6], turn, parts, scale))
        for position, kind in enumerate((_LIGHT, _INFECTED, _AGAIN, _ROUTINE, "", "")):
            place = places[(position + turn) % 6]
            if kind:
                stage.plant(kind, "too_few" if turn else "")
            stay = _stays(stage, place, turn, kind, _OF_KIND.get(kind, (5, 2))[turn])
            if kind:
                stage.accuse_place(stay)
