"""Random stays around the constants of four rules, against a plain reading that shares no code with the SQL."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from rule_runs import answers_of, loaded, plan_of, run, undone

from fundguard import knowledge
from fundguard.rules.examples import read_story, stored_tables
from tests.depth import examples

RULES = ("N10", "N25", "N27", "N31")
OBSERVATION, RECORDING, TRAINING = "001102000040000", "003101000050000", "003402000350000"
DRUG, SAME_DRUG, MONITORING, CONSULTATION = (
    "XC01EBC109B001010102049",
    "XC01EBC109B001010106553",
    "001103000010000",
    "001102000030000",
)
ITEMS = (OBSERVATION, RECORDING, TRAINING, DRUG, SAME_DRUG, MONITORING, CONSULTATION)
MEETINGS = ((OBSERVATION,), (RECORDING,), (TRAINING,), (DRUG, SAME_DRUG), (MONITORING, CONSULTATION), ITEMS)
#: The days on which the points of N27 and N31, or those of N10, begin to apply fall inside; all apply from March on.
STARTS = (dt.date(2026, 1, 4), dt.date(2026, 1, 26), dt.date(2026, 3, 1))
FIRST_DAY = {
    "N10": dt.date(2026, 1, 28),
    "N25": dt.date(2025, 12, 12),
    "N27": dt.date(2026, 1, 6),
    "N31": dt.date(2026, 1, 6),
}
EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Charge:
    key: str
    visit: int
    who: tuple[str, bool]
    institution: str
    item: str
    day: dt.date
    hour: int
    quantity: int
    fen: int


def charge_plans(items):
    fen, quantity = st.integers(0, 3000), st.sampled_from([1, 1, 1, 2, 12, 23, 24, 25])
    one = st.tuples(st.sampled_from(items), st.integers(0, 8), st.integers(0, 23), quantity, fen, st.booleans())
    return st.lists(one, min_size=4, max_size=10)


people, newborn = st.sampled_from(["甲", "甲", "乙"]), st.sampled_from(["否", "否", "否", "是"])
institutions, funds = st.sampled_from(["甲院", "甲院", "乙院"]), st.sampled_from(["有", "有", "有", "无"])
#: A visit keeps to one or two items, so that charges meet.
visit_plans = st.tuples(people, institutions, newborn, funds, st.sampled_from(MEETINGS).flatmap(charge_plans))


def told(start, visits):
    """The story in the examples' own words, and its payable charges."""
    story = {"名称": "随机", "人物": {"甲": {}, "乙": {}}, "就诊": []}
    payable = []
    for v, (person, institution, newborn, fund, plans) in enumerate(visits):
        rows, net = [{"项目": "X000", "编号": f"{v}-其他"}], []
        for c, (item, offset, hour, quantity, fen, refunded) in enumerate(plans):
            name, day = f"{v}-{c}", start + dt.timedelta(days=offset)
            row = {
                "编号": name,
                "项目": item,
                "日期": str(day),
                "时刻": f"{hour:02}:00",
                "数量": quantity,
                "金额": 50,
                "范围内": fen / 100,
            }
            rows.append(row)
            if refunded and c % 4 == 0:
                rows.append(
                    {**row, "编号": f"{name}-退", "数量": -quantity, "金额": -50, "范围内": -fen / 100, "退": name}
                )
            elif fund == "有" and fen > 0:
                net.append(
                    Charge(f"R-1-{name}", v, (person, newborn == "是"), institution, item, day, hour, quantity, fen)
                )
        payable += net
        visit = {
            "人": person,
            "机构": institution,
            "新生儿": newborn,
            "基金": fund,
            "方式": "住院",
            "开始": str(start),
            "结束": str(start + dt.timedelta(days=8)),
        }
        story["就诊"].append({**visit, "费用": rows})
    return story, payable


def grouped(charges, rule, items, by):
    groups = defaultdict(list)
    for charge in sorted(charges, key=lambda c: (c.day, c.hour, c.key)):
        if charge.item in items and charge.day >= FIRST_DAY[rule]:
            groups[by(charge)].append(charge)
    return groups.values()


def over_a_daily_cap(charges):
    for item, cap in ((OBSERVATION, 1), (MONITORING, 1), (RECORDING, 24)):
        for group in grouped(charges, "N27", {item}, lambda c: (c.who, c.institution, c.day)):
            left = cap
            for charge in group:
                over = max(0, charge.quantity - left)
                left = max(0, left - charge.quantity)
                if over:
                    yield charge.key, charge.fen * over // charge.quantity


def within_seven_days(charges):
    for group in grouped(charges, "N31", {TRAINING}, lambda c: (c.who, c.institution)):
        last = None
        for charge in group:
            if last is not None and (charge.day - last).days < 7:
                yield charge.key, charge.fen
            else:
                last = charge.day


def after_the_third_day(charges):
    for group in grouped(charges, "N10", {DRUG, SAME_DRUG}, lambda c: c.visit):
        first_three = sorted({charge.day for charge in group})[:3]
        yield from ((charge.key, charge.fen) for charge in group if charge.day not in first_three)


def beside_the_including_item(charges):
    for group in grouped(charges, "N25", {MONITORING, CONSULTATION}, lambda c: (c.who, c.institution, c.day)):
        if any(charge.item == MONITORING for charge in group):
            yield from ((charge.key, charge.fen) for charge in group if charge.item == CONSULTATION)


READINGS = {
    "N10": after_the_third_day,
    "N25": beside_the_including_item,
    "N27": over_a_daily_cap,
    "N31": within_seven_days,
}


@pytest.fixture(scope="module")
def engine():
    plan = plan_of(RULES)
    return loaded(plan, []), plan


@settings(max_examples=examples(30), deadline=None, database=None, derandomize=True, phases=[Phase.generate])
@given(start=st.sampled_from(STARTS), visits=st.lists(visit_plans, min_size=3, max_size=6))
def test_the_sql_says_what_a_plain_reading_says(engine, start, visits):
    connection, plan = engine
    story, payable = told(start, visits)
    with undone(connection):
        for name, table in stored_tables([read_story("R", 1, story)]).items():
            if table.num_rows:
                connection.register("rows", table)
                connection.execute(f"INSERT INTO {name} SELECT * FROM rows")
                connection.unregister("rows")
        run(connection, (*plan.staging, *plan.shapes))
        answers = answers_of(connection)
    said = {rule: {key: fen for (r, key), fen in answers.amount.items() if r == rule} for rule in RULES}
    assert said == {rule: dict(READINGS[rule](payable)) for rule in RULES}


def test_the_constants_are_those_of_the_knowledge():
    rows = {rule: {} for rule in RULES}
    for table in knowledge.load().tables.values():
        for row in table.to_pylist():
            if row["rule_code"] in rows and row.get("med_list_codg") in ITEMS:
                rows[row["rule_code"]][row["med_list_codg"]] = row
    assert {item: row["days"] for item, row in rows["N10"].items()} == {DRUG: 3, SAME_DRUG: 3}
    assert {item: row["cap_e4"] for item, row in rows["N27"].items()} == {
        OBSERVATION: 10000,
        MONITORING: 10000,
        RECORDING: 240000,
    }
    assert {item: row["days"] for item, row in rows["N31"].items()} == {TRAINING: 7}
    assert {EPOCH + dt.timedelta(days=row["valid_from_day"]) for row in rows["N10"].values()} == {FIRST_DAY["N10"]}
    pairs = [
        (r["code_a"], r["code_b"])
        for r in knowledge.load().tables["pair"].to_pylist()
        if r["code_a"] in ITEMS and r["code_b"] in ITEMS
    ]
    assert pairs == [(MONITORING, CONSULTATION)]
