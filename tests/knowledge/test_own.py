"""Points that a rule brings with it: read line by line, laid over the knowledge for this rule alone."""

from __future__ import annotations

from datetime import date

import pytest

from fundguard.errors import Refusal
from fundguard.knowledge import load
from fundguard.knowledge.own import read_own, takes_own, with_own

DAY = date(2026, 1, 1)


def test_points_are_laid_over_for_their_rule_alone() -> None:
    points = read_own("L501", "cycle", "检查一;A00001 A00002;days=30 times=1\n\n检查二；B00001；days=7 times=2\n", DAY)
    assert [(one.point_id, one.codes) for one in points] == [
        ("X-501-900001", ("A00001", "A00002")),
        ("X-501-900002", ("B00001",)),
    ]
    base = load()
    known = with_own(base, "cycle", points)
    rows = [row for row in known.tables["cycle"].to_pylist() if row["rule_code"] == "L501"]
    assert [(row["med_list_codg"], row["days"], row["times"]) for row in rows] == [
        ("A00001", 30, 1),
        ("A00002", 30, 1),
        ("B00001", 7, 2),
    ]
    assert known.version != base.version
    assert known.tables["cycle"].num_rows == base.tables["cycle"].num_rows + 3
    assert with_own(base, "cycle", ()) is base


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("cycle", "检查;A00001"),
        ("cycle", "检查;a'; DROP TABLE hit;days=1 times=1"),
        ("cycle", "检查;A00001;days=0 times=1"),
        ("cycle", "检查;A00001;days=eins times=1"),
        ("cycle", "检查;A00001;days=1"),
        ("cycle", "检查;A00001;days=1 times=1 column=2"),
        ("limit", "药;A00001;sex=3"),
        ("pair", "甲含乙;A00001;"),
        ("mismatch", "药;A00001;"),
        ("cycle", "检查;A00001;days=1 times=1\n" * 501),
    ],
)
def test_what_is_no_point_is_refused_with_its_line(table: str, text: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_own("L501", table, text, DAY)
    assert refused.value.remedy
    assert refused.value.where.startswith("知识点")


def test_only_tables_of_one_line_take_them() -> None:
    assert takes_own("cycle")
    assert not any(takes_own(name) for name in ("none", "pair", "mismatch"))
