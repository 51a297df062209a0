"""A set of codes is written by the beginnings of its codes; what begins with the last of a range is still in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fundguard import knowledge
from fundguard.errors import Refusal
from fundguard.knowledge import code_ranges


def within(text: str, code: str) -> bool:
    return any(first <= code < last for first, last in code_ranges(text, "x"))


@pytest.mark.parametrize("code", ["E10.900", "E14.900x001", "E12", "K25.400"])
def test_codes_that_begin_so_are_in(code: str) -> None:
    assert within("E10-E14|K25.4", code)


@pytest.mark.parametrize("code", ["E09.900", "E15.x00", "K25.300", "K25.500", "K25", "J18.900"])
def test_the_neighbours_are_out(code: str) -> None:
    assert not within("E10-E14|K25.4", code)


@pytest.mark.parametrize("text", ["", "E10|", "E14-E10", "e10", "E10 E11", "E10,E11", "：E10"])
def test_a_malformed_set_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="编码范围不合规范"):
        code_ranges(text, "code_set.csv 第2行 codes")


POINT = "point_id,rule_code,name,batch,valid_from,valid_to,status,derived_by,signed_1,signed_2,initials"


def test_a_code_of_the_record_must_say_of_whom(tmp_path: Path) -> None:
    (tmp_path / "point.csv").write_text(f"{POINT}\nX-054-9901,N54,甲,L,2026-01-01,,usable,list,,,j\n", "utf-8")
    file = tmp_path / "record_code.csv"
    file.write_text("point_id,source,codes,sex,age_from_years,age_to_years\nX-054-9901,diagnosis,C61,,,\n", "utf-8")
    with pytest.raises(Refusal, match="没有限定性别或年龄"):
        knowledge.load(tmp_path)
    file.write_text(file.read_text("utf-8").replace("C61,,,", "C61,1,,"), "utf-8")
    (row,) = knowledge.load(tmp_path).tables["record_code"].to_pylist()
    assert (row["point_id"], row["codes"], row["sex"]) == ("X-054-9901", "C61", "1")


def test_the_knowledge_of_the_nation_has_no_codes_of_our_own() -> None:
    """Diagnoses and departments are the synthetic region's; elsewhere such a rule accuses nobody."""
    assert knowledge.of_region("110000").tables["code_set"].num_rows == 0
    assert knowledge.of_region("990101").tables["code_set"].num_rows > 0
