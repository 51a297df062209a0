"""What a list changes: the same points stay, a changed one ends and begins anew, contradictions are refused."""

from datetime import date

import pytest

from fundguard import knowledge
from fundguard.errors import Refusal
from fundguard.knowledge.difference import counted, difference, tables_touched
from fundguard.knowledge.draft import Batch, Draft
from fundguard.knowledge.proposal import propose, refuse_contradictions, signed

DAY = Batch("LOCAL-1", date(2026, 12, 1))
LEVEL = ("limit", {"hosp_lv_min": "2"})


@pytest.fixture(scope="module")
def known():
    return knowledge.load()


def draft(point, table, limit, **other):
    """A draft that says of a standing point what it says."""
    told = {"place": "B5", "rule_code": point.rule_code, "name": point.name, "codes": point.codes}
    return Draft(**told | {"table": table, "limit": limit, "derived_by": "prose"} | other)


def course(known, days="14", **other):
    """A standing point of 14 days."""
    return draft(known.points["D-010-0001"], "course", {"days": days, "scope": "encounter"}, **other)


def after(made, tmp_path):
    made.write(tmp_path / "made")
    return knowledge.load(tmp_path / "made")


def test_what_holds_already_changes_nothing(known):
    made = propose([course(known)], known, DAY, "9901")
    assert (made.same, made.empty) == (1, True)


def test_a_changed_limit_ends_the_point_and_begins_a_new_one(known, tmp_path):
    made = propose([course(known, "7")], known, DAY, "9901")
    now = after(made, tmp_path)
    assert now.points["D-010-0001"].end_day == "2026-12-01"
    new = now.points["D-010-R9901-0001"]
    assert (new.first_day, new.codes) == ("2026-12-01", known.points["D-010-0001"].codes)
    [change] = difference(known, now)
    assert (change.kind, change.former, change.point.point_id) == ("changed", "D-010-0001", "D-010-R9901-0001")
    assert change.told[0] == "最多天数：14 → 7"
    assert "此前的费用仍按原限定" in change.told[-1]
    assert tables_touched([change], now) == ["course"]
    refuse_contradictions(now, made.places, made.places)  # one after the other is no overlap


def test_changed_codes_are_told_one_by_one(known, tmp_path):
    point = known.points["D-010-0001"]
    made = propose([course(known, codes=(*point.codes[1:], "XZ00000000009"))], known, DAY, "9901")
    [change] = difference(known, after(made, tmp_path))
    assert change.told[:2] == ("新增编码 1 个：XZ00000000009", f"删除编码 1 个：{point.codes[0]}")


def test_a_named_point_is_corrected_in_place(known, tmp_path):
    made = propose([course(known, "21", point_id="D-010-0001")], known, DAY, "99")
    now = after(made, tmp_path)
    assert now.points["D-010-0001"].first_day == known.points["D-010-0001"].first_day
    assert knowledge.fingerprint(now, "D-010-0001") != knowledge.fingerprint(known, "D-010-0001")
    [change] = difference(known, now)
    assert change.told == ("最多天数：14 → 21", "限定来源：据文字录入，待签署 → 据文字录入，已签署")
    signed(tmp_path / "made", tmp_path / "signed", ("first", "second"))
    assert knowledge.load(tmp_path / "signed").points["D-010-0001"].signed_by == ("first", "second")


def test_a_whole_list_ends_what_it_no_longer_holds_and_another_does_not(known, tmp_path):
    part = propose([course(known)], known, DAY, "9901")
    assert part.empty
    whole = propose([course(known)], known, Batch("L", DAY.day, frozenset({"N10"})), "9901")
    changes = difference(known, after(whole, tmp_path))
    assert counted(changes) == {"新增": 0, "更改": 0, "终止": 28, "删除": 0}
    assert all(change.point.rule_code == "N10" for change in changes)


def test_new_points_get_numbers_of_their_division(known, tmp_path):
    new = [
        Draft("B5", "N12", name, (code,), *LEVEL, derived_by="list") for name, code in (("甲", "XZ1"), ("乙", "XZ2"))
    ]
    made = propose([d for d in new if d.codes], known, DAY, "990101")
    assert list(made.places) == ["D-012-R990101-0001", "D-012-R990101-0002"]


def test_two_limits_of_one_code_at_the_same_time_are_refused(known, tmp_path):
    codes = known.points["D-010-0001"].codes[:1]
    other = Draft(
        "工作表“支付疗程”第9行 C9", "N10", "别名片", codes, "course", {"days": "3", "scope": "encounter"}, "list"
    )
    made = propose([other], known, DAY, "9901")
    with pytest.raises(Refusal, match="互相矛盾") as refused:
        refuse_contradictions(after(made, tmp_path), made.places, made.places)
    assert "第9行 C9" in refused.value.where
    assert "D-010-0001" in refused.value.where


def test_overlapping_validity_is_refused_and_adjoining_is_not(known, tmp_path):
    def two(last):
        first = Draft("A2", "N12", "甲", ("XZ00000000001",), *LEVEL, "list", valid_from="2027-01-01", valid_to=last)
        second = Draft("A3", "N12", "乙", ("XZ00000000001",), *LEVEL, "list", valid_from="2027-06-01")
        made = propose([first, second], known, DAY, "9901")
        made.write(tmp_path / last)
        refuse_contradictions(knowledge.load(tmp_path / last), made.places, made.places)

    two("2027-06-01")
    with pytest.raises(Refusal, match="有效期重叠"):
        two("2027-06-02")


def test_a_point_listed_twice_and_an_unknown_number_are_refused(known):
    with pytest.raises(Refusal, match="列了两次"):
        propose([course(known), course(known, place="B6")], known, DAY, "9901")
    with pytest.raises(Refusal, match="没有这个知识点"):
        propose([course(known, point_id="D-010-9999")], known, DAY, "9901")


def test_what_is_shipped_contradicts_itself_nowhere():
    known = knowledge.of_region("990101")
    refuse_contradictions(known, known.points, {})
