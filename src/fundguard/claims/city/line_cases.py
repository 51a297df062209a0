"""Planted lines that break a rule by themselves, and their hard negatives: who, where, what, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fundguard.claims.city.calendar import day
from fundguard.claims.city.catalogue import catalogue
from fundguard.claims.city.claims import DIAGNOSIS
from fundguard.claims.city.frames import NONE
from fundguard.claims.city.journal import ACCOUNT, FAMILY, FUND, IN_HOSPITAL, KIND
from fundguard.claims.city.people import EMPLOYEE, FEMALE, MALE, MATERNITY
from fundguard.claims.city.places import CLINIC, INTERNAL, SECONDARY, TERTIARY, TOWNSHIP
from fundguard.claims.city.stage import Stage

#: position in `people.SEXES`
_UNKNOWN, _UNSTATED, _MISSING = 0, 3, -1
#: what happens to the line or its encounter afterwards, and for which delivery the line is then at fault
AFTERWARDS = {
    "": ("first", "final"),
    "refunded": (),
    "refunded_unnamed": (),
    "withdrawn_encounter": ("first",),
    "withdrawn_line": ("first",),
    "corrected_line": ("first",),
}


@dataclass(frozen=True)
class Scene:
    """One line in one encounter; `age` was reached `offset` days before the charge (negative: after it).

    `diagnosis` is a key of `DIAGNOSIS`; without one it is the ordinary one of a visit or stay.
    """

    group: str
    kind: str = "outpatient"
    place: int = SECONDARY
    age: int = 45
    offset: int = 120
    sex: int = MALE
    insurance: int = EMPLOYEE
    payer: int = FUND
    newborn: int = 0
    packaged: int = 0
    own: int = 0
    discharged: bool = True
    first: int = day(2026, 2, 5)
    last: int = day(2026, 7, 31)
    name: str = ""
    afterwards: str = ""
    diagnosis: str = ""
    department: int = INTERNAL
    shown: Mapping[str, int] = field(default_factory=dict)


COMMON: dict[str, dict[str, object]] = {
    "netted_by_named_refund": {"afterwards": "refunded"},
    "netted_by_unnamed_refund": {"afterwards": "refunded_unnamed"},
    "self_paid_line": {"own": 1},
    "account_only": {"payer": ACCOUNT},
    "family_account": {"payer": FAMILY},
    "withdrawn_encounter": {"afterwards": "withdrawn_encounter"},
    "withdrawn_line": {"afterwards": "withdrawn_line"},
    "corrected_line": {"afterwards": "corrected_line"},
    "still_in_hospital": {
        "kind": "stay",
        "discharged": False,
        "first": day(2026, 9, 21),
        "last": day(2026, 9, 25),
    },
}
NO_SEX: dict[str, dict[str, object]] = {
    "unknown_sex": {"shown": {"sex": _UNKNOWN, "claimed_sex": _UNKNOWN}},
    "unstated_sex": {"shown": {"sex": _UNSTATED, "claimed_sex": _UNSTATED}},
    "missing_sex": {"shown": {"sex": _MISSING, "claimed_sex": _MISSING}},
    "contradicting_sex": {"shown": {"sex": FEMALE, "claimed_sex": MALE}},
}
NO_BIRTHDAY: dict[str, dict[str, object]] = {
    "missing_birthday": {"shown": {"born": NONE, "claimed_born": NONE}},
    "contradicting_birthday": {"shown": {"born": day(2020, 5, 5)}},
}
_STAY = {"kind": "stay", "packaged": 1}

#: rule: scenes that break it; the first is the pattern of the traps
PLANTS: dict[str, tuple[Scene, ...]] = {
    "N01": (Scene("injury_drug"), Scene("injury_drug", place=TERTIARY, kind="emergency")),
    "N02": (Scene("maternity_drug", kind="stay", sex=FEMALE, age=31),),
    "N03": (Scene("herb_never", first=day(2026, 5, 14), last=day(2026, 8, 20)),),
    "N07": (
        Scene("child_limit_drug"),
        Scene("child_limit_drug", age=14, offset=0),
        Scene("child_range_drug", name="波生坦分散片", age=13, offset=0),
        Scene("child_range_drug", name="盐酸可乐定缓释片", age=18, offset=0),
    ),
    "N12": (Scene("level_drug", place=TOWNSHIP), Scene("level_drug", place=TOWNSHIP, kind="stay")),
    "N13": (Scene("inpatient_drug"), Scene("acute_drug"), Scene("inpatient_drug", kind="emergency")),
    "N65": (Scene("child_drug", age=36), Scene("child_drug", age=15), Scene("child_drug", age=14, offset=0)),
    "N67": (Scene("female_drug", age=40), Scene("male_drug", sex=FEMALE, age=40)),
    "N80": (Scene("child_service", age=36), Scene("child_service", age=15), Scene("newborn_service", age=36)),
    "N81": (Scene("female_service", age=40), Scene("male_service", sex=FEMALE, age=40)),
}
_LOSS_UNSET = ("N01", "N02", "N07", "N12", "N65", "N67", "N80", "N81")
_JUST_BORN = {"age": 0, "group": "newborn_service"}
#: rule: further innocent scenes, as changes to the pattern
_TRAPS: dict[str, dict[str, dict[str, object]]] = {
    "N01": {"maternity_insurance": {"insurance": MATERNITY, "kind": "maternity_stay", "sex": FEMALE, "age": 29}},
    "N02": {
        "maternity_visit": {"kind": "maternity_visit"},
        "maternity_stay": {"kind": "maternity_stay"},
        "maternity_insurance": {"insurance": MATERNITY, "kind": "maternity_stay"},
    },
    "N03": {"before_knowledge": {"first": day(2026, 2, 5), "last": day(2026, 4, 30)}},
    "N07": {
        "day_before_14th_birthday": {"age": 14, "offset": -1},
        "day_before_13th_birthday": {
            "group": "child_range_drug",
            "name": "波生坦分散片",
            "age": 13,
            "offset": -1,
        },
        "day_before_18th_birthday": {
            "group": "child_range_drug",
            "name": "盐酸可乐定缓释片",
            "age": 18,
            "offset": -1,
        },
        **NO_BIRTHDAY,
    },
    "N12": {"exactly_the_level": {"place": SECONDARY}, "place_without_level": {"place": CLINIC}},
    "N13": {
        "stay": {"kind": "stay"},
        "day_surgery": {"kind": "day_surgery"},
        "emergency_allowed": {"group": "acute_drug", "kind": "emergency"},
        "emergency_stay": {"kind": "emergency_stay"},
    },
    "N65": {
        "day_before_14th_birthday": {"age": 14, "offset": -1},
        "newborn_on_mothers_account": {"newborn": 1, "sex": FEMALE, "age": 29},
        **NO_BIRTHDAY,
    },
    "N67": {"right_sex": {"sex": FEMALE}, **NO_SEX},
    "N80": {
        "day_before_14th_birthday": {"age": 14, "offset": -1},
        "newborn_on_mothers_account": {"newborn": 1, "sex": FEMALE, "age": 29, "group": "newborn_service"},
        "newborn_day_28": _JUST_BORN | {"offset": 28},
        **NO_BIRTHDAY,
    },
    "N81": {
        "right_sex": {"sex": FEMALE},
        "newborn_on_mothers_account": {"newborn": 1, "sex": FEMALE, "age": 29, "group": "male_service"},
        **NO_SEX,
    },
}


def play_plants(stage: Stage, count: int) -> None:
    """So many violations of every rule, through its scenes in turn; now and then in a stay paid by group."""
    for rule, scenes in PLANTS.items():
        for turn in range(count):
            scene = scenes[turn % len(scenes)]
            play_scene(stage, rule, "", scene, accused=True)
        if rule in _LOSS_UNSET:
            play_scene(stage, rule, "loss_unset", replace(scenes[0], **_STAY), accused=True)  # type: ignore[arg-type]


def play_traps(stage: Stage, count: int) -> None:
    """Every trap so many times."""
    for rule, scenes in PLANTS.items():
        for trap, changes in (COMMON | _TRAPS[rule]).items():
            for _ in range(count):
                play_scene(stage, rule, trap, replace(scenes[0], **changes), accused=False)  # type: ignore[arg-type]


def encounter_of(stage: Stage, scene: Scene) -> tuple[int, int]:
    """The scene's person comes: the encounter and the day of the charge."""
    on = stage.day(scene.first, scene.last)
    person = stage.person(scene.age, scene.sex, scene.shown, on=on, offset=scene.offset, insurance=scene.insurance)
    place = stage.place(scene.place)
    options = {"payer": scene.payer, "newborn": scene.newborn}
    if not scene.discharged:
        options["settled"] = NONE
    if scene.diagnosis:
        options["diagnosis"] = DIAGNOSIS[scene.diagnosis]
    if scene.department != INTERNAL:
        options["department"] = scene.department
    if KIND[scene.kind] in IN_HOSPITAL:
        last = on + (1 if scene.kind == "day_surgery" else 4)
        return stage.stay(person, place, on, last, scene.kind, packaged=scene.packaged, **options), on
    return stage.visit(person, place, on, scene.kind, **options), on


def play_scene(stage: Stage, rule: str, trap: str, scene: Scene, *, accused: bool) -> None:
    """One violation (`accused`) or hard negative of a rule."""
    stage.plant(rule, trap)
    encounter, on = encounter_of(stage, scene)
    item = catalogue().named(scene.name) if scene.name else stage.item(scene.group)
    herb = bool(catalogue().herb[item])
    line = stage.line(encounter, item, on, 562, 70 if herb else 1, own=scene.own, prescription=int(herb))
    if herb:
        stage.line(encounter, stage.item("herb"), on, 563, 70, prescription=1)
    _afterwards(stage, scene.afterwards, encounter, line)
    stage.accuse_line(line, accused_in=AFTERWARDS[scene.afterwards] if accused or scene.afterwards else ())


def _afterwards(stage: Stage, what: str, encounter: int, line: int) -> None:
    if what in ("refunded", "refunded_unnamed"):
        stage.refund(line, linked=what == "refunded")
    elif what == "withdrawn_encounter":
        stage.void(encounter)
    elif what == "withdrawn_line":
        stage.correct(line, valid=0)
    elif what == "corrected_line":
        stage.correct(line, own=1)
