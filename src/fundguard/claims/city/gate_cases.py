"""Charges that a rule hits because the data are wrong, not the conduct: the accusation gate holds them for their cause.

Causes are those of the findings: 默认值, 录入错误, 编码错误.
"""

from __future__ import annotations

from fundguard.claims.city.calendar import day
from fundguard.claims.city.catalogue import catalogue
from fundguard.claims.city.stage import Stage

_DEFAULT, _ENTRY, _CODING = "默认值", "录入错误", "编码错误"
_VISITS = 31  # of one number on one day; one more than a month may have
_PATIENTS = 8  # of the wrongly mapped item
_NEVER_BORN = day(1900, 1, 1)


def _default_doctor(stage: Stage) -> None:
    """A man is charged a drug for women where the system writes the same doctor on most charges."""
    stage.plant("N67", "default_doctor", _DEFAULT)
    visit = stage.visit(stage.person(40), stage.places.careless, stage.day())
    stage.accuse_line(stage.line(visit, stage.item("female_drug")))


def _placeholder_person(stage: Stage) -> None:
    """One number under which a whole queue was settled on one day."""
    stage.plant("N50", "placeholder_person", _DEFAULT)
    person, on = stage.person(15), stage.day()
    visits = [stage.visit(person, stage.place(), on, at=400 + 25 * turn) for turn in range(_VISITS)]
    stage.accuse_encounter(visits[-1])


def _placeholder_birthday(stage: Stage) -> None:
    """A child's drug for someone who is registered as born on the first day of 1900."""
    stage.plant("N65", "placeholder_birthday", _ENTRY)
    person = stage.person(shown={"born": _NEVER_BORN, "claimed_born": _NEVER_BORN})
    visit = stage.visit(person, stage.place(), stage.day())
    stage.accuse_line(stage.line(visit, stage.item("child_drug")))


def _wrong_mapping(stage: Stage) -> None:
    """An item of one hospital's own carries the code of an examination of women: nearly all its patients are men."""
    stage.plant("N81", "wrong_mapping", _CODING)
    item = catalogue().named("经阴道B超检查")
    for _ in range(_PATIENTS):
        visit = stage.visit(stage.person(), stage.places.misled, stage.day(), seat=stage.plants % 3)
        stage.accuse_line(stage.line(visit, item))


def play(stage: Stage, cases: int) -> None:
    """Each so many times."""
    for _ in range(cases):
        _default_doctor(stage)
        _placeholder_person(stage)
        _placeholder_birthday(stage)
        _wrong_mapping(stage)
