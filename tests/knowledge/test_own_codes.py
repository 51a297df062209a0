"""A rule's own point may name several codes in one limit: each of them counts, as in the files of the knowledge."""

from __future__ import annotations

from datetime import date

import pytest

from fundguard import knowledge
from fundguard.errors import Refusal
from fundguard.knowledge.own import read_own, with_own

SINCE = date(2026, 1, 1)


def test_each_of_several_codes_is_a_row() -> None:
    points = read_own("L901", "need", "造影剂;XA00000000001 XA00000000002;needs=002103|002103009 window=day", SINCE)
    rows = with_own(knowledge.load(), "need", points).tables["need"].to_pylist()
    told = {(row["med_list_codg"], row["needs"]) for row in rows if row["rule_code"] == "L901"}
    assert told == {(item, other) for item in ("XA00000000001", "XA00000000002") for other in ("002103", "002103009")}


def test_a_pair_with_exceptions_has_a_row_for_each() -> None:
    limits = "window=day keep=a unless=003310|003320"
    points = read_own("L901", "pair", f"甲与乙;001103000010000 001102000030000;{limits}", SINCE)
    rows = with_own(knowledge.load(), "pair", points).tables["pair"].to_pylist()
    own = [(r["code_a"], r["code_b"], r["unless"]) for r in rows if r["rule_code"] == "L901"]
    assert own == [("001103000010000", "001102000030000", other) for other in ("003310", "003320")]


def test_a_code_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(Refusal, match="取值不在允许范围内"):
        read_own("L901", "need", "造影剂;XA00000000001;needs=002103、002104 window=day", SINCE)
