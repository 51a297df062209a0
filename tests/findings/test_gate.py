"""The accusation gate: each check with a case it applies to and the nearest one it must leave alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from fundguard.errors import Refusal
from fundguard.findings import gate
from fundguard.findings.gate import CHECKS
from fundguard.findings.schema import CAUSES, VERDICTS
from tests.findings.conftest import INSTITUTION, LIMITS, Bench, rule

LIMIT = {limit.key.removeprefix("gate."): limit.value for limit in LIMITS}
MAPPED_PERSONS = LIMIT["mapped_persons"]
SAME_PERSON_BIRTHDAYS, SAME_PERSON_SETTLEMENTS = LIMIT["person_birthdays"], LIMIT["person_settlements"]


def outcome(bench: Bench, out: Path, code: str = "R1", verdict: str = "明确违规") -> list[tuple[object, object]]:
    return [(f["verdict"], f["cause"]) for f in bench.findings(out, rule(code, verdict))]


def test_checks_are_declared_in_closed_terms() -> None:
    assert {check.cause for check in CHECKS} <= set(CAUSES)
    assert {check.verdict for check in CHECKS} <= set(VERDICTS)


@pytest.mark.parametrize(
    ("settlements", "birthdays", "cause"),
    [
        (2, SAME_PERSON_BIRTHDAYS - 1, "疑似违规"),
        (3, SAME_PERSON_BIRTHDAYS, "默认值"),
        (SAME_PERSON_SETTLEMENTS - 1, 1, "疑似违规"),
        (SAME_PERSON_SETTLEMENTS, 1, "默认值"),
    ],
)
def test_a_number_used_for_several_people_accuses_nobody_for_certain(
    bench: Bench, tmp_path: Path, settlements: int, birthdays: int, cause: str
) -> None:
    for number in range(settlements):
        bench.settlement(f"S{number}", inscp=1000, fund=700, brdy_day=3000 + number % birthdays)
    bench.charge("L1", "S1", 100)
    bench.hit("R1", "L1", 100)
    assert outcome(bench, tmp_path) == [("明确违规" if cause == "疑似违规" else "可疑", cause)]


@pytest.mark.parametrize(
    ("born", "cause"),
    [
        (dt.date(1980, 5, 1), "疑似违规"),
        (dt.date(2026, 5, 27), "疑似违规"),  # born on the day of the charge
        (dt.date(2026, 5, 28), "录入错误"),  # born the day after
        (dt.date(1905, 5, 28), "疑似违规"),  # 120 years old, one day short of 121
        (dt.date(1905, 5, 27), "录入错误"),
        (None, "疑似违规"),
    ],
)
@pytest.mark.parametrize("source", ["psn_info_b", "setl_d"])
def test_an_impossible_age_is_an_entry_error(
    bench: Bench, tmp_path: Path, born: dt.date | None, cause: str, source: str
) -> None:
    bench.settlement("S1", inscp=1000, fund=700, **({"brdy": born} if source == "setl_d" else {}))
    if source == "psn_info_b":
        bench.add("psn_info_b", psn_key="P1", brdy=born)
    bench.charge("L1", "S1", 100)  # on 2026-05-27
    bench.hit("R1", "L1", 100)
    assert outcome(bench, tmp_path)[0][1] == cause


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("D990000000012", "疑似违规"),
        ("D000000000000", "默认值"),
        ("0000", "默认值"),
        ("9999", "默认值"),
        ("未知", "默认值"),
        ("Admin", "默认值"),
        ("1", "默认值"),
        ("D1001", "疑似违规"),
    ],
)
def test_a_default_doctor_is_no_person(bench: Bench, tmp_path: Path, code: str, cause: str) -> None:
    bench.add("dr_info_b", dr_code=code, medins_code=INSTITUTION)
    bench.hit("R1", f"{code}|{INSTITUTION}", 0, table="dr_info_b", kind="practitioner", subject=code)
    assert outcome(bench, tmp_path) == [("明确违规" if cause == "疑似违规" else "可疑", cause)]


@pytest.mark.parametrize(
    ("lines", "registered", "cause"),
    [
        ((80, 20), 5, "默认值"),  # four fifths of a hundred lines
        ((79, 21), 5, "疑似违规"),
        ((80, 19), 5, "疑似违规"),  # 99 lines are too few to tell
        ((100, 0), 4, "疑似违规"),  # of four doctors one may well do the work
    ],
)
def test_a_doctor_on_most_lines_of_an_institution_is_a_default_value(
    bench: Bench, tmp_path: Path, lines: tuple[int, int], registered: int, cause: str
) -> None:
    for number in range(registered):
        bench.add("dr_info_b", dr_code=f"D20{number}", medins_code=INSTITUTION)
    bench.settlement("S1", inscp=10**6, fund=10**6)
    for doctor, count in zip(("D1001", "D1002"), lines, strict=True):
        for number in range(count):
            bench.charge(f"{doctor}-{number}", "S1", 100, doctor=doctor)
    bench.charge("elsewhere", "S1", 100, institution="H2")
    bench.hit("R1", "D1001-1", 100)
    bench.hit("R1", "elsewhere", 100)
    here, there = bench.findings(tmp_path, rule("R1"))
    assert (there["cause"], there["dr_code"]) == ("疑似违规", "D1001")
    assert (here["cause"], here["dr_code"]) == (cause, None if cause == "默认值" else "D1001")


@pytest.mark.parametrize("region", ["990101", ""])
def test_the_limits_are_dated_parameters_and_flagged_where_no_law_sets_them(region: str) -> None:
    found = gate.limits(region, dt.date(2026, 5, 31))
    assert [limit.key for limit in found] == [f"gate.{name}" for name in gate.LIMITS]
    assert {limit.flagged for limit in found} == {"演示值"}
    with pytest.raises(Refusal, match="无有效值"):
        gate.limits(region, dt.date(1999, 12, 31))


@pytest.mark.parametrize(("birthdays", "cause"), [(2, "默认值"), (3, "疑似违规")])
def test_another_limit_gives_another_answer(bench: Bench, tmp_path: Path, birthdays: int, cause: str) -> None:
    for number in range(2):
        bench.settlement(f"S{number}", inscp=1000, fund=700, brdy_day=3000 + number)
    bench.charge("L1", "S1", 100)
    bench.hit("R1", "L1", 100)
    given = tuple(replace(lim, value=birthdays) if lim.key == "gate.person_birthdays" else lim for lim in LIMITS)
    assert bench.findings(tmp_path, rule("R1"), limits=given)[0]["cause"] == cause


@pytest.mark.parametrize(
    ("code", "persons", "proper_uses", "cause"),
    [
        ("N67", MAPPED_PERSONS, 0, "编码错误"),
        ("N67", MAPPED_PERSONS, 11, "编码错误"),  # 5 of 16 uses: above 30 %
        ("N67", MAPPED_PERSONS, 12, "疑似违规"),  # 5 of 17: below
        ("N67", MAPPED_PERSONS - 1, 0, "疑似违规"),
        ("N12", MAPPED_PERSONS, 0, "疑似违规"),  # a limit of institutions hits all its uses by nature
    ],
)
def test_an_item_that_hits_many_patients_of_one_institution_is_mapped_wrongly(
    bench: Bench, tmp_path: Path, *, code: str, persons: int, proper_uses: int, cause: str
) -> None:
    for number in range(persons + proper_uses):
        bench.settlement(f"S{number}", inscp=1000, fund=700, psn=f"P{number}")
        bench.charge(f"L{number}", f"S{number}", 100, psn=f"P{number}")
        if number < persons:
            bench.hit(code, f"L{number}", 100)
    assert outcome(bench, tmp_path, code) == [("明确违规" if cause == "疑似违规" else "可疑", cause)] * persons


@pytest.mark.parametrize(("peers", "message"), [(4, True), (5, False)])
def test_too_few_peers_say_so(bench: Bench, tmp_path: Path, peers: int, message: bool) -> None:
    for number in range(peers - 2):  # two stand on the bench already
        bench.add("fixmedins_b", fixmedins_code=f"H{number}", fixmedins_type="1", fix_blng_admdvs="990101")
    bench.hit("R1", "x", 0, table="statistic", kind="institution_period", subject=INSTITUTION, anchor="202605")
    (finding,) = bench.findings(tmp_path, rule("R1", "统计"))
    assert (finding["verdict"], finding["cause"]) == ("统计", "待核")
    assert ("同类机构过少" in str(finding["message"])) is message


def test_the_gate_counts_what_it_held(bench: Bench, tmp_path: Path) -> None:
    bench.settlement("S1", inscp=1000, fund=700, brdy=dt.date(1800, 1, 1))
    bench.charge("L1", "S1", 100)
    bench.hit("R1", "L1", 100)
    bench.hit("R2", "L1", 100)
    published = bench.publish(tmp_path, rule("R1"), rule("R2"))
    assert (published.findings, published.gated) == (2, 2)
    assert published.gate == {check.name: 2 if check.name == "impossible_age" else 0 for check in CHECKS}
