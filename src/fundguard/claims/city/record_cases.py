"""Planted faults of records, uploads, antibiotics, purchases and stays, with their hard negatives."""

from __future__ import annotations

from fundguard.claims.city.calendar import MINUTES, day
from fundguard.claims.city.catalogue import catalogue
from fundguard.claims.city.claims import DIAGNOSIS
from fundguard.claims.city.journal import ACCOUNT, FUND, NOBODY
from fundguard.claims.city.places import CLINIC, PHARMACY
from fundguard.claims.city.stage import Stage

_PAYERS = {"account_only": ACCOUNT, "self_paid": NOBODY}
_UNTOLD = -1  # no diagnosis


def _stay(stage: Stage, trap: str, illness: int, days: int = 4, place: int = -1) -> int:
    """A stay of a new person, as ill and as paid as the case asks."""
    on, where = stage.day(), stage.place() if place < 0 else place
    return _funded(stage, stage.person(), where, on, on + days, diagnosis=illness, payer=_PAYERS.get(trap, FUND))


def _funded(stage: Stage, person: int, place: int, first: int, last: int, **options: int) -> int:
    """A stay without tests that costs more than the patient bears before the fund pays."""
    stay = stage.stay(person, place, first, last, "stay", tests=0, **options)
    stage.line(stay, catalogue().named("全身麻醉（示例）"))
    return stay


# ---- N35: a settlement list that contradicts itself or leaves out what it must tell


def _list(stage: Stage, trap: str, turn: int = 0) -> None:
    stage.plant("N35", trap)
    if trap == "visit_without_diagnosis":
        stage.accuse_encounter(stage.visit(stage.person(), stage.place(), stage.day(), diagnosis=_UNTOLD))
        return
    untold = trap == "" and turn % 2 == 0
    days = {"left_the_same_day": 0, "": 4 if untold else -1}.get(trap, -1)
    stage.accuse_encounter(_stay(stage, trap, _UNTOLD if untold else DIAGNOSIS["J18"], days))


# ---- N37: a diagnosis without what must have been charged for it


def _infarction(stage: Stage, trap: str, turn: int = 0) -> None:
    stage.plant("N37", trap)
    stay = _stay(stage, trap, DIAGNOSIS["I50" if trap == "another_diagnosis" else "I21"])
    if trap in ("with_electrocardiogram", "electrocardiogram_self_paid"):
        stage.line(stay, catalogue().named("十二导联心电图（示例）"), own=int(trap.endswith("self_paid")))
    stage.accuse_encounter(stay)


# ---- N38: an operation in the record and its charge belong together


def _operation(stage: Stage, trap: str, turn: int = 0) -> None:
    stage.plant("N38", trap)
    item = catalogue().named("阑尾手术（示例）")
    if trap == "operation_self_paid" or (trap == "" and turn % 2):
        place = stage.place()
        stage.line(_stay(stage, "", DIAGNOSIS["K35"], place=place), item)  # the hospital does send its operations
        stay = _stay(stage, trap, DIAGNOSIS["J18"], place=place)
        stage.accuse_line(stage.line(stay, item, own=int(trap != "")), share=None)
        return
    stay = _stay(stage, trap, DIAGNOSIS["K80" if trap == "another_operation" else "K35"])
    if trap == "with_its_charge":
        stage.line(stay, item)
    stage.accuse_operation(stay)


# ---- N40: an operation that is not done for the main diagnosis


def _mismatch(stage: Stage, trap: str, turn: int = 0) -> None:
    stage.plant("N40", trap)
    stage.accuse_operation(_stay(stage, trap, DIAGNOSIS["K31" if trap == "fitting_diagnosis" else "C16"]))


# ---- N44: drugs before a clean operation


def _prophylaxis(stage: Stage, trap: str, turn: int = 0) -> None:
    stage.plant("N44", trap)
    illness = {"another_operation": "S52", "no_operation": "J18"}.get(trap, "K40")
    stay = _stay(stage, trap, DIAGNOSIS[illness])
    first = stage.encounters[stay][4] // MINUTES
    allowed = trap in ("on_the_day", "netted") or (trap == "" and turn % 2 == 1)
    item = catalogue().named("头孢曲松钠针" if allowed else "左氧氟沙星氯化钠注射液")
    on = first if not allowed or trap == "on_the_day" else first + 1
    line = stage.line(stay, item, on, quantity=2, own=int(trap == "self_paid_line"))
    if trap == "netted":
        stage.refund(line)
    stage.accuse_line(line)


# ---- N45: antibiotics by grade


def _graded(stage: Stage, trap: str, turn: int = 0) -> None:
    stage.plant("N45", trap)
    item = stage.item("restricted_drug" if trap == "restricted" else "special_drug")
    if trap == "prescriber_without_title":
        encounter = _stay(stage, trap, DIAGNOSIS["J18"])
    else:
        kind = "emergency" if trap == "emergency" else "outpatient"
        payer = _PAYERS.get(trap, FUND)
        encounter = stage.visit(stage.person(), stage.place(), stage.day(), kind, payer=payer)
    line = stage.line(encounter, item, own=int(trap == "self_paid_line"))
    if trap == "netted":
        stage.refund(line)
    stage.accuse_line(line)


# ---- N41: charges uploaded late. Whoever is accused is an institution, so each case has a clinic of its own


def _late(stage: Stage, trap: str, turn: int = 0) -> None:
    clinics = stage.places.of(CLINIC)
    number = sum(truth.rule == "N41" for truth in stage.truths)
    stage.plant("N41", trap)
    clinic = int(clinics[number % len(clinics)])
    visit = stage.visit(stage.person(), clinic, stage.day(), payer=_PAYERS.get(trap, FUND))
    days = 3 if trap == "exactly_three_days" else 5 + turn
    stage.line(visit, stage.item("treat"), upload=days * MINUTES, own=int(trap == "self_paid_line"))
    stage.accuse_place(visit)


# ---- N51: more than twenty purchases in a month


def _purchases(stage: Stage, trap: str, turn: int = 0) -> None:
    stage.plant("N51", trap)
    person = stage.person(15)
    start = day(2026, (3, 5, 7)[turn % 3], 16 if trap == "over_two_months" else 1)
    visits = []
    for k in range(20 if trap == "exactly_twenty" else 21):
        payer = ACCOUNT if trap == "one_by_account" and k == 12 else FUND
        away = trap == "one_at_a_hospital" and k == 12
        place = stage.place() if away else stage.place(PHARMACY)
        visits.append(stage.visit(person, place, start + k, "outpatient" if away else "pharmacy", payer=payer))
    stage.accuse_encounter(visits[-1])


# ---- N52: more than ten stays in a year


def _stays(stage: Stage, trap: str, turn: int = 0) -> None:
    stage.plant("N52", trap)
    person, place = stage.person(15), stage.place()
    start = day(2025, 10, 20) if trap == "over_two_years" else day(2026, 1, 5) + turn
    stays = []
    for k in range(10 if trap == "exactly_ten" else 11):
        on = start + 20 * k
        payer = NOBODY if trap == "one_self_paid" and k == 5 else FUND
        stays.append(_funded(stage, person, place, on, on + 1, payer=payer))
    stage.accuse_encounter(stays[-1])


_CASES = {
    "N35": _list,
    "N37": _infarction,
    "N38": _operation,
    "N40": _mismatch,
    "N41": _late,
    "N44": _prophylaxis,
    "N45": _graded,
    "N51": _purchases,
    "N52": _stays,
}
_TRAPS: dict[str, tuple[str, ...]] = {
    "N35": ("left_the_same_day", "visit_without_diagnosis", "account_only", "self_paid"),
    "N37": ("with_electrocardiogram", "electrocardiogram_self_paid", "another_diagnosis", "account_only"),
    "N38": ("with_its_charge", "operation_self_paid", "another_operation", "account_only"),
    "N40": ("fitting_diagnosis", "account_only", "self_paid"),
    "N41": ("exactly_three_days", "self_paid_line", "account_only", "self_paid"),
    "N44": ("on_the_day", "netted", "another_operation", "no_operation", "self_paid_line", "account_only"),
    "N45": ("restricted", "emergency", "prescriber_without_title", "netted", "self_paid_line", "account_only"),
    "N51": ("exactly_twenty", "over_two_months", "one_by_account", "one_at_a_hospital"),
    "N52": ("exactly_ten", "over_two_years", "one_self_paid"),
}


def play(stage: Stage, plants: int, traps: int) -> None:
    """So many violations of each rule and each trap so many times."""
    for rule, case in _CASES.items():
        for turn in range(plants):
            case(stage, "", turn)
        for turn in range(traps):
            for trap in _TRAPS[rule]:
                case(stage, trap, turn)
