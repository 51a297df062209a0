"""Reads of rules and knowledge. Rules are the same for every viewer; counts of findings are the viewer's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

from fundguard import knowledge, law
from fundguard.errors import Refusal
from fundguard.knowledge import Point
from fundguard.rules import catalogue
from fundguard.rules.rule import Rule
from fundguard.rules.shape import Parameter, shapes
from fundguard.web.accounts.guard import Viewer
from fundguard.web.findings import selectors as findings
from fundguard.web.findings.pages import Amount
from fundguard.web.rulebook import problems, words
from fundguard.web.rulebook.pages import Found, Knowledge, Line, RulePage, Setting
from fundguard.web.rulebook.stories import stories

FOUND_SHOWN = 100
_EPOCH = date(1970, 1, 1)
_NONE = Amount(0, 0)


def lines(viewer: Viewer) -> list[Line]:
    """All rules by code, with the findings that the viewer may know of."""
    counts = findings.by_rule(viewer) if viewer.may("see.findings") else {}
    points = _points_by_rule()
    return [
        Line(
            code,
            rule.name,
            rule.klass,
            rule.gravest,
            words.STATES[rule.state],
            rule.version,
            len(points.get(code, ())),
            counts.get(code, _NONE).count,
            counts.get(code, _NONE).counted_fen,
        )
        for code, rule in catalogue.load().items()
    ]


def rule_page(viewer: Viewer, code: str) -> RulePage | None:
    rule = catalogue.load().get(code)
    if rule is None:
        return None
    shape = shapes()[rule.shape]
    amount = findings.by_rule(viewer).get(code, _NONE) if viewer.may("see.findings") else _NONE
    return RulePage(
        rule=rule,
        shape_title=shape.title,
        shape_about=shape.about,
        article=_article(rule.article),
        settings=[_setting(p, rule, viewer) for p in shape.parameters if rule.parameters.get(p.name) is not None],
        sql=";\n\n".join(shape.statements).replace("{knowledge}", f"k_{shape.name}") + ";",
        examples=stories(code),
        state=words.STATES[rule.state],
        count=amount.count,
        counted_fen=amount.counted_fen,
    )


def points(code: str, sought: str) -> list[Point]:
    """Knowledge points of a rule whose name, initials, number or codes match; all where nothing is sought."""
    word = sought.strip().lower()
    own = _points_by_rule().get(code, ())
    return [p for p in own if not word or _matches(p, word)]


def described(some: Sequence[Point]) -> list[Knowledge]:
    return [_described(point) for point in some]


def found(text: str) -> list[Found]:
    """Everything that a code, name or pinyin initials lead to, best first, at most `FOUND_SHOWN`."""
    names = findings.rule_names()
    return [
        Found(hit.name, hit.codes, described(hit.points), [(c, names[c]) for c in hit.rule_codes if c in names])
        for hit in knowledge.search(knowledge.load(), text)[:FOUND_SHOWN]
    ]


def rules_named(text: str) -> list[tuple[str, str]]:
    """Rules by code, former code, part of the name or its pinyin initials."""
    word = text.strip().lower()
    return [
        (code, rule.name)
        for code, rule in catalogue.load().items()
        if word
        and (word in (code.lower(), (rule.former or "").lower()) or word in rule.name or word in _initials(rule.name))
    ]


def of_code(code: str) -> Found | None:
    """Every rule and knowledge point that touches exactly this code."""
    touching = [p for p in knowledge.load().points.values() if code in p.codes]
    if not touching:
        return None
    item = knowledge.load().items.get(code)
    names = findings.rule_names()
    rules = sorted({p.rule_code for p in touching} & set(names))
    return Found(item.name if item else touching[0].name, (code,), described(touching), [(c, names[c]) for c in rules])


def listed_problem(number: str) -> problems.ListedProblem | None:
    """How an item of the problem list is checked; None where the number is not the national list's."""
    return problems.of_number(number)


def _setting(parameter: Parameter, rule: Rule, viewer: Viewer) -> Setting:
    value = rule.parameters[parameter.name]
    if not isinstance(value, dict):
        return Setting(parameter.about, str(value))
    home = viewer.user.region
    try:
        told = law.parameter(value["law"], day=date.today(), region=home.code if home else "")
    except Refusal as refusal:
        return Setting(parameter.about, "未设定", refusal.what)
    return Setting(parameter.about, f"{told.value}（{value['law']}）", told.flagged)


def _article(ref: str) -> law.Article | None:
    try:
        return law.article(ref)
    except Refusal:
        return None


def _matches(point: Point, word: str) -> bool:
    return (
        word in point.name.lower()
        or word in point.initials
        or word == point.point_id.lower()
        or word.upper() in point.codes
    )


def _described(point: Point) -> Knowledge:
    mark = "" if point.firm else "待签核"
    if point.status != "usable":
        mark = "仅存文字，不参与核查"
    since = _EPOCH + timedelta(days=point.valid_from_day)
    return Knowledge(
        point.point_id,
        point.name,
        _limits().get(point.point_id, ""),
        point.codes,
        point.batch,
        since.isoformat(),
        point.rule_code,
        mark,
    )


@cache
def _points_by_rule() -> dict[str, tuple[Point, ...]]:
    grouped: dict[str, list[Point]] = {}
    for point in knowledge.load().points.values():
        grouped.setdefault(point.rule_code, []).append(point)
    return {code: tuple(some) for code, some in grouped.items()}


@cache
def _limits() -> dict[str, str]:
    """What each point limits, in words."""
    items = knowledge.load().items

    def called(code: str) -> str:
        return f"“{items[code].name}”" if code in items else code

    told: dict[str, str] = {}
    for name, table in knowledge.load().tables.items():
        for row in table.to_pylist():
            if row["point_id"] not in told:
                told[row["point_id"]] = words.limits(name, row, called)
    return told


@cache
def _initials(name: str) -> str:
    from pypinyin import Style, lazy_pinyin  # its dictionaries cost every start of the site a third of a second

    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()
