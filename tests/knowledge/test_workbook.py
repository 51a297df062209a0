"""The official workbook: what it says becomes drafts; a fault is refused by sheet, row and cell, with what to do."""

import pytest

from fundguard.errors import Refusal
from fundguard.knowledge.workbook import read_official
from tests.knowledge.books import CODES, DETAIL, GOOD, PAIRS, SEXES, book, changed


def test_points_limits_and_codes_are_read_below_the_titles_and_above_the_sum(tmp_path):
    first, second = read_official(book(tmp_path / "b.xlsx", GOOD), "N10")
    assert (first.name, first.codes) == ("甲药片", ("XA00000000001", "XA00000000002"))
    assert (first.table, dict(first.limit)) == ("course", {"days": "7", "scope": "encounter"})
    assert first.derived_by == "prose"
    assert (second.table, second.codes) == ("", ("XA00000000003",))  # what the words do not tell is never guessed
    assert first.place == f"工作表“{DETAIL}”第5行 B5"


def test_pairs_and_single_sheets_are_read(tmp_path):
    [pair] = read_official(book(tmp_path / "p.xlsx", {DETAIL: PAIRS}), "N25")
    assert (pair.codes, pair.limit["window"]) == (("009900000010000", "009900000020000"), "day")
    assert pair.names == {"009900000010000": "甲项目", "009900000020000": "乙项目"}
    [sex] = read_official(book(tmp_path / "s.xlsx", {DETAIL: SEXES}), "N81")
    assert (sex.table, dict(sex.limit), sex.letter) == ("limit", {"sex": "2"}, "S")


FAULTS = [
    ({DETAIL: GOOD[DETAIL]}, "缺少工作表", f"工作表“{CODES}”"),
    ({CODES: GOOD[CODES]}, "缺少工作表", f"工作表“{DETAIL}”"),
    (changed(CODES, 5, 3, "XA0000 0000001"), "编码不合规范", "第5行 C5"),
    (changed(CODES, 5, 3, "ＸA00000000001"), "编码不合规范", "第5行 C5"),
    (changed(CODES, 5, 3, "XA0'; DROP TABLE point; --"), "编码不合规范", "第5行 C5"),
    (changed(CODES, 5, 3, 123456789012345), "编码被存成数字", "第5行 C5"),
    (changed(CODES, 5, 3, ""), "编码为空", "第5行 C5"),
    (changed(CODES, 6, 3, "XA00000000001"), "编码重复", "第6行 C6"),
    (changed(CODES, 7, 2, "丙药片"), "编码没有对应的知识点", "第7行 B7"),
    (changed(DETAIL, 5, 2, "XA00000000001"), "名称列里是编码", "第5行 B5"),
    (changed(DETAIL, 5, 2, ""), "名称为空", "第5行 B5"),
    (changed(DETAIL, 6, 2, "甲药片\n乙"), "控制字符", "第6行 B6"),
    (changed(DETAIL, 5, 8, "不超过7天"), "没有表头", "第5行 H5"),
    (changed(DETAIL, 4, 5, "药品名称"), "表头重复", "第4行 E4"),
    (changed(DETAIL, 4, 4, "甲"), "缺少列", "第4行"),
    (changed(DETAIL, 5, 6, 3), "编码数与实际不符", "第5行 F5"),
    (changed(DETAIL, 7, 6, 4), "合计与明细不符", "第7行 F7"),
    ({**GOOD, DETAIL: [*GOOD[DETAIL], [4, "丁药片", "", "不超过7天", "", 1]]}, "合计行之后还有内容", "第8行 A8"),
]


@pytest.mark.parametrize(("sheets", "what", "where"), FAULTS)
def test_a_fault_is_refused_by_sheet_row_and_cell(tmp_path, sheets, what, where):
    with pytest.raises(Refusal, match=what) as refused:
        read_official(book(tmp_path / "b.xlsx", sheets), "N10")
    assert where in refused.value.where
    assert refused.value.remedy


def test_merged_cells_in_the_list_are_refused_and_in_titles_are_not(tmp_path):
    assert read_official(book(tmp_path / "t.xlsx", GOOD, merge="A2:F2"), "N10")
    with pytest.raises(Refusal, match="合并的单元格") as refused:
        read_official(book(tmp_path / "m.xlsx", GOOD, merge="B5:B6"), "N10")
    assert "第5行 B5" in refused.value.where


def test_what_is_no_workbook_is_refused(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(Refusal, match="Excel"):
        read_official(tmp_path / "x.xlsx", "N10")


def test_a_rule_without_a_reading_says_how_else(tmp_path):
    with pytest.raises(Refusal, match="没有固定的读法") as refused:
        read_official(book(tmp_path / "b.xlsx", GOOD), "N44")
    assert "模板" in refused.value.remedy


def test_a_formula_is_its_stored_value_and_text_that_looks_like_one_stays_text(tmp_path):
    sheets = changed(DETAIL, 5, 2, "=甲药片")
    sheets[CODES][4][1] = sheets[CODES][5][1] = "=甲药片"
    assert read_official(book(tmp_path / "b.xlsx", sheets), "N10")[0].name == "=甲药片"
