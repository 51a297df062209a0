"""Planted pairs, counts, courses and cycles, wrong details and wrong days, with their hard negatives."""

from __future__ import annotations

from fundguard.claims.city.calendar import day
from fundguard.claims.city.catalogue import catalogue
from fundguard.claims.city.claims import DIAGNOSIS
from fundguard.claims.city.journal import ACCOUNT
from fundguard.claims.city.stage import BOTH, Stage

_OLD = (day(2025, 10, 12), day(2025, 10, 25))
_HERBS = (day(2026, 5, 14), day(2026, 8, 20))


def _limit(item: int) -> int:
    return int(catalogue().rows[item]["limit"])


# ---- N04: a prescription of nothing but listed herbs


def _herbs(stage: Stage, trap: str, listed: int, other: bool, **how: int) -> None:
    stage.plant("N04", trap)
    first, last = (day(2026, 2, 5), day(2026, 4, 30)) if trap == "before_knowledge" else _HERBS
    visit = stage.visit(stage.person(), stage.place(), stage.day(first, last), payer=how.get("payer", 0))
    chosen = stage.rng.permutation(catalogue().group("herb_single"))[:listed]
    lines = [
        stage.line(visit, int(item), at=562, quantity=70, prescription=1, own=how.get("own", 0)) for item in chosen
    ]
    if other:
        stage.line(visit, stage.item("herb"), at=563, quantity=70, prescription=1, own=how.get("other_own", 0))
    for line in lines:
        if trap.startswith("netted"):
            stage.refund(line, linked=trap == "netted_by_named_refund")
        stage.accuse_line(line)


# ---- N25: two items of which one contains the other


def _pair(stage: Stage, trap: str) -> None:
    stage.plant("N25", trap)
    prices = catalogue()
    whole = stage.item("pair_whole")
    part = prices.code(prices.rows[whole]["partner"])
    if trap == "not_a_pair":
        whole, part = prices.named("粪便常规"), prices.named("血清促卵泡刺激素测定")
    person, place = stage.person(), stage.place()
    on = stage.day(*_OLD) if trap == "before_knowledge" else stage.day()
    visit = stage.visit(person, place, on, payer=ACCOUNT if trap == "account_only" else 0)
    first = stage.line(visit, whole, at=562, own=int(trap == "whole_self_paid"))
    other = visit
    if trap == "next_day":
        other = stage.visit(person, place, on + 1)
    if trap == "two_institutions":
        other = stage.visit(person, stage.place(other_than=place), on, at=800)
    second = stage.line(other, part, at=810 if trap == "two_institutions" else 564, own=int(trap == "part_self_paid"))
    if trap.startswith("netted"):
        stage.refund(second, linked=trap == "netted_by_named_refund")
    if trap == "whole_refunded":
        stage.refund(first)
    if trap == "late_line":
        stage.deliver_late(second)
        stage.accuse_line(second, accused_in=("final",))
    elif trap == "withdrawn_line":
        stage.correct(second, valid=0)
        stage.accuse_line(second, accused_in=("first",))
    else:
        stage.accuse_line(second)


# ---- N27: more than a day holds


def _two_a_day(stage: Stage, trap: str, variant: int = 0) -> None:
    stage.plant("N27", trap)
    prices = catalogue()
    person, place = stage.person(), stage.place()
    on = stage.day(*_OLD) if trap == "before_knowledge" else stage.day()
    if variant == 3 or trap == "two_institutions":
        item = stage.item("hour_service")
        visit = stage.visit(person, place, on)
        stage.line(visit, item, at=565, quantity=16)
        there = stage.place(other_than=place) if trap else place
        again = stage.visit(person, there, on, at=840)
        line = stage.line(again, item, at=850, quantity=16)
        stage.accuse_line(line, share=(8, 16))
        return
    stay = stage.stay(person, place, on, on + 4, payer=ACCOUNT if trap == "account_only" else 0)
    if variant == 2 or trap == "exactly_24_hours":
        hours = 24 if trap else 30
        line = stage.line(stay, stage.item("hour_service"), on + 1, quantity=hours)
        stage.accuse_line(line, share=(hours - 24, hours))
        return
    if variant == 1:
        line = stage.line(stay, prices.named("普通病房床位费"), on + 2, at=900)
        stage.accuse_line(line)
        return
    if trap == "corrected_quantity":
        line = stage.line(stay, stage.item("day_service"), on + 1, quantity=2)
        stage.correct(line, quantity=10**4)
        stage.accuse_line(line, share=(1, 2), accused_in=("first",))
        return
    item = stage.item("day_service")
    second = item
    if trap == "sub_item":
        item, second = prices.named("胃肠减压"), prices.named("胃肠减压(负压引流)")
    stage.line(stay, item, on + 1, at=600)
    line = stage.line(stay, second, on + (2 if trap == "next_day" else 1), at=900, own=int(trap == "self_paid_line"))
    if trap.startswith("netted"):
        stage.refund(line, linked=trap == "netted_by_named_refund")
    stage.accuse_line(line)


# ---- N31: again before the cycle is over


def _cycle(stage: Stage, trap: str) -> None:
    stage.plant("N31", trap)
    prices = catalogue()
    item = again = stage.item("cycle_service")
    limit = _limit(item)
    gap = int(stage.rng.integers(2, limit - 3))
    on = day(2025, 10, 8) if trap == "before_knowledge" else stage.day(last=day(2026, 5, 31))
    if trap == "sub_item":
        item, again, gap = prices.named("糖化血红蛋白测定"), prices.named("糖化血红蛋白测定(色谱法)"), 20
    if trap == "exactly_the_cycle":
        gap = limit
    if trap == "day_after_the_cycle":
        gap = limit + 1
    person, place = stage.person(), stage.place()
    visit = stage.visit(person, place, on)
    first = stage.line(visit, item, own=int(trap == "first_self_paid"))
    later = stage.visit(person, place, on + gap, payer=ACCOUNT if trap == "account_only" else 0)
    line = stage.line(later, again, own=int(trap == "self_paid_line"))
    if trap == "first_refunded":
        stage.refund(first)
    if trap.startswith("netted"):
        stage.refund(line, linked=trap == "netted_by_named_refund")
    if trap == "counted_from_last_payable":
        third = stage.line(stage.visit(person, place, on + limit + 2), again)
        stage.accuse_line(line, accused_in=BOTH)
        stage.accuse_line(third)
        return
    stage.accuse_line(line)


# ---- N10, N23: longer than the course


def _course(stage: Stage, rule: str, trap: str, *, switch: bool = False) -> None:
    stage.plant(rule, trap)
    prices = catalogue()
    item = stage.item("course_drug" if rule == "N10" else "course_service")
    limit = _limit(item)
    same = [i for i, r in enumerate(prices.rows) if r["name"] == prices.rows[item]["name"] and i != item]
    extra = 0 if trap in ("exactly_the_course", "supply_on_one_day", "two_lines_one_day") else 3
    days = limit + extra
    on = day(2025, 10, 10) if trap == "before_knowledge" else stage.day(last=day(2026, 5, 31))
    person, place, illness = stage.person(), stage.place(), DIAGNOSIS["I63" if rule == "N10" else "I69"]
    payer = ACCOUNT if trap == "account_only" else 0
    if trap == "two_stays":
        days = 2 * (limit - 4)
        first = stage.stay(person, place, on, on + limit - 4, diagnosis=illness)
        second = stage.stay(person, place, on + limit + 36, on + 2 * limit + 32, diagnosis=illness)
        lines = [stage.line(first, item, on + k) for k in range(limit - 4)]
        lines += [stage.line(second, item, on + limit + 36 + k) for k in range(limit - 4)]
    else:
        stay = stage.stay(person, place, on, on + days, diagnosis=illness, payer=payer)
        own = [int(trap == "self_paid_line" and k >= limit) for k in range(days)]
        used = [same[0] if switch and same and k > limit // 2 else item for k in range(days)]
        lines = [stage.line(stay, used[k], on + k, at=650, own=own[k]) for k in range(days)]
    beyond = lines[limit:]
    if trap == "supply_on_one_day":
        beyond = [stage.line(stay, item, on + days - 1, at=655, quantity=7, days=7 * 10**4)]
    if trap == "two_lines_one_day":
        beyond = [stage.line(stay, item, on + 1, at=950)]
    for line in beyond:
        if trap.startswith("netted"):
            stage.refund(line, linked=trap == "netted_by_named_refund")
        stage.accuse_line(line)
    if not beyond:
        stage.accuse_line(lines[-1])


# ---- N36: details that contradict themselves


def _detail(stage: Stage, trap: str, variant: int = 0) -> None:
    stage.plant("N36", trap)
    visit = stage.visit(stage.person(), stage.place(), stage.day())
    item = stage.item("treat")
    if trap == "rounded_amount":
        line = stage.line(visit, item, quantity=3.3333, price=7_654_321)
    elif trap == "refund_named":
        line = stage.refund(stage.line(visit, item, quantity=2))
    elif trap == "refund_same_day":
        line = stage.refund(stage.line(visit, item, quantity=2), linked=False)
    elif trap == "corrected_line" or variant == 0:
        line = stage.line(visit, item, quantity=2, amount=9999)
    elif variant == 1:
        line = stage.line(visit, stage.item("consumable"), quantity=-1)
    else:
        line = stage.line(visit, -1, quantity=2)
    if trap == "corrected_line":
        stage.correct(line, amount=int(catalogue().price[item]) * 2 // 10**4)
        stage.accuse_line(line, share=None, accused_in=("first",))
    else:
        stage.accuse_line(line, share=None)


# ---- N42: charged outside the stay


def _outside(stage: Stage, trap: str, variant: int = 0) -> None:
    stage.plant("N42", trap)
    on = stage.day()
    payer = ACCOUNT if trap == "account_only" else 0
    stay = stage.stay(stage.person(), stage.place(), on, on + 5, at=700, payer=payer)
    away = {"earlier_on_admission_day": 0, "day_after_discharge": 6}.get(trap, (-1, 8, 7)[variant])
    line = stage.line(stay, stage.item("treat"), on + away, at=480, own=int(trap == "self_paid_line"))
    if trap.startswith("netted"):
        stage.refund(line, linked=trap == "netted_by_named_refund")
    stage.accuse_line(line)


_NETTED = ("netted_by_named_refund", "netted_by_unnamed_refund")
_TRAPS: dict[str, tuple[str, ...]] = {
    "N04": ("with_another_herb", "another_herb_self_paid", "self_paid_line", "account_only", "before_knowledge"),
    "N25": (
        *("next_day", "two_institutions", "not_a_pair", "part_self_paid", "whole_self_paid", "whole_refunded"),
        *("account_only", "before_knowledge", "late_line", "withdrawn_line"),
    ),
    "N27": (
        *("two_institutions", "exactly_24_hours", "corrected_quantity", "sub_item", "next_day"),
        *("self_paid_line", "account_only", "before_knowledge"),
    ),
    "N31": (
        *("exactly_the_cycle", "day_after_the_cycle", "sub_item", "counted_from_last_payable", "first_self_paid"),
        *("first_refunded", "self_paid_line", "account_only", "before_knowledge"),
    ),
    "N10": ("exactly_the_course", "supply_on_one_day", "two_stays", "self_paid_line", "account_only"),
    "N23": ("exactly_the_course", "two_lines_one_day", "two_stays", "self_paid_line", "before_knowledge"),
    "N42": ("earlier_on_admission_day", "day_after_discharge", "self_paid_line", "account_only"),
    "N36": ("rounded_amount", "refund_named", "refund_same_day", "corrected_line"),
}


def _play_trap(stage: Stage, rule: str, trap: str) -> None:
    if rule == "N04":
        own = int(trap == "self_paid_line")
        payer = ACCOUNT if trap == "account_only" else 0
        _herbs(stage, trap, 2, "another" in trap, own=own, payer=payer, other_own=int(trap.endswith("herb_self_paid")))
    elif rule in ("N10", "N23"):
        _course(stage, rule, trap)
    else:
        {"N25": _pair, "N27": _two_a_day, "N31": _cycle, "N42": _outside, "N36": _detail}[rule](stage, trap)


def play(stage: Stage, plants: int, traps: int) -> None:
    """So many violations of each rule and each trap so many times."""
    for turn in range(plants):
        _herbs(stage, "", 1 + 2 * (turn % 2), other=False)
        _pair(stage, "")
        _two_a_day(stage, "", turn % 4)
        _cycle(stage, "")
        _course(stage, "N10", "", switch=turn % 2 == 1)
        _course(stage, "N23", "")
        _detail(stage, "", turn % 3)
        _outside(stage, "", turn % 3)
    for _ in range(traps):
        for rule, names in _TRAPS.items():
            for trap in (*names, *(_NETTED if rule != "N36" else ())):
                _play_trap(stage, rule, trap)
