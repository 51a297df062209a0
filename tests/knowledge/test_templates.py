"""Our Excel form: made from the declaration of every limit table, and read back as what was written."""

from datetime import date

import pytest

from fundguard import knowledge
from fundguard.errors import Refusal
from fundguard.knowledge.draft import Batch
from fundguard.knowledge.headings import headings, said, titles
from fundguard.knowledge.proposal import propose
from fundguard.knowledge.templates import columns, read_templates, write_template
from tests.knowledge.books import book

BATCH = Batch("L-1", date(2026, 12, 1))


@pytest.fixture(scope="module")
def known():
    return knowledge.of_region("990101")


@pytest.mark.parametrize("table", knowledge.LIMIT_TABLES)
def test_what_a_table_holds_is_written_and_read_back_unchanged(table, known, tmp_path):
    write_template(tmp_path / "t.xlsx", table, known)
    held = set(known.tables[table]["point_id"].to_pylist())
    firm = {point_id for point_id in held if known.points[point_id].firm}
    if not held:
        pytest.skip("no points of this table are shipped")
    drafts = read_templates(tmp_path / "t.xlsx")
    assert {draft.point_id for draft in drafts} == held
    made = propose(drafts, known, BATCH, "9901")
    assert made.same == len(firm)
    assert {row["point_id"] for row in made.rows.get("point", ())} == held - firm  # these wait for two signatures


@pytest.mark.parametrize("table", knowledge.LIMIT_TABLES)
def test_every_table_and_column_has_a_chinese_heading(table):
    """A new limit table needs its rows in `knowledge/headings.csv`."""
    told = [titles()[table], *(heading.label for heading in headings(table).values())]
    assert all(any("一" <= sign <= "鿿" for sign in label) for label in told), told
    assert len(set(told)) == len(told)
    for name, column in knowledge.LIMIT_TABLES[table].items():
        words = headings(table)[name].words
        assert not (column.values and words) or set(words) == set(column.values), name


def test_an_empty_form_is_refused_and_says_where_to_write(tmp_path):
    write_template(tmp_path / "t.xlsx", "course")
    with pytest.raises(Refusal, match="没有填写知识点"):
        read_templates(tmp_path / "t.xlsx")


def form(table, **cells):
    heads = columns(table)
    return {titles()[table]: [[h.label for h in heads.values()], [cells.get(name, "") for name in heads]]}


GOOD = {"rule_code": "N10", "name": "甲药片", "med_list_codg": "XA00000000001", "days": "7", "scope": "一次就诊"}


def test_words_and_stored_values_are_both_understood(tmp_path):
    for scope in ("一次就诊", "encounter"):
        [draft] = read_templates(book(tmp_path / "t.xlsx", form("course", **GOOD | {"scope": scope})))
        assert dict(draft.limit) == {"days": "7", "scope": "encounter"}
    told = {
        "rule_code": "N27",
        "name": "甲",
        "med_list_codg": "009900000010000",
        "unit": "按日",
        "cap_e4": 0.5,
        "window": "每日",
    }
    [draft] = read_templates(book(tmp_path / "q.xlsx", form("quantity", **told)))
    assert draft.limit["cap_e4"] == "5000"
    assert said("quantity", draft.limit) == "计量单位：按日，最多数量：0.5，时间范围：每日"


@pytest.mark.parametrize(
    ("change", "what", "cell"),
    [
        ({"days": "七"}, "数值不合规范", "E2"),
        ({"days": "0"}, "数值不合规范", "E2"),
        ({"days": "7; DELETE FROM point"}, "数值不合规范", "E2"),
        ({"days": ""}, "为空", "E2"),
        ({"scope": "一生"}, "不在规定范围", "F2"),
        ({"med_list_codg": "XA00000000001|XA00000000001"}, "编码重复", "D2"),
        ({"med_list_codg": "XA00000000001，XA00000000002"}, "编码不合规范", "D2"),
        ({"rule_code": "N99"}, "规则编码不存在", "B2"),
        ({"point_id": "D-011-0001"}, "编号不合规范", "A2"),
        ({"valid_from": "2026/1/1"}, "日期无法识别", "F2"),
        ({"valid_from": "2026-02-01", "valid_to": "2026-02-01"}, "有效期不成立", "G2"),
        ({"derived_by": "听说"}, "不在规定范围", "E2"),
    ],
)
def test_a_fault_is_refused_by_cell(tmp_path, change, what, cell):
    place = list(columns("course")).index(next(reversed(change)))
    with pytest.raises(Refusal, match=what) as refused:
        read_templates(book(tmp_path / "t.xlsx", form("course", **GOOD | change)))
    assert refused.value.where.endswith(f"第2行 {chr(65 + place)}2"), (refused.value.where, cell)
    assert refused.value.remedy


def test_contradicting_ages_are_refused(tmp_path):
    told = {
        "rule_code": "N07",
        "name": "甲药片",
        "med_list_codg": "XA00000000001",
        "age_from_years": "14",
        "age_to_years": "3",
    }
    with pytest.raises(Refusal, match="年龄上下限不成立"):
        read_templates(book(tmp_path / "t.xlsx", form("limit", **told)))


def test_a_sheet_of_another_name_is_refused(tmp_path):
    with pytest.raises(Refusal, match="工作表名称"):
        read_templates(book(tmp_path / "t.xlsx", {"Sheet1": [["甲"]]}))
