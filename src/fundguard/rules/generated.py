"""Examples made from the examples: the same story refunded, withdrawn, paid by nobody, a day too early … with the
answer that the preconditions dictate, whatever the rule. Nobody writes them, so no rule goes without.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from fundguard.rules.answers import Answers
from fundguard.rules.catalogue import examples_text
from fundguard.rules.compiler import Plan
from fundguard.rules.examples import CHARGE, CLEAR, VISIT, Example, read_story
from fundguard.rules.rule import VERDICTS, Rule
from fundguard.rules.shape import Shape, shapes

Story = dict[str, Any]
#: Who may still be accused: nobody, nobody who was not before, or exactly who was.
Accused = Literal["none", "no_more", "same"]
#: Below it no knowledge point holds; one that has no first day holds on every day.
_EVER = -(10**5)
_EPOCH = dt.date(1970, 1, 1)
#: A service that no knowledge names.
_SERVICE = "009999999999999"
_ACTS = ("开始", "结束", "每日至", "日期", "死亡")
_DATES = (*_ACTS, "生日", "结算生日")


@dataclass(frozen=True)
class Variation:
    """`change` makes another story of one in which somebody is accused, or None where it means nothing; `first` is the
    first day on which the rule's knowledge holds, if it has one. `only` chooses the shapes."""

    name: str
    change: Callable[[Story, dt.date | None], Story | None]
    accused: Accused
    only: Callable[[Shape], bool] = lambda shape: True


@dataclass(frozen=True)
class Generated:
    """A story with the rows that may be accused in it, and those that must be."""

    example: Example
    variation: str
    prefix: str
    may: frozenset[str]
    must: frozenset[str]

    def wrong(self, answers: Answers) -> list[tuple[str, str]]:
        """Rows (key, answer) that are accused though they may not be, and those that are not though they must."""
        said = {
            key: answer
            for (rule, key), answer in answers.verdict.items()
            if rule == self.example.rule_code and key.startswith(self.prefix) and answer in VERDICTS
        }
        missed = [(key, answers.verdict.get((self.example.rule_code, key), CLEAR)) for key in self.must - set(said)]
        return sorted([(key, answer) for key, answer in said.items() if key not in self.may] + missed)


def _visits(**changed: Any) -> Callable[[Story, dt.date | None], Story | None]:
    def change(story: Story, first: dt.date | None) -> Story | None:
        for visit in story["就诊"]:
            visit.update(changed)
        return story

    return change


def _charges(**changed: Any) -> Callable[[Story, dt.date | None], Story | None]:
    def change(story: Story, first: dt.date | None) -> Story | None:
        charges = [charge for visit in story["就诊"] for charge in visit.get("费用", ())]
        for charge in charges:
            charge.update(changed)
        return story if charges else None

    return change


def _persons(**changed: Any) -> Callable[[Story, dt.date | None], Story | None]:
    def change(story: Story, first: dt.date | None) -> Story | None:
        story["人物"] = {name: {**given, **changed} for name, given in story.get("人物", {"某": {}}).items()}
        return story

    return change


def _withdrawn(story: Story, first: dt.date | None) -> Story | None:
    for row in _accused(story):
        row["作废"] = "是"
    return story


def _self_paid(story: Story, first: dt.date | None) -> Story | None:
    """The fund pays for something else of the same visit."""
    if any(row in story["就诊"] for row in _accused(story)):
        return None
    for number, visit in enumerate(story["就诊"]):
        for charge in visit.get("费用", ()):
            if _hit(charge):
                charge["范围内"] = 0
        visit["费用"] = [*visit.get("费用", ()), {"编号": f"另付{number}", "项目": _SERVICE}]
    return story


def _refunded(story: Story, first: dt.date | None) -> Story | None:
    """A negative line for each accused charge, naming it. Only where charges are accused and each stands once."""
    made = 0
    for number, visit in enumerate(story["就诊"]):
        for place, charge in enumerate(list(visit.get("费用", ()))):
            if _hit(charge) and not charge.get("每日至") and not visit.get("每日至") and not charge.get("退"):
                charge.setdefault("编号", f"原{number}-{place}")
                given = {**CHARGE, **charge}
                scope = given["金额"] if given["范围内"] is None else given["范围内"]
                taken = {
                    "数量": -given["数量"],
                    "金额": -given["金额"],
                    "范围内": -scope,
                    "预期": CLEAR,
                    "违规金额": None,
                }
                visit["费用"].append({**charge, "编号": f"退{number}-{place}", "退": charge["编号"], **taken})
                made += 1
    return story if made == len(_accused(story)) else None


def _too_early(story: Story, first: dt.date | None) -> Story | None:
    """All of it moved back until its last day is the one before the knowledge holds."""
    days = [
        day
        for at in _dated(story)
        for key, day in at.items()
        if key in _DATES and key not in ("生日", "结算生日") and day
    ]
    days += [VISIT["开始"] for visit in story["就诊"] if not visit.get("开始")]
    if first is None:
        return None
    last = max(dt.date.fromisoformat(str(day)) for day in days)
    back = last - first + dt.timedelta(days=1)
    for at in _dated(story):
        for key in _DATES:
            if at.get(key):
                at[key] = str(dt.date.fromisoformat(str(at[key])) - back)
    for visit in story["就诊"]:
        visit.setdefault("开始", str(dt.date.fromisoformat(str(VISIT["开始"])) - back))
    return story


def _bystander(story: Story, first: dt.date | None) -> Story | None:
    story["人物"] = {**story.get("人物", {"某": {}}), "旁人": {}}
    story["就诊"].append({"人": "旁人", "编号": "旁人就诊", "费用": [{"编号": "旁人费用"}]})
    return story


def _of_line(shape: Shape) -> bool:
    return shape.scope == "line"


def _of_single_charges(shape: Shape) -> bool:
    """After death anything is at fault, also a charge that is added."""
    return shape.name != "after_death"


#: The declaration: what is changed, and who may be accused then.
VARIATIONS = (
    Variation("结算全部退费", _visits(结算退费="是"), "none"),
    Variation("结算作废", _visits(结算作废="是"), "none"),
    Variation("就诊作废", _visits(作废="是"), "none"),
    Variation("费用全部撤销", _charges(作废="是"), "no_more"),
    Variation("被指控的行撤销", _withdrawn, "none"),
    Variation("被指控的费用退费", _refunded, "none"),
    Variation("费用全部自费", _charges(范围内=0), "none"),
    Variation("被指控的费用自费", _self_paid, "none", _of_single_charges),
    Variation("基金未支付", _visits(基金="无"), "none"),
    Variation("知识点生效前一日", _too_early, "none"),
    Variation("性别不明", _persons(性别="不明"), "no_more"),
    Variation("生日缺失", _persons(生日=None), "no_more"),
    Variation("级别缺失", _visits(级别=""), "no_more"),
    Variation("零点", _charges(时刻="00:00"), "same", _of_line),
    Variation("午夜前一分", _charges(时刻="23:59"), "same", _of_line),
    Variation("另有一人就诊", _bystander, "same"),
)


def generated(rule: Rule, plan: Plan) -> list[Generated]:
    """Every variation of the rule's first story in which somebody is accused.

    Stories told in rows of tables are left alone, and rules about institutions as a whole, which are told in many.
    """
    shape = shapes()[rule.shape]
    stories = [
        story for story in yaml.safe_load(examples_text(rule.code)) or [] if "就诊" in story and "表" not in story
    ]
    found = next((story for story in stories if _accused(story)), None)
    if found is None or not shape.real_time:
        return []
    first = _first_day(rule, plan)
    return list(_variations(rule.code, shape, found, first))


def _variations(code: str, shape: Shape, found: Story, first: dt.date | None) -> Iterator[Generated]:
    for number, variation in enumerate(VARIATIONS, 1):
        changed = variation.change(copy.deepcopy(found), first) if variation.only(shape) else None
        if changed is None:
            continue
        place = 9000 + number
        prefix = f"{code}-{place}-"
        example = read_story(code, place, {**changed, "名称": variation.name})
        was = frozenset(key for key, answer in read_story(code, place, found).expected.items() if answer in VERDICTS)
        yield Generated(
            example,
            variation.name,
            prefix,
            may=frozenset() if variation.accused == "none" else was,
            must=was if variation.accused == "same" else frozenset(),
        )


def _first_day(rule: Rule, plan: Plan) -> dt.date | None:
    """The first day on which any knowledge of the rule holds; None where it has none or it always holds."""
    table = plan.tables[f"k_{rule.shape}"]
    days = [
        row["from_day"] for row in table.select(["rule_code", "from_day"]).to_pylist() if row["rule_code"] == rule.code
    ]
    first = min(days, default=_EVER)
    return _EPOCH + dt.timedelta(days=first) if first > _EVER else None


def _hit(row: Mapping[str, Any]) -> bool:
    return row.get("预期") in VERDICTS


def _accused(story: Story) -> list[dict[str, Any]]:
    rows = [row for visit in story["就诊"] for row in (visit, *visit.get("费用", ()))]
    return [row for row in rows if _hit(row)]


def _dated(story: Story) -> Sequence[dict[str, Any]]:
    story.setdefault("人物", {"某": {}})
    visits = story["就诊"]
    return [*story["人物"].values(), *visits, *(charge for visit in visits for charge in visit.get("费用", ()))]
