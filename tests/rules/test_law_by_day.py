"""A law parameter is the one of the day of the conduct: what changes amid the data judges either side apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rule_runs import answers_of, loaded, run
from test_engines_agree import bench_of

from fundguard import knowledge
from fundguard.errors import Refusal
from fundguard.rules import catalogue, compiler
from fundguard.rules.examples import Example, read_story, stored_tables

#: From May on the interval is 5 days instead of 15, in June nobody has set one. From 10 May on two visits a month are
#: enough instead of four, from June on nine.
CHANGED = """
n49.interval:
  name: 分解住院：同机构相邻两次住院的间隔
  unit: days
  applies_on: conduct
  values:
    - {from: 2021-05-01, value: 15, tag: X, set_by: agreement}
    - {from: 2026-05-01, value: 5, tag: X, set_by: agreement}
    - {from: 2026-06-01, tag: X}
n50.visits_per_month:
  name: 频繁门诊：一自然月门诊次数
  unit: count
  applies_on: conduct
  values:
    - {from: 2021-05-01, value: 4, tag: X, set_by: agreement}
    - {from: 2026-05-10, value: 2, tag: X, set_by: agreement}
    - {from: 2026-06-01, value: 9, tag: X, set_by: agreement}
"""
STAYS = [
    {"编号": "三月", "方式": "住院", "开始": "2026-03-01", "结束": "2026-03-05"},
    {"编号": "三月隔十天", "方式": "住院", "开始": "2026-03-15", "结束": "2026-03-18"},
    {"编号": "四月底", "方式": "住院", "开始": "2026-04-20", "结束": "2026-04-25"},
    {"编号": "四月最后一天", "方式": "住院", "开始": "2026-04-30", "结束": "2026-04-30"},
    {"编号": "五月隔十天", "方式": "住院", "开始": "2026-05-10", "结束": "2026-05-12"},
    {"编号": "五月隔三天", "方式": "住院", "开始": "2026-05-15", "结束": "2026-05-30"},
    {"编号": "六月隔三天", "方式": "住院", "开始": "2026-06-02", "结束": "2026-06-03"},
]
ACCUSED_STAYS = {"三月隔十天", "四月最后一天", "五月隔三天"}
DAYS = {4: (1, 8, 20, 21), 5: (1, 2, 3, 10, 11), 6: (1, 2, 3, 4, 5)}
VISITS = [
    {"编号": f"{month}月{day}", "开始": f"2026-0{month}-{day:02d}"} for month, days in DAYS.items() for day in days
]
ACCUSED_VISITS = {"5月10", "5月11"}


@pytest.fixture
def changed(tmp_path: Path) -> tuple[Path, ...]:
    (tmp_path / "changed.yaml").write_text(CHANGED, "utf-8")
    return (tmp_path,)


def story(code: str) -> Example:
    return read_story(code, 1, {"名称": "参数中途变化", "就诊": STAYS if code == "N49" else VISITS})


def plan(code: str, overlays: tuple[Path, ...]) -> compiler.Plan:
    return compiler.compile_rules([catalogue.load()[code]], knowledge.load(), region="990101", overlays=overlays)


@pytest.mark.parametrize(("code", "accused"), [("N49", ACCUSED_STAYS), ("N50", ACCUSED_VISITS)])
def test_each_charge_is_judged_by_the_value_of_its_own_day(
    code: str, accused: set[str], changed: tuple[Path, ...]
) -> None:
    given = plan(code, changed)
    connection = loaded(given, [story(code)])
    run(connection, (*given.staging, *given.shapes, *given.closing))
    assert {key.removeprefix(f"{code}-1-") for _, key in answers_of(connection).verdict} == accused


@pytest.mark.parametrize("code", ["N49", "N50"])
def test_sqlite_reads_the_same_days(code: str, changed: tuple[Path, ...]) -> None:
    given = plan(code, changed)
    duck = loaded(given, [story(code)])
    run(duck, (*given.staging, *given.shapes, *given.closing))
    with bench_of(given) as bench:
        lite = bench.judge(stored_tables([story(code)])).rows["hit"]
    rows = duck.execute("SELECT * FROM hit").fetchall()
    assert sorted(rows, key=repr) == sorted(lite, key=repr) != []


def test_a_knowledge_row_stands_once_for_each_span_of_its_parameters(changed: tuple[Path, ...]) -> None:
    table = plan("N49", changed).tables["k_readmission"].to_pydict()
    assert table["days"] == [15, 5]
    assert table["to_day"] == [table["from_day"][1], 20605]  # 2026-06-01


def test_a_shape_that_reads_no_days_takes_no_law_parameter() -> None:
    rule = replace(catalogue.load()["L003"], parameters={"stay_days_after": {"law": "n49.interval"}})
    with pytest.raises(Refusal, match="不按日取值"):
        compiler.compile_rules([rule], knowledge.load(), region="990101")


@pytest.mark.parametrize("code", sorted(catalogue.load()))
def test_every_rule_with_a_law_parameter_has_a_shape_that_reads_days(code: str) -> None:
    rule = catalogue.load()[code]
    if any(isinstance(value, dict) for value in rule.parameters.values()):
        assert compiler.shapes()[rule.shape].by_day
