"""The problem list: every item says how it is checked, and enough of what charges show is."""

from __future__ import annotations

import pytest

from fundguard import knowledge
from fundguard.rules import catalogue


def test_a_row_stands_for_the_items_it_names() -> None:
    told = knowledge.problems()
    assert {n: told[n].items for n in ("16", "96–99", "131/132", "药14/15")} == {
        "16": 1, "96–99": 4, "131/132": 2, "药14/15": 2,
    }  # fmt: skip


def test_at_least_sixty_items_that_charges_show_are_checked() -> None:
    checked = [one for one in knowledge.problems().values() if one.checked and "A" in one.evidence]
    assert sum(one.items for one in checked) >= 60


def test_what_an_item_names_exists_and_may_run() -> None:
    known, rules = knowledge.load(), catalogue.load()
    for one in knowledge.problems().values():
        for point in one.points:
            assert known.points[point].status == "usable", (one.number, point)
        for code in (*one.rules, *(known.points[p].rule_code for p in one.points)):
            assert rules[code].state == "published", (one.number, code)


def test_every_point_typed_from_the_list_belongs_to_an_item_and_accuses_nobody_firmly() -> None:
    named = {point for one in knowledge.problems().values() for point in one.points}
    for point in knowledge.load().points.values():
        if point.batch == "PL-2025":
            rule = catalogue.load()[point.rule_code]
            assert rule.gravest == "可疑"
            assert not point.firm
            assert point.point_id in named or any(rule.code in one.rules for one in knowledge.problems().values())


def test_a_region_adds_points_to_an_item_without_a_code(tmp_path) -> None:
    assert not knowledge.problems()["11"].checked
    (tmp_path / "problem_point.csv").write_text("number,point_id\n11,S-101-0001\n", "utf-8")
    assert knowledge.problems(tmp_path)["11"].points == ("S-101-0001",)


@pytest.mark.parametrize(("number", "state"), [("11", True), ("16", False), ("3", False), ("55", False)])
def test_only_what_charges_would_show_waits_for_a_code(number: str, state: bool) -> None:
    assert knowledge.problems()[number].uncoded is state
