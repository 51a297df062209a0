"""A run over a store: answers, the record of the run, equal bytes, faults apart, all or nothing."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from fundguard import law
from fundguard.audit import batch, plans
from fundguard.audit.batch import audit
from fundguard.audit.coverage import Place, coverage
from fundguard.claims.store import Store
from fundguard.errors import Refusal
from fundguard.findings.changes import changes
from fundguard.rules import catalogue
from fundguard.rules.compiler import compile_rules
from tests.audit.conftest import ELSEWHERE, HOSPITAL, WHEN, bring, visit

FILES = ("findings.parquet", "evidence.parquet", "not_evaluated.parquet", "run.json")
RULES = ("N67", "N36", "N12")


def told(out: Path) -> dict[str, Any]:
    return json.loads((out / "run.json").read_text("utf-8"))


def subjects(out: Path) -> list[str]:
    return [s for (s,) in duckdb.sql(f"SELECT subject_id FROM '{out / 'findings.parquet'}' ORDER BY 1").fetchall()]


def test_a_run_accuses_the_guilty_clears_the_rest_and_says_what_it_could_not_judge(
    store: Store, tmp_path: Path
) -> None:
    result = audit(store, tmp_path / "out", rules=RULES)
    assert subjects(tmp_path / "out") == ["L-man"]
    assert (result.findings, result.failed) == (1, ())
    expected = {"findings": 1, "可疑": 1, "amount_fen": 10000, "counted_fen": 10000, "fund_amount_fen": 7000}
    numbers = told(tmp_path / "out")["rules"]["N67"]
    assert numbers | expected | {"not_evaluated": 1} == numbers
    assert told(tmp_path / "out")["rules"]["N36"]["findings"] == 0  # a rule that found nothing is told too
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted([*FILES, "timing.json"])


@pytest.mark.parametrize("origin", ["derived", "parquet"])
def test_the_same_input_gives_the_same_bytes(store: Store, tmp_path: Path, origin: str) -> None:
    first = audit(store, tmp_path / "first", rules=RULES)
    again = audit(store, tmp_path / "again", rules=RULES, origin=origin, threads=1)
    assert first.run_id == again.run_id
    for name in FILES:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_a_corrected_line_is_withdrawn_and_the_former_day_still_told(store: Store, tmp_path: Path) -> None:
    audit(store, tmp_path / "before", rules=RULES)
    bring(store, WHEN.replace(day=12), fee_list_d=visit("man", item="X000")["fee_list_d"])
    result = audit(store, tmp_path / "after", rules=RULES)
    assert result.findings == 0
    (row,) = changes(tmp_path / "before", tmp_path / "after").to_pylist()
    assert (row["change"], row["reason"]) == ("撤回", "数据已更正")
    with pytest.raises(Refusal, match="没有包含上一次"):
        changes(tmp_path / "after", tmp_path / "before")


def test_each_region_runs_its_own_published_rules(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(store, WHEN.replace(day=12), **visit("far", institution=ELSEWHERE))
    local = {code: replace(catalogue.load()[code], regions=("98",) if code == "N36" else ()) for code in RULES}
    monkeypatch.setattr(catalogue, "load", lambda: local)
    audit(store, tmp_path / "all", rules=RULES)
    audit(store, tmp_path / "one", rules=RULES, regions=["98"])
    assert subjects(tmp_path / "all") == ["L-far", "L-man"]
    assert subjects(tmp_path / "one") == ["L-far"]
    assert {code: rule["regions"] for code, rule in told(tmp_path / "all")["rules"].items()} == {
        "N12": ["980101", "990101"],
        "N36": ["980101"],
        "N67": ["980101", "990101"],
    }
    assert sorted(p.name for p in (tmp_path / "all").iterdir()) == sorted([*FILES, "timing.json"])
    compared = changes(tmp_path / "all", tmp_path / "one").to_pylist()
    assert sorted(row["change"] for row in compared) == ["未变", "未重新核查"]


def test_a_failing_rule_is_told_and_stops_no_other(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(rules: Any, knowledge: Any, **where: Any) -> Any:
        plan = compile_rules(rules, knowledge, **where)
        shapes = tuple(
            replace(step, sql="SELECT CAST('张某' AS INTEGER)") if step.name == "data_check" else step
            for step in plan.shapes
        )
        monkeypatch.setattr(type(plan), "alone", lambda _, step: (step,))
        return replace(plan, shapes=shapes)

    monkeypatch.setattr(plans, "compile_rules", broken)
    result = audit(store, tmp_path / "out", rules=RULES)
    rules = told(tmp_path / "out")["rules"]
    (error,) = rules["N36"]["errors"]
    assert (result.failed, rules["N36"]["regions"], error["regions"]) == (("N36",), [], ["990101"])
    assert "张某" not in json.dumps(error, ensure_ascii=False)
    assert subjects(tmp_path / "out") == ["L-man"]


def test_a_rule_whose_parameter_is_unset_somewhere_runs_elsewhere(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(store, WHEN.replace(day=12), **visit("far", institution=ELSEWHERE))
    known = law.periods

    def unset_in_98(key: str, *, region: str = "", **where: Any) -> tuple[law.Period, ...]:
        if region.startswith("98"):
            raise Refusal("该参数未设定", where=key, remedy="请先设定。")
        return known(key, region=region, **where)

    monkeypatch.setattr(law, "periods", unset_in_98)
    result = audit(store, tmp_path / "out", rules=("N67", "N49"))
    rule = told(tmp_path / "out")["rules"]["N49"]
    assert (result.failed, rule["regions"]) == (("N49",), ["990101"])
    assert [(e["regions"], e["what"]) for e in rule["errors"]] == [(["980101"], "该参数未设定")]
    assert subjects(tmp_path / "out") == ["L-far", "L-man"]


def test_days_for_which_nobody_set_a_parameter_are_told(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (known,) = law.periods("n49.interval")
    early, late = dt.date(2026, 1, 1), dt.date(2026, 4, 1)
    given = (replace(known, until=early), replace(known, since=late, until=dt.date(2026, 5, 5)))
    monkeypatch.setattr(law, "periods", lambda key, **where: given)
    audit(store, tmp_path / "out", rules=("N67", "N49"))
    rules = told(tmp_path / "out")["rules"]
    assert [(gap["first"], gap["last"]) for gap in rules["N49"]["unset"]] == [
        ("2026-01-01", "2026-03-31"),
        ("2026-05-05", f"{WHEN:%Y-%m-%d}"),
    ]
    assert (rules["N67"]["unset"], rules["N49"]["regions"]) == ([], ["990101"])


def test_what_was_checked_of_an_encounter(store: Store, tmp_path: Path) -> None:
    audit(store, tmp_path / "out", rules=RULES)
    where = {"region": "990101", "fixmedins_code": HOSPITAL, "months": {"202605"}}
    reading = duckdb.connect()
    unknown = coverage(reading, tmp_path / "out", Place(keys={"M-unknown", "L-unknown"}, **where))
    man = coverage(reading, tmp_path / "out", Place(keys={"M-man", "L-man"}, **where))
    assert [(gap.rule_code, gap.field, gap.count, gap.certain) for gap in unknown.gaps] == [("N67", "gend", 1, True)]
    assert "性别" in unknown.gaps[0].sentence
    assert man.gaps == ()
    assert [code for code, _ in man.checked] == sorted(RULES)
    elsewhere = coverage(reading, tmp_path / "out", Place(keys=set(), **where | {"region": "980101"}))
    assert [code for code, _ in elsewhere.unchecked] == sorted(RULES)


@pytest.mark.parametrize(
    ("chosen", "says"),
    [({"rules": ["N99"]}, "没有这条规则"), ({"regions": ["33"]}, "没有可运行的规则"), ({}, "已有内容")],
)
def test_a_run_that_cannot_be_says_why(store: Store, tmp_path: Path, chosen: dict[str, Any], says: str) -> None:
    out = tmp_path / "out"
    if not chosen:
        out.mkdir()
        (out / "keep").touch()
    before = sorted(out.iterdir()) if out.exists() else None
    with pytest.raises(Refusal, match=says):
        audit(store, out, **chosen)
    assert (sorted(out.iterdir()) if out.exists() else None) == before


def test_an_empty_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="没有结算信息"):
        audit(Store.create(tmp_path / "store"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_cancelling_leaves_nothing(store: Store, tmp_path: Path) -> None:
    def stop(done: int, total: int, name: str) -> None:
        if done > 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audit(store, tmp_path / "out", rules=RULES, progress=stop)
    assert [p.name for p in tmp_path.iterdir()] == ["store"]


def _hang(store: Path, out: Path) -> None:
    def wait(done: int, total: int, name: str) -> None:
        if done > 2:
            (out.parent / "reached").touch()
            time.sleep(60)

    audit(Store.open(store), out, rules=RULES, progress=wait)


@pytest.mark.kill
def test_a_killed_run_leaves_no_result_and_the_next_works(store: Store, tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_hang, args=(store.root, tmp_path / "out"))
    process.start()
    while process.is_alive() and not (tmp_path / "reached").exists():
        time.sleep(0.05)
    with pytest.raises(Refusal, match="另一次核查"):
        audit(store, tmp_path / "out", rules=RULES)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    assert not (tmp_path / "out").exists()
    assert audit(store, tmp_path / "out", rules=RULES).findings == 1
    assert {p.name for p in tmp_path.iterdir()} == {"store", "out", "reached"}


def test_the_law_is_of_the_days_of_the_data(store: Store, tmp_path: Path) -> None:
    audit(store, tmp_path / "out", rules=RULES)
    assert told(tmp_path / "out")["inputs"]["law_day"] == f"{WHEN:%Y-%m-%d}"


def test_progress_names_each_step(store: Store, tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    audit(store, tmp_path / "out", rules=RULES, progress=lambda *step: seen.append(step))
    assert seen[-1][0] == seen[-1][1]
    assert {"attribute_limit", "data_check"} <= {name for _, _, name in seen}
    timing = json.loads((tmp_path / "out" / "timing.json").read_text("utf-8"))
    assert [step["name"] for step in timing["steps"]][-1] == batch.PUBLISHING
