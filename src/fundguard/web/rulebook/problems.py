"""The problem list as the rulebook shows it: which items are checked here, by what, and why the others are not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from fundguard import knowledge, law
from fundguard.rules import catalogue
from fundguard.rules.shape import shapes

CHECKED, LOCAL, UNCODED = "规则核对", "待本地知识或参数", "待补编码"
RECORDS, ON_SITE = "需看病历", "需现场或外部数据"


@dataclass(frozen=True)
class ListedProblem:
    """`rules`: code and name of those that check it; `points`: how many knowledge points are about it alone."""

    told: knowledge.Problem
    state: str
    rules: tuple[tuple[str, str], ...]
    points: int


@dataclass(frozen=True)
class Count:
    """Items of the source that a state holds, and the rows that condense them."""

    state: str
    rows: int
    items: int


def listed(field: str = "", state: str = "") -> list[ListedProblem]:
    """The items in the order of the list; of one field or in one state where these are named."""
    return [
        one
        for one in map(_listed, knowledge.problems().values())
        if field in ("", one.told.field) and state in ("", one.state)
    ]


def of_number(number: str) -> ListedProblem | None:
    told = knowledge.problems().get(number)
    return _listed(told) if told else None


def counts() -> list[Count]:
    whole = listed()
    return [
        Count(state, len(some), sum(one.told.items for one in some))
        for state in (CHECKED, LOCAL, UNCODED, RECORDS, ON_SITE)
        for some in [[one for one in whole if one.state == state]]
    ]


def fields() -> list[str]:
    return list(dict.fromkeys(one.field for one in knowledge.problems().values()))


def _listed(told: knowledge.Problem) -> ListedProblem:
    known = catalogue.load()
    of_points = {knowledge.load().points[point].rule_code for point in told.points}
    codes = [code for code in sorted({*told.rules, *of_points}) if code in known]
    return ListedProblem(told, _state(told), tuple((code, known[code].name) for code in codes), len(told.points))


@cache
def _ready(code: str) -> bool:
    """Whether the nation's knowledge and parameters let this rule answer; a region's own come on top."""
    rule = catalogue.load()[code]
    if shapes()[rule.shape].knowledge != "none":
        return any(point.rule_code == code and point.status == "usable" for point in knowledge.load().points.values())
    named = [value["law"] for value in rule.parameters.values() if isinstance(value, dict)]
    return all(law.periods(name, region="") for name in named)


def _state(told: knowledge.Problem) -> str:
    if told.checked:
        return CHECKED if told.points or any(map(_ready, told.rules)) else LOCAL
    if told.uncoded:
        return UNCODED
    return RECORDS if "B" in told.evidence else ON_SITE
