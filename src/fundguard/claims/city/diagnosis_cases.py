"""Planted lines and records that break a limit of persons, diagnoses or departments, and their hard negatives."""

from __future__ import annotations

from dataclasses import replace

from fundguard.claims.city.calendar import day
from fundguard.claims.city.line_cases import (
    AFTERWARDS,
    COMMON,
    NO_BIRTHDAY,
    NO_SEX,
    Scene,
    encounter_of,
    play_scene,
)
from fundguard.claims.city.people import FEMALE, MATERNITY
from fundguard.claims.city.places import (
    CLINIC,
    KIDNEY,
    OBSTETRICS,
    REHABILITATION,
    SURGERY,
    TERTIARY,
    TOWNSHIP,
)
from fundguard.claims.city.stage import Stage

Changes = dict[str, dict[str, object]]
_MOTHER = {"sex": FEMALE, "age": 29}
_MOTHERS_ACCOUNT: Changes = {"newborn_on_mothers_account": {**_MOTHER, "newborn": 1, "diagnosis": "P59"}}
_NEWBORN: Changes = {"newborn_day_28": {"age": 0, "offset": 28}, **_MOTHERS_ACCOUNT, **NO_BIRTHDAY}
_CHILD: Changes = {"day_before_14th_birthday": {"age": 14, "offset": -1}, **_MOTHERS_ACCOUNT, **NO_BIRTHDAY}
#: A visit without any diagnosis; a stay without one would be a faulty list (N35).
_UNREADABLE: Changes = {
    "no_diagnosis": {"diagnosis": "none", "kind": "outpatient"},
    "foreign_diagnosis": {"diagnosis": "LOC"},
}
#: Every rule on lines has these; the others of `COMMON` are played by the rules of `line_cases`.
_ALWAYS: Changes = {
    name: COMMON[name] for name in ("netted_by_unnamed_refund", "self_paid_line", "account_only", "corrected_line")
}


def _diagnosed(right: str) -> Changes:
    return {"right_diagnosis": {"diagnosis": right}, **_UNREADABLE, **_MOTHERS_ACCOUNT}


_AFTER_LIST = {"first": day(2026, 5, 24), "last": day(2026, 8, 20)}
_IN_FORCE = day(2026, 2, 12)  # of the rules that are new in the edition of 2025
#: rule: scenes that break it; the first is the pattern of the traps
PLANTS: dict[str, tuple[Scene, ...]] = {
    "N06": (Scene("n06", age=36), Scene("n06", age=0, offset=29), Scene("n06", age=1, offset=0)),
    "N08": (
        Scene("n08", name="利拉鲁肽注射液", **_AFTER_LIST),  # type: ignore[arg-type]
        Scene("n08", name="乌司他丁注射液", kind="stay", **_AFTER_LIST),  # type: ignore[arg-type]
    ),
    "N11": (
        Scene("n11", name="西格列汀片（示例）", kind="chronic", diagnosis="I10"),
        Scene("n11", name="左旋氨氯地平片（示例）", kind="chronic", diagnosis="E11"),
    ),
    "N16": (Scene("n16"), Scene("n16", place=TERTIARY, kind="emergency")),
    "N17": (Scene("n17", sex=FEMALE, age=31),),
    "N18": (Scene("n18", age=36), Scene("n18", age=0, offset=29)),
    "N19": (Scene("n19", age=36), Scene("n19", age=14, offset=0)),
    "N20": (Scene("n20"), Scene("n20", kind="stay")),
    "N21": (
        Scene("n21", name="康复综合评定（示例）"),
        Scene("n21", name="肾脏病理评估（示例）", department=SURGERY),
        Scene("n21", name="肾脏病理评估（示例）"),
    ),
    "N22": (Scene("n22", name="病房专项护理（示例）"), Scene("n22", name="门诊慢病管理（示例）", kind="day_surgery")),
    "N24": (Scene("n24", name="肿瘤多基因检测（示例）"), Scene("n24", name="动态脑电监测分析（示例）", place=TOWNSHIP)),
    "N29": (Scene("n29", age=63, offset=0), Scene("n29", age=58, offset=0, sex=FEMALE), Scene("n29", age=80)),
    "N32": (Scene("n32", age=36, kind="day_surgery"), Scene("n32", age=0, offset=29)),
    "N33": (Scene("n33", age=36, kind="day_surgery"), Scene("n33", age=14, offset=0)),
    "N66": (Scene("n66", age=10), Scene("n66", age=18, offset=-1)),
    "N70": (Scene("n70"),),
    "N71": (Scene("n71", diagnosis="N19"),),
    "N72": (Scene("n72", age=80), Scene("n72", age=65, offset=0)),
    "N73": (Scene("n73", sex=FEMALE, age=29, diagnosis="Z34"),),
    "N78": (Scene("n78"),),
    "N79": (Scene("n79"),),
    "N82": (Scene("n82", sex=FEMALE, age=29, diagnosis="Z34"),),
    "N83": (Scene("n83"),),
    "N85": (Scene("n85"), Scene("n85", department=SURGERY)),
    "N87": (
        Scene("n87", name="宫内节育系统（示例）", kind="day_surgery", first=_IN_FORCE),
        Scene("n87", name="男用导尿护理套（示例）", sex=FEMALE, first=_IN_FORCE),
    ),
    "N88": (Scene("n88", kind="day_surgery", diagnosis="S52", first=_IN_FORCE),),
}
TRAPS: dict[str, Changes] = {
    "N06": _NEWBORN,
    "N08": _diagnosed("E11") | {"before_knowledge": {"first": day(2026, 2, 5), "last": day(2026, 5, 20)}},
    "N11": {
        "own_list": {"diagnosis": "E11"},
        "disease_without_list": {"diagnosis": "Z49"},
        "no_disease": {"diagnosis": "J06"},
        "ordinary_visit": {"kind": "outpatient"},
    },
    "N16": {"maternity_insurance": {**_MOTHER, "insurance": MATERNITY, "kind": "maternity_stay"}},
    "N17": {
        "maternity_stay": {"kind": "maternity_stay"},
        "maternity_insurance": {"insurance": MATERNITY, "kind": "maternity_stay"},
    },
    "N18": _NEWBORN,
    "N19": _CHILD,
    "N20": _diagnosed("I63"),
    "N21": {
        "right_department": {"department": REHABILITATION},
        "narrower": {"name": "肾脏病理评估（示例）", "department": KIDNEY},
    },
    "N22": {"stay": {"kind": "stay"}, "day_surgery": {"kind": "day_surgery"}},
    "N24": {"exactly_the_level": {"place": TERTIARY}, "place_without_level": {"place": CLINIC}},
    "N29": {
        "day_before_63rd_birthday": {"offset": -1},
        "woman_day_before_58th_birthday": {"sex": FEMALE, "age": 58, "offset": -1},
        "unknown_sex_at_60": {"age": 60, **NO_SEX["unknown_sex"]},
        **NO_BIRTHDAY,
    },
    "N32": _NEWBORN,
    "N33": _CHILD,
    "N66": {"eighteenth_birthday": {"age": 18, "offset": 0}, **NO_BIRTHDAY, **_MOTHERS_ACCOUNT},
    "N70": _diagnosed("Z51"),
    "N71": _diagnosed("E11"),
    "N72": {"day_before_65th_birthday": {"age": 65, "offset": -1}, **NO_BIRTHDAY},
    "N73": {"not_pregnant": {"diagnosis": "J06"}, **_UNREADABLE, **_MOTHERS_ACCOUNT},
    "N78": _diagnosed("Z51"),
    "N79": _diagnosed("M54"),
    "N82": {"not_pregnant": {"diagnosis": "J06"}, **_UNREADABLE, **_MOTHERS_ACCOUNT},
    "N83": _diagnosed("L40"),
    "N85": {"right_department": {"department": OBSTETRICS}},
    "N87": {"right_sex": {"sex": FEMALE}, **NO_SEX, **_MOTHERS_ACCOUNT},
    "N88": _diagnosed("S42"),
}
#: Codes of the record: the encounter is at fault, whatever it charges.
RECORDS: dict[str, tuple[Scene, ...]] = {
    "N39": (
        Scene("", kind="day_surgery", diagnosis="D48"),
        Scene("", kind="day_surgery", diagnosis="C79", sex=FEMALE),
    ),
    "N54": (Scene("", diagnosis="N76"), Scene("", diagnosis="N40", sex=FEMALE), Scene("", diagnosis="O80", age=30)),
    "N55": (
        Scene("", diagnosis="P59", age=30),
        Scene("", diagnosis="P59", age=2, offset=0),
        Scene("", diagnosis="F03", age=10),
        Scene("", diagnosis="O80", age=66, sex=FEMALE),
    ),
}
_UNPAID: Changes = {
    name: COMMON[name] for name in ("account_only", "family_account", "withdrawn_encounter", "still_in_hospital")
}
RECORD_TRAPS: dict[str, Changes] = {
    "N39": {"right_sex": {"sex": FEMALE}, "newborn": {"newborn": 1}, **NO_SEX},
    "N54": {"right_sex": {"sex": FEMALE}, "both_sexes": {"diagnosis": "L40"}, "newborn": {"newborn": 1}, **NO_SEX},
    "N55": {
        "day_before_2nd_birthday": {"age": 2, "offset": -1},
        "woman_of_64": {"diagnosis": "O80", "age": 65, "offset": -1, "sex": FEMALE},
        **_MOTHERS_ACCOUNT,
        **NO_BIRTHDAY,
    },
}


def play(stage: Stage, plants: int, traps: int) -> None:
    """So many violations of every rule, through its scenes in turn, and every trap so many times."""
    for rule, scenes in PLANTS.items():
        for turn in range(plants):
            play_scene(stage, rule, "", scenes[turn % len(scenes)], accused=True)
        for trap, changes in (_ALWAYS | TRAPS[rule]).items():
            for _ in range(traps):
                play_scene(stage, rule, trap, _changed(scenes[0], changes), accused=False)
    for rule, scenes in RECORDS.items():
        for turn in range(plants):
            _record(stage, rule, "", scenes[turn % len(scenes)])
        for trap, changes in (_UNPAID | RECORD_TRAPS[rule]).items():
            for _ in range(traps):
                _record(stage, rule, trap, _changed(scenes[0], changes))


def _changed(scene: Scene, changes: dict[str, object]) -> Scene:
    return replace(scene, **changes)  # type: ignore[arg-type]


def _record(stage: Stage, rule: str, trap: str, scene: Scene) -> None:
    stage.plant(rule, trap)
    encounter, _ = encounter_of(stage, scene)
    if scene.afterwards:
        stage.void(encounter)
    stage.accuse_encounter(encounter, accused_in=AFTERWARDS[scene.afterwards] if scene.afterwards or not trap else ())
