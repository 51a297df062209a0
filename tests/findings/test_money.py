"""Money of a finding: amounts on in-scope fen, fund loss rounded half up, shares counted once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.findings.conftest import Bench, rule


@pytest.mark.parametrize(
    ("amount", "settled", "loss"),
    [
        (1000, (10000, 7000), 700),
        (1, (2, 1), 1),  # half a fen goes up
        (1, (3, 1), 0),  # a third of a fen goes down
        (5, (10, 3), 2),  # 1.5 goes up
        (10000, (10000, 7000), 7000),
        (10000, (7000, 7000), 7000),  # never above what the fund paid
        (900_000_000_000_000, (900_000_000_000_000, 800_000_000_000_000), 800_000_000_000_000),  # beyond 64 bits inside
    ],
)
def test_fund_loss_is_the_funds_share_rounded_half_up(
    bench: Bench, tmp_path: Path, amount: int, settled: tuple[int, int], loss: int
) -> None:
    bench.settlement("S1", inscp=settled[0], fund=settled[1])
    bench.charge("L1", "S1", amount)
    bench.hit("R1", "L1", amount)
    (finding,) = bench.findings(tmp_path)
    assert (finding["amount_fen"], finding["fund_amount_fen"]) == (amount, loss)


@pytest.mark.parametrize(
    ("way", "med_type", "loss"),
    [
        ("01", "21", 700),
        ("02", "21", None),  # paid by disease group: 损失待核
        ("02", "11", None),
        (None, "11", 700),  # outpatient care is paid by item
        (None, "41", 700),
        (None, "21", None),  # how this stay was paid is unknown
        (None, "2101", None),
        (None, "52", None),
    ],
)
def test_loss_is_unset_unless_paid_by_item(
    bench: Bench, tmp_path: Path, way: str | None, med_type: str, loss: int | None
) -> None:
    bench.settlement("S1", inscp=10000, fund=7000, way=way, med_type=med_type)
    bench.charge("L1", "S1", 1000)
    bench.hit("R1", "L1", 1000)
    (finding,) = bench.findings(tmp_path)
    assert (finding["amount_fen"], finding["fund_amount_fen"]) == (1000, loss)


def test_loss_is_computed_per_settlement_and_summed(bench: Bench, tmp_path: Path) -> None:
    bench.settlement("S1", inscp=2, fund=1)
    bench.settlement("S2", inscp=2, fund=1)
    for line, settlement in (("L1", "S1"), ("L2", "S2")):
        bench.charge(line, settlement, 1)
        bench.hit("R1", line, 1, subject="P1", kind="person")
    (finding,) = bench.findings(tmp_path)
    assert (finding["amount_fen"], finding["fund_amount_fen"]) == (2, 2)  # 0.5 + 0.5, each rounded up


def test_one_settlement_not_by_item_leaves_the_whole_loss_unset(bench: Bench, tmp_path: Path) -> None:
    bench.settlement("S1", inscp=100, fund=50)
    bench.settlement("S2", inscp=100, fund=50, way="02", med_type="21")
    for line, settlement in (("L1", "S1"), ("L2", "S2")):
        bench.charge(line, settlement, 10)
        bench.hit("R1", line, 10, subject="P1", kind="person")
    (finding,) = bench.findings(tmp_path)
    assert finding["fund_amount_fen"] is None


def test_an_encounters_amount_is_spread_over_its_settlements(bench: Bench, tmp_path: Path) -> None:
    bench.settlement("S1", inscp=300, fund=300, mdtrt_id="M1")
    bench.settlement("S2", inscp=100, fund=0, mdtrt_id="M1")
    bench.hit("R1", "M1", 101, table="mdtrt_d", kind="encounter")
    (finding,) = bench.findings(tmp_path)
    assert (finding["amount_fen"], finding["fund_amount_fen"], finding["counted_fen"]) == (101, 75, 101)


@pytest.mark.parametrize(("payable", "fen", "amount"), [(1, 900, 500), (1, 300, 300), (1, -5, 0), (0, 300, 0)])
def test_a_line_is_accused_of_its_net_amount_at_most_and_of_nothing_unpaid(
    bench: Bench, tmp_path: Path, payable: int, fen: int, amount: int
) -> None:
    bench.settlement("S1", inscp=1000, fund=700)
    bench.charge("L1", "S1", 500, payable=payable)
    bench.hit("R1", "L1", fen)
    (finding,) = bench.findings(tmp_path)
    assert (finding["amount_fen"], finding["counted_fen"]) == (amount, amount)


def test_two_points_on_one_row_count_its_money_once(bench: Bench, tmp_path: Path) -> None:
    bench.settlement("S1", inscp=1000, fund=700)
    bench.charge("L1", "S1", 500)
    bench.hit("R1", "L1", 200, point="K2", seen="乙")
    bench.hit("R1", "L1", 300, point="K1", seen="甲")
    (finding,) = bench.findings(tmp_path)
    assert finding["amount_fen"] == 300


def test_money_outside_settlements_has_no_known_loss(bench: Bench, tmp_path: Path) -> None:
    bench.add("sale_3505", medins_prod_sel_no="V1", fixmedins_code="H99010100001", sel_retn_time_day=20600)
    bench.hit("R1", "V1", 400, table="sale_3505", kind="item_stock_period", subject="H99010100001|X1|202605")
    (finding,) = bench.findings(tmp_path)
    assert (finding["amount_fen"], finding["fund_amount_fen"], finding["counted_fen"]) == (400, None, 400)


def test_a_sale_counts_on_the_line_it_belongs_to(bench: Bench, tmp_path: Path) -> None:
    bench.settlement("S1", inscp=1000, fund=700)
    bench.charge("L1", "S1", 1000)
    bench.add("sale_3505", medins_prod_sel_no="V1", setl_id="S1", bkkp_sn="L1", sel_retn_time_day=20600)
    bench.hit("R1", "L1", 1000)
    bench.hit("R2", "V1", 300, table="sale_3505")
    found = bench.findings(tmp_path, rule("R1"), rule("R2", "可疑"))
    assert [(f["fund_amount_fen"], f["counted_fen"]) for f in found] == [(700, 1000), (210, 0)]


@pytest.mark.parametrize(
    ("hits", "counted"),
    [
        # rule, verdict, fen on the one line of 1000 fen → share
        ([("R1", "可疑", 1000), ("R2", "明确违规", 400)], {"R1": 600, "R2": 400}),  # certain before suspect
        ([("R1", "可疑", 400), ("R2", "可疑", 1000)], {"R1": 0, "R2": 1000}),  # then the larger
        ([("R2", "可疑", 700), ("R1", "可疑", 700)], {"R1": 700, "R2": 0}),  # then the rule code
        ([("R1", "统计", 1000), ("R2", "可疑", 600), ("R3", "明确违规", 300)], {"R1": 400, "R2": 300, "R3": 300}),
        ([("R1", "明确违规", 1000), ("R2", "明确违规", 1000), ("R3", "可疑", 1000)], {"R1": 1000, "R2": 0, "R3": 0}),
    ],
)
def test_a_line_hit_by_several_rules_is_counted_once(
    bench: Bench, tmp_path: Path, hits: list[tuple[str, str, int]], counted: dict[str, int]
) -> None:
    bench.settlement("S1", inscp=1000, fund=700)
    bench.charge("L1", "S1", 1000)
    for code, verdict, fen in hits:
        bench.hit(code, "L1", fen, verdict=verdict)
    found = bench.findings(tmp_path, *(rule(code, verdict) for code, verdict, _ in hits))
    assert {finding["rule_code"]: finding["counted_fen"] for finding in found} == counted
    assert sum(counted.values()) <= 1000


@pytest.mark.parametrize(
    ("whole_verdict", "counted"),
    [
        ("可疑", {"R1": 1000, "R2": 2000, "R3": 500}),  # the stay counts what its accused lines leave
        ("明确违规", {"R1": 3500, "R2": 0, "R3": 0}),  # the stay comes first: its lines are inside it
    ],
)
def test_a_whole_stay_and_its_lines_are_counted_once(
    bench: Bench, tmp_path: Path, whole_verdict: str, counted: dict[str, int]
) -> None:
    bench.settlement("S1", inscp=3500, fund=3000, med_type="21", mdtrt_id="M1")
    bench.charge("L1", "S1", 2000, mdtrt_id="M1")
    bench.charge("L2", "S1", 500, mdtrt_id="M1")
    bench.hit("R1", "M1", 3500, table="mdtrt_d", kind="encounter", verdict=whole_verdict)
    bench.hit("R2", "L1", 2000)
    bench.hit("R3", "L2", 500)
    others = "明确违规" if whole_verdict == "可疑" else "可疑"
    rules = (rule("R1", whole_verdict), rule("R2", others), rule("R3", others))
    found = bench.findings(tmp_path, *rules)
    assert {finding["rule_code"]: finding["counted_fen"] for finding in found} == counted
