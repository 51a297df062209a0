"""A finding's key, id, facts, verdict and message; its evidence; what could not be evaluated; equal bytes."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from fundguard.findings.publish import FILES, LISTED_SINGLY, Stamp, publish
from fundguard.findings.schema import EVIDENCE, FINDINGS, NOT_EVALUATED
from tests.findings.conftest import INSTITUTION, LIMITS, OTHER, Bench, read, rule

DAY = dt.date(1970, 1, 1) + dt.timedelta(days=20600)


def accuse(bench: Bench, *, version: int = 7, seen: str = "性别=男") -> None:
    bench.settlement("S1", inscp=1000, fund=700)
    bench.charge("L1", "S1", 400, version=version)
    bench.charge("L2", "S1", 100)
    bench.hit("R1", "L1", 400, subject="L1", anchor="MS1", seen=seen)
    bench.hit("R1", "L2", 0, subject="L1", anchor="MS1", role="related", seen="同日收费")


def test_the_columns_are_the_contract(bench: Bench, tmp_path: Path) -> None:
    accuse(bench)
    bench.publish(tmp_path)
    for name, columns in zip(FILES, (FINDINGS, EVIDENCE, NOT_EVALUATED), strict=True):
        described = duckdb.connect().execute(f"DESCRIBE SELECT * FROM '{tmp_path / name}'").fetchall()
        assert {column: kind for column, kind, *_ in described} == columns


def test_a_finding_tells_where_when_and_who(bench: Bench, tmp_path: Path) -> None:
    accuse(bench)
    (finding,) = bench.findings(tmp_path)
    told = {name: finding[name] for name in ("region", "setl_id", "mdtrt_id", "psn_key", "fixmedins_code", "dr_code")}
    assert told == {
        "region": "990101",
        "setl_id": "S1",
        "mdtrt_id": "MS1",
        "psn_key": "P1",
        "fixmedins_code": INSTITUTION,
        "dr_code": "D1001",
    }
    assert (finding["occurred_from"], finding["occurred_to"]) == (DAY, DAY)
    assert (finding["verdict"], finding["cause"], finding["message"]) == ("明确违规", "疑似违规", "示例规则的说明")


def test_facts_the_accused_rows_do_not_agree_on_stay_empty(bench: Bench, tmp_path: Path) -> None:
    bench.settlement("S1", inscp=1000, fund=700)
    bench.settlement("S2", inscp=1000, fund=700)
    bench.charge("L1", "S1", 400, doctor="D1001", day=20600)
    bench.charge("L2", "S2", 300, doctor="D2", day=20602, institution=OTHER)
    for line, fen in (("L1", 400), ("L2", 300)):
        bench.hit("R1", line, fen, kind="person", subject="P1")
    (finding,) = bench.findings(tmp_path)
    assert [finding[name] for name in ("setl_id", "mdtrt_id", "fixmedins_code", "dr_code")] == [None] * 4
    assert (finding["psn_key"], finding["region"]) == ("P1", "990101")  # the larger amount gives the place
    assert (finding["occurred_from"], finding["occurred_to"]) == (DAY, DAY + dt.timedelta(days=2))


def test_related_rows_name_nobody(bench: Bench, tmp_path: Path) -> None:
    accuse(bench)
    bench.settlement("S9", inscp=1000, fund=700, psn="P9")
    bench.charge("L9", "S9", 100, day=20500, doctor="D9", psn="P9", institution=OTHER)
    bench.hit("R1", "L9", 0, subject="L1", anchor="MS1", role="related")
    (finding,) = bench.findings(tmp_path)
    assert (finding["psn_key"], finding["dr_code"], finding["occurred_from"]) == ("P1", "D1001", DAY)


def test_an_encounter_with_one_settlement_is_that_settlements(bench: Bench, tmp_path: Path) -> None:
    bench.settlement("S1", inscp=1000, fund=700)
    bench.hit("R1", "MS1", 1000, table="mdtrt_d", kind="encounter")
    (finding,) = bench.findings(tmp_path)
    assert (finding["setl_id"], finding["dr_code"], finding["region"]) == ("S1", "D1001", "990101")
    assert (finding["occurred_from"], finding["occurred_to"]) == (DAY - dt.timedelta(days=2), DAY)


@pytest.mark.parametrize(
    ("anchor", "first", "last"),
    [
        ("202602", dt.date(2026, 2, 1), dt.date(2026, 2, 28)),
        ("2026", dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
        ("20454-20485", dt.date(2026, 1, 1), dt.date(2026, 2, 1)),
    ],
)
def test_a_period_is_when_it_happened(bench: Bench, tmp_path: Path, anchor: str, first: dt.date, last: dt.date) -> None:
    bench.hit("R1", "无此行", 0, table="stock", kind="item_stock_period", subject=f"{OTHER}|X1", anchor=anchor)
    (finding,) = bench.findings(tmp_path)
    assert (finding["occurred_from"], finding["occurred_to"]) == (first, last)
    assert (finding["fixmedins_code"], finding["region"]) == (OTHER, "990102")


def test_a_longer_natural_key_is_joined(bench: Bench, tmp_path: Path) -> None:
    bench.add("drugtracinfo", inf_type="3505", medins_prod_sel_no="V1", drug_trac_codg="T1", bkkp_sn="L1", row_hash=9)
    bench.hit("R1", "3505|V1|T1", 0, table="drugtracinfo")
    bench.publish(tmp_path)
    assert read(tmp_path / "evidence.parquet")[0]["ref_version"] == 9


@pytest.mark.parametrize(
    ("of_rule", "limit", "of_rows", "verdict"),
    [
        ("明确违规", None, ["明确违规"], "明确违规"),
        ("明确违规", None, ["可疑"], "可疑"),
        ("明确违规", "可疑", ["明确违规"], "可疑"),
        ("可疑", None, ["明确违规"], "可疑"),
        ("统计", None, ["明确违规"], "统计"),
        ("明确违规", "线索", ["明确违规"], "线索"),
        ("明确违规", None, ["明确违规", "可疑"], "可疑"),  # two rows: the finding is as sure as its weakest row
        ("明确违规", None, [None], "明确违规"),
    ],
)
def test_a_verdict_is_lowered_never_raised(
    bench: Bench, tmp_path: Path, *, of_rule: str, limit: str | None, of_rows: list[str | None], verdict: str
) -> None:
    bench.settlement("S1", inscp=1000, fund=700)
    for number, of_row in enumerate(of_rows):
        bench.charge(f"L{number}", "S1", 100)
        bench.hit("R1", f"L{number}", 100, subject="P1", kind="person", verdict=of_row)
    (finding,) = bench.findings(tmp_path, rule("R1", of_rule, limit))
    assert finding["verdict"] == verdict


def test_one_row_hit_by_two_points_is_as_sure_as_the_surer(bench: Bench, tmp_path: Path) -> None:
    bench.settlement("S1", inscp=1000, fund=700)
    bench.charge("L1", "S1", 100)
    bench.hit("R1", "L1", 100, point="K2", verdict="可疑", seen="乙")
    bench.hit("R1", "L1", 100, point="K1", verdict="明确违规", seen="甲")
    (finding,) = bench.findings(tmp_path)
    (row,) = read(tmp_path / "evidence.parquet")
    assert (finding["verdict"], row["seen"], row["point"]) == ("明确违规", "乙；甲", "K1,K2")


def test_the_key_survives_a_correction_and_the_id_tells_it(tmp_path: Path) -> None:
    found = []
    for number, (version, seen) in enumerate([(7, "性别=男"), (8, "性别=男"), (7, "性别=女"), (7, "性别=男")]):
        bench = Bench()
        accuse(bench, version=version, seen=seen)
        found += bench.findings(tmp_path / str(number))
    keys, ids = [f["finding_key"] for f in found], [f["finding_id"] for f in found]
    assert len(set(keys)) == 1
    assert len({len(key) for key in keys + ids}) == 1
    assert ids[0] == ids[3]
    assert len(set(ids)) == 3


@pytest.mark.parametrize("changed", ["rule", "subject", "anchor", "kind"])
def test_the_key_is_rule_subject_and_anchor(bench: Bench, tmp_path: Path, changed: str) -> None:
    bench.settlement("S1", inscp=1000, fund=700)
    bench.charge("L1", "S1", 100)
    first = {"rule": "R1", "subject": "P1", "anchor": "a", "kind": "person"}
    for choice in (first, first | {changed: "R2" if changed == "rule" else "encounter"}):
        bench.hit(choice.pop("rule"), "L1", 100, **choice)
    assert len(bench.findings(tmp_path, rule("R1"), rule("R2"))) == 2


def test_equal_rows_in_any_order_give_equal_bytes(tmp_path: Path) -> None:
    folders = []
    for name, step in (("forward", 1), ("backward", -1)):
        bench = Bench()
        for number in list(range(40))[::step]:
            bench.settlement(f"S{number}", inscp=1000, fund=700)
            bench.charge(f"L{number}", f"S{number}", 100)
            for code, other in (("R1", number + 1), ("R2", number + 2))[::step]:
                rows = ((f"L{number}", "accused"), (f"L{other}", "related"), (f"L{other + 9}", "related"))
                for line, role in rows[::step]:
                    bench.hit(code, line, 100, subject=f"L{number}", role=role)
            bench.add("unknown", rule_code="R1", field="gend", ref_table="fee_list_d", ref_key=f"U{number}", day=20600)
        bench.publish(tmp_path / name, rule("R1"), rule("R2"))
        folders.append(tmp_path / name)
    for file in FILES:
        assert (folders[0] / file).read_bytes() == (folders[1] / file).read_bytes()
    assert len(read(folders[0] / "findings.parquet")) == 80


@pytest.mark.parametrize(("rows", "listed"), [(LISTED_SINGLY, True), (LISTED_SINGLY + 1, False)])
def test_what_could_not_be_evaluated_is_counted_and_listed_where_few(
    bench: Bench, tmp_path: Path, rows: int, listed: bool
) -> None:
    for number in [*range(rows), 0]:  # the same row twice counts once
        bench.add(
            "unknown",
            rule_code="R1",
            field="gend",
            ref_table="fee_list_d",
            ref_key=f"L{number}",
            fixmedins_code=INSTITUTION,
            day=20600,
        )
    published = bench.publish(tmp_path)
    found = read(tmp_path / "not_evaluated.parquet")
    assert sum(row["count"] for row in found) == rows == published.rules["R1"]["not_evaluated"]
    assert {row["month"] for row in found} == {f"{DAY:%Y%m}"}
    assert [row["ref_key"] for row in found if row["ref_key"]] == (
        sorted(f"L{n}" for n in range(rows)) if listed else []
    )


def test_every_rule_that_ran_has_its_counts_and_others_no_rows(bench: Bench, tmp_path: Path) -> None:
    accuse(bench)
    bench.hit("R9", "L1", 400)  # not among the rules of this run
    published = bench.publish(tmp_path, rule("R1"), rule("R2"))
    assert (
        published.rules["R1"] | {"findings": 1, "明确违规": 1, "amount_fen": 400, "counted_fen": 400}
        == (published.rules["R1"])
    )
    assert set(published.rules["R2"].values()) == {0}
    assert set(published.rules) == {"R1", "R2"}
    assert {f["rule_code"] for f in read(tmp_path / "findings.parquet")} == {"R1"}


@pytest.mark.parametrize(("regions", "found"), [({"990101"}, ["L1"]), ({"990102"}, ["L2"]), ({""}, ["L3"]), (None, 3)])
def test_only_findings_of_the_places_asked_for(
    bench: Bench, tmp_path: Path, regions: set[str] | None, found: list[str] | int
) -> None:
    bench.settlement("S1", inscp=1000, fund=700)
    for line, settlement, place in (("L1", "S1", INSTITUTION), ("L2", "S0", OTHER), ("L3", "S0", "H无登记")):
        bench.charge(line, settlement, 100, institution=place)
        bench.hit("R1", line, 100)
        bench.add(
            "unknown",
            rule_code="R1",
            field="gend",
            ref_table="fee_list_d",
            ref_key=line,
            fixmedins_code=place,
            day=20600,
        )
    subjects = [f["subject_id"] for f in bench.findings(tmp_path, regions=regions)]
    unknown = [row["ref_key"] for row in read(tmp_path / "not_evaluated.parquet", "ref_key")]
    assert (len(subjects) if found == 3 else subjects) == found
    assert sorted(subjects) == unknown


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "accused"),
    [
        ("2026-05-27", None, True),
        ("2026-05-28", None, False),
        ("2025-01-01", "2026-05-28", True),
        ("2025-01-01", "2026-05-27", False),
    ],
)
def test_a_rule_accuses_only_of_the_days_it_is_valid_on(
    bench: Bench, tmp_path: Path, valid_from: str, valid_to: str | None, accused: bool
) -> None:
    bench.settlement("S1", inscp=1000, fund=700)
    bench.charge("L1", "S1", 100, day=20600)  # 2026-05-27
    bench.hit("R1", "L1", 100)
    some = replace(rule("R1"), valid_from=valid_from, valid_to=valid_to)
    publish(bench.connection, tmp_path, [some], Stamp("run", "k"), limits=LIMITS)
    assert bool(read(tmp_path / "findings.parquet")) is accused
    assert bool(read(tmp_path / "evidence.parquet", "finding_id")) is accused
