"""What-if: the same data twice, compared; nothing published is touched, a cancelled one leaves nothing."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from fundguard.audit.backtest import LET_OFF, NEWLY_HIT, Side, backtest, read_comparison
from fundguard.audit.batch import audit
from fundguard.audit.plans import chosen, where_published
from fundguard.audit.settings import change, read_settings, settable
from fundguard.audit.versions import everywhere, of_rules
from fundguard.claims.store import Store
from fundguard.errors import Refusal
from fundguard.knowledge import of_region
from fundguard.rules import catalogue
from tests.audit.conftest import WHEN, bring, together, visit

EVERY_60_DAYS = "002503020030000"
RULES = ("N31", "N67")


@pytest.fixture
def repeated(tmp_path: Path) -> Store:
    """One person had a test every 40 days: within the 60 days of its cycle, beyond 30."""
    made = Store.create(tmp_path / "store")
    for number in range(2):
        when = WHEN + dt.timedelta(days=40 * number)
        one = visit(f"test{number}", item=EVERY_60_DAYS)
        one["fee_list_d"][0] |= {"fee_ocur_time": when, "psn_no": "psn-same"}
        one["mdtrt_d"][0] |= {"begntime": when, "endtime": when, "psn_no": "psn-same"}
        one["setl_d"][0] |= {"setl_time": when, "psn_no": "psn-same"}
        one["psn_info_b"][0] |= {"psn_no": "psn-same"}
        bring(made, when, **together(one, visit(f"man{number}")) if number == 0 else one)
    return made


def tried(store: Store, out: Path, *texts: str, **options: object):
    rules = chosen(RULES)
    settings = read_settings(texts, rules)
    return backtest(store, out, *of_rules(rules, settings), settings=settings, **options)


def test_a_longer_and_a_shorter_cycle(repeated: Store, tmp_path: Path) -> None:
    told = tried(repeated, tmp_path / "out", "N31.days=30").rules["N31"]
    assert (told["as_is"]["findings"], told["changed"]["findings"]) == (1, 0)
    assert (
        told["as_is"] | {"persons": 1, "institutions": 1, "counted_fen": 10000, "review_minutes": 20} == told["as_is"]
    )
    assert told["moved"][LET_OFF] == {"findings": 1, "counted_fen": -10000}
    assert told["moved"][NEWLY_HIT]["findings"] == 0
    kept = read_comparison(tmp_path / "out")
    assert kept.rules["N31"] == told
    assert kept.total["as_is"]["findings"] == 2  # N67 stands on both sides
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "as_is",
        "changed",
        "comparison.json",
        "moved.parquet",
    ]
    ((move, fen),) = duckdb.sql(f"SELECT move, as_is_fen FROM '{tmp_path / 'out' / 'moved.parquet'}'").fetchall()
    assert (move, fen) == (LET_OFF, 10000)


def test_determinations_tell_what_would_be_lost(repeated: Store, tmp_path: Path) -> None:
    audit(repeated, tmp_path / "run", rules=RULES)
    found = f"'{tmp_path / 'run' / 'findings.parquet'}'"
    upheld, rejected = tmp_path / "upheld.csv", tmp_path / "rejected.parquet"
    duckdb.sql(f"COPY (SELECT finding_key, 1 AS upheld FROM {found}) TO '{upheld}' (HEADER)")
    duckdb.sql(f"COPY (SELECT finding_key, 0 AS upheld FROM {found}) TO '{rejected}'")
    lost = tried(repeated, tmp_path / "lost", "N31.days=30", judged=upheld)
    assert lost.blocked
    assert lost.rules["N31"]["judged"]["true_lost"] == 1
    better = tried(repeated, tmp_path / "better", "N31.days=30", judged=rejected)
    assert not better.blocked
    assert better.rules["N31"]["judged"] | {"false_let_off": 1, "agreement_e4": 10000} == better.rules["N31"]["judged"]
    none = Side(lambda region: [r for r in chosen(RULES) if r.code == "N67"])
    again = backtest(repeated, tmp_path / "again", none, Side(where_published(chosen(RULES))), judged=rejected)
    assert again.blocked
    assert again.total["judged"]["false_new"] == 1


def test_a_draft_is_tried_against_nothing_and_stays_apart(store: Store, tmp_path: Path) -> None:
    draft = replace(catalogue.load()["N67"], state="draft")
    told = backtest(store, tmp_path / "out", None, Side(everywhere([draft]))).rules["N67"]
    assert (told["as_is"]["findings"], told["moved"][NEWLY_HIT]["findings"]) == (0, 1)
    as_is, changed = of_rules([draft])
    assert as_is is None
    assert changed.rules("980101") == (draft,)


def test_cancelling_leaves_nothing(store: Store, tmp_path: Path) -> None:
    seen: list[int] = []

    def cancel(done: int, total: int, name: str) -> None:
        seen.append(done)
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tried(store, tmp_path / "out", "N31.days=30", progress=cancel)
    assert seen == sorted(seen)
    assert [p.name for p in tmp_path.iterdir()] == ["store"]


def test_another_version_as_data(tmp_path: Path) -> None:
    rules = chosen(["N49"])
    file = tmp_path / "N49.yaml"
    text = (Path(catalogue.__file__).parent / "management" / "N49.yaml").read_text("utf-8")
    file.write_text(text.replace("version: 1", "version: 2"), "utf-8")
    _, changed = of_rules(rules, (), file)
    assert [rule.version for rule in changed.rules("990101")] == [2]
    with pytest.raises(Refusal, match="另一版本"):
        of_rules(chosen(["N31"]), (), file)
    file.write_text("[]", "utf-8")
    with pytest.raises(Refusal, match="读不出"):
        of_rules(rules, (), file)


@pytest.mark.parametrize(
    "text",
    ["days", "days=", "N99.days=3", "N31.day=3", "N31.days=drei", "N31.days=0", "N31.days=99999999999", "N67.sex=3"],
)
def test_what_is_no_setting_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_settings([text], chosen(RULES))
    assert refused.value.remedy


def test_a_setting_changes_the_rule_or_its_points_and_their_versions() -> None:
    (rule,) = chosen(["N49"])
    assert set(settable(rule)) == {"days", "same_diagnosis"}
    (changed,), same = change([rule], of_region, read_settings(["days=7"], [rule]))
    assert (changed.parameters["days"], same) == (7, of_region)
    assert changed.content_hash != rule.content_hash
    (cycle,) = chosen(["N31"])
    (kept,), knowledge = change([cycle], of_region, read_settings(["days=7"], [cycle]))
    assert kept == cycle
    rows = knowledge("990101").tables["cycle"].to_pylist()
    assert {row["days"] for row in rows if row["rule_code"] == "N31"} == {7}
    assert knowledge("990101").version != of_region("990101").version
    assert knowledge("990101") is knowledge("990101")


def test_a_file_of_determinations_without_its_columns_is_refused(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("key,answer\n1,1\n", "utf-8")
    with pytest.raises(Refusal, match="以往认定"):
        tried(store, tmp_path / "out", "N31.days=30", judged=file)
    assert not (tmp_path / "out").exists()


def test_versions_of_a_rule_run_each_in_its_region(store: Store, tmp_path: Path) -> None:
    bring(store, WHEN.replace(day=12), **visit("far", institution="H98010100001"))
    rule = catalogue.load()["N67"]
    later = replace(rule, version=2, content_hash="0" * 32)
    audit(store, tmp_path / "out", rules=lambda region: [later if region.startswith("98") else rule])
    told = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["rules"]["N67"]
    assert told["version"] == 2
    assert [(one["version"], one["regions"]) for one in told["versions"]] == [(1, ["990101"]), (2, ["980101"])]
    rows = duckdb.sql(
        f"SELECT region, rule_version FROM '{tmp_path / 'out' / 'findings.parquet'}' ORDER BY 1"
    ).fetchall()
    assert rows == [("980101", 2), ("990101", 1)]


def test_a_rule_of_a_group_and_a_narrower_one(store: Store, tmp_path: Path) -> None:
    rule = catalogue.load()["N67"]

    def found(name: str, **changes: object) -> int:
        return audit(store, tmp_path / name, rules=lambda region: [replace(rule, **changes)]).findings

    assert found("own", institutions=("H99010100001",)) == 1
    assert found("other", institutions=("H99010100002",)) == 0
    assert found("excepted", excepted={"fixmedins_code": ("H99010100001",)}) == 0
    evidence = f"'{tmp_path / 'own' / 'evidence.parquet'}'"
    ((point,),) = duckdb.sql(f"SELECT DISTINCT point FROM {evidence} WHERE role = 'accused'").fetchall()
    assert found("point", excepted={"point": tuple(point.split(","))}) == 0
    assert found("another", excepted={"point": ("D-001-0001",)}) == 1
