"""What was taken over from the published lists, by numbers and by hand-checked points."""

from datetime import date

import pyarrow.compute as pc
import pytest

from fundguard import knowledge
from fundguard.knowledge.source import OPEN_DAY


@pytest.fixture(scope="module")
def known():
    return knowledge.load()


def by_name(known, rule_code, name):
    return next(p for p in known.points.values() if (p.rule_code, p.name) == (rule_code, name))


def limit(known, table, rule_code, name):
    """The first limit row of a point, stated columns only."""
    rows = known.tables[table].filter(pc.field("point_id") == by_name(known, rule_code, name).point_id).to_pylist()
    own = set(known.tables[table].column_names) & set(knowledge.LIMIT_TABLES[table])
    return {column: value for column, value in rows[0].items() if column in own and value is not None}


@pytest.mark.parametrize(
    ("rule_code", "points", "usable", "batch_day"),
    [
        ("N01", 9, 9, date(2026, 1, 28)),
        ("N02", 3, 3, date(2026, 1, 28)),
        ("N03", 37, 37, date(2026, 5, 11)),
        ("N04", 116, 116, date(2026, 5, 11)),
        ("N05", 110, 0, date(2026, 4, 21)),
        ("N07", 13, 13, date(2026, 1, 28)),
        ("N10", 29, 29, date(2026, 1, 28)),
        ("N12", 62, 53, date(2026, 1, 28)),
        ("N13", 41, 41, date(2026, 1, 28)),
        ("N15", 378, 378, date(2025, 7, 22)),
        ("N23", 11, 11, date(2026, 1, 6)),
        ("N25", 900, 900, date(2025, 12, 12)),
        ("N27", 67, 67, date(2026, 1, 6)),
        ("N29", 1, 1, date(2026, 1, 6)),
        ("N31", 14, 14, date(2026, 1, 6)),
        ("N47", 22, 22, date(2026, 4, 28)),
        ("N65", 95, 95, date(2026, 1, 28)),
        ("N67", 159, 152, date(2026, 1, 28)),
        ("N80", 30, 30, date(2025, 5, 23)),
        ("N81", 390, 390, date(2025, 5, 23)),
    ],
)
def test_points_of_each_list_apply_from_the_day_of_their_batch(known, rule_code, points, usable, batch_day):
    found = [p for p in known.points.values() if p.rule_code == rule_code]
    assert (len(found), sum(p.status == "usable" for p in found)) == (points, usable)
    days = {(p.valid_from_day, p.valid_to_day) for p in found}
    assert days == {((batch_day - date(1970, 1, 1)).days, OPEN_DAY)}
    assert known.phrases[rule_code]


@pytest.mark.parametrize(
    ("table", "rule_code", "name", "stated"),
    [
        ("limit", "N01", "氢醌乳膏", {"insurance": "injury"}),
        ("limit", "N02", "地诺前列酮栓", {"insurance": "maternity"}),
        ("limit", "N07", "波生坦分散片", {"age_from_years": 3, "age_to_years": 13}),
        ("limit", "N07", "孟鲁司特钠口溶膜", {"age_from_years": 1, "age_to_years": 15}),  # "1.1岁" is item 1, one year
        ("limit", "N07", "玛巴洛沙韦干混悬剂", {"age_from_years": 5, "age_to_years": 13}),
        ("limit", "N07", "盐酸可乐定缓释片", {"age_from_years": 6, "age_to_years": 18}),
        ("limit", "N12", "丹参注射液", {"hosp_lv_min": "2"}),
        ("limit", "N13", "安宫牛黄丸", {"allow_inpatient": 1, "allow_emergency": 1, "allow_outpatient": 0}),
        ("limit", "N13", "银杏达莫注射液", {"allow_inpatient": 1, "allow_emergency": 0, "allow_outpatient": 0}),
        ("limit", "N29", "职业功能训练", {"age_group": "working"}),
        ("limit", "N47", "硫酸吗啡片", {"allow_internet": 0}),
        ("limit", "N65", "小儿感冒颗粒", {"age_group": "child"}),
        ("limit", "N67", "普适泰片", {"sex": "1"}),
        ("limit", "N67", "益母草颗粒", {"sex": "2"}),
        ("limit", "N67", "比卡鲁胺片", {"sex": "1"}),
        ("limit", "N80", "新生儿暖箱", {"age_group": "newborn"}),
        ("limit", "N80", "小儿捏脊治疗", {"age_group": "child"}),
        ("limit", "N81", "宫腔镜检查", {"sex": "2"}),
        ("limit", "N81", "前列腺按摩", {"sex": "1"}),
        ("course", "N10", "注射用尤瑞克林", {"days": 21, "scope": "encounter"}),
        ("course", "N10", "注射用重组人脑利钠肽", {"days": 3, "scope": "encounter"}),
        ("course", "N23", "手功能评定", {"days": 90, "scope": "encounter"}),  # 90 days, not the interval of 14
        ("cycle", "N31", "糖化血红蛋白测定", {"days": 60, "times": 1}),
        ("cycle", "N31", "血清果糖胺测定", {"days": 14, "times": 1}),
        ("cycle", "N31", "儿童听力障碍语言训练", {"days": 7, "times": 1}),
        ("quantity", "N27", "普通病房床位费", {"unit": "day", "cap_e4": 10000, "window": "day"}),
        ("quantity", "N27", "麻醉中监测", {"unit": "hour", "cap_e4": 240000, "window": "day"}),
        ("quantity", "N27", "硬膜外连续镇痛", {"unit": "day", "cap_e4": 10000, "window": "day"}),
        ("herb", "N04", "当归", {"mode": "single"}),
        ("herb", "N03", "阿胶", {"mode": "both"}),
    ],
)
def test_limits_as_read_by_hand(known, table, rule_code, name, stated):
    assert limit(known, table, rule_code, name) == stated


@pytest.mark.parametrize(
    ("rule_code", "name"),
    [
        ("N67", "阿那曲唑片"),  # men fall ill of breast cancer too
        ("N67", "依西美坦片"),
        ("N67", "金锁固精丸"),  # no word that only one sex can have
        ("N67", "女珍颗粒"),
        ("N12", "度拉糖肽注射液"),  # binds the first prescription, not the charge
        ("N12", "雷珠单抗注射液"),  # level depends on the specialty
    ],
)
def test_what_words_leave_open_is_text_only_and_in_no_limit_table(known, rule_code, name):
    point = by_name(known, rule_code, name)
    assert (point.status, point.derived_by, point.firm) == ("text_only", "", False)
    assert all(point.point_id not in table["point_id"].to_pylist() for table in known.tables.values())


def test_a_limit_typed_from_prose_is_not_firm_until_two_sign(known):
    firm = {
        rule: {p.firm for p in known.points.values() if p.rule_code == rule} for rule in ("N07", "N67", "N81", "N25")
    }
    assert firm == {"N07": {False}, "N67": {False}, "N81": {True}, "N25": {True}}


def test_tables_hold_one_row_a_code_and_no_null_where_a_join_needs_a_value(known):
    for name, table in known.tables.items():
        own = {
            "pair": ["code_a", "code_b"],
            "record_code": ["source", "codes"],
            "mismatch": ["from_operation", "from_diagnosis"],
        }
        key = ["rule_code", "point_id", *own.get(name, ["med_list_codg"])]
        rows = table.select(key).to_pylist()
        assert len({tuple(row.values()) for row in rows}) == len(rows), name
        assert rows == sorted(rows, key=lambda row: (row["point_id"], row.get("med_list_codg", ""))), name
        for column in (*key, "valid_from_day", "valid_to_day", "firm"):
            assert table[column].null_count == 0, (name, column)


def test_every_code_has_a_name(known):
    assert {code for p in known.points.values() for code in p.codes} <= known.items.keys()
    assert known.items["003310030080000"].name == "肠粘连松解术"
