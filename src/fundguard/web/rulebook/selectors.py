"""Reads of rules and knowledge. Rules are the same for every viewer; counts of findings are the viewer's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache

from fundguard import knowledge, law
from fundguard.errors import Refusal
from fundguard.knowledge import Point
from fundguard.rules import catalogue
from fundguard.rules.rule import Rule
from fundguard.rules.shape import Parameter, shapes
from fundguard.web.accounts.guard import Viewer
from fundguard.web.core.known import of_viewer
from fundguard.web.findings import selectors as findings
from fundguard.web.findings.pages import Amount
from fundguard.web.rulebase import lookup
from fundguard.web.rulebook import problems, words
from fundguard.web.rulebook.pages import Found, Knowledge, Line, RulePage, Setting
from fundguard.web.rulebook.stories import stories

FOUND_SHOWN = 100
CONTENTS_KEPT = 8
_told: dict[str, dict[str, str]] = {}
_EPOCH = date(1970, 1, 1)
_NONE = Amount(0, 0)


def lines(viewer: Viewer) -> list[Line]:
    """All rules by code, with the findings that the viewer may know of."""
    counts = findings.by_rule(viewer) if viewer.may("see.findings") else {}
    points = _points_by_rule(of_viewer(viewer))
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
    rule = lookup.rule(code)
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
        state=words.STATES[rule.state] if code in catalogue.load() else "本地规则",
        count=amount.count,
        counted_fen=amount.counted_fen,
    )


def points(viewer: Viewer, code: str, sought: str) -> list[Point]:
    """Knowledge points of a rule whose name, initials, number or codes match; all where nothing is sought."""
    word = sought.strip().lower()
    own = _points_by_rule(of_viewer(viewer)).get(code, ())
    return [p for p in own if not word or _matches(p, word)]


def described(viewer: Viewer, some: Sequence[Point]) -> list[Knowledge]:
    """Points in words, with what each limits in the viewer's division."""
    limits = _limits(of_viewer(viewer))
    return [_described(point, limits) for point in some]


def found(viewer: Viewer, text: str) -> list[Found]:
    """Everything that a code, name or pinyin initials lead to, best first, at most `FOUND_SHOWN`."""
    names = findings.rule_names()
    return [
        Found(hit.name, hit.codes, described(viewer, hit.points), [(c, names[c]) for c in hit.rule_codes if c in names])
        for hit in knowledge.search(of_viewer(viewer), text)[:FOUND_SHOWN]
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


def of_code(viewer: Viewer, code: str) -> Found | None:
    """Every rule and knowledge point that touches exactly this code."""
    known = of_viewer(viewer)
    touching = [p for p in known.points.values() if code in p.codes]
    if not touching:
        return None
    item = known.items.get(code)
    names = findings.rule_names()
    rules = sorted({p.rule_code for p in touching} & set(names))
    told = described(viewer, touching)
    return Found(item.name if item else touching[0].name, (code,), told, [(c, names[c]) for c in rules])


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


def _described(point: Point, limits: Mapping[str, str]) -> Knowledge:
    mark = "" if point.firm else "待签核"
    if point.status != "usable":
        mark = "仅存文字，不参与核查"
    since = _EPOCH + timedelta(days=point.valid_from_day)
    return Knowledge(
        point.point_id,
        point.name,
        limits.get(point.point_id, ""),
        point.codes,
        point.batch,
        since.isoformat(),
        point.rule_code,
        mark,
    )


def _points_by_rule(known: knowledge.Knowledge) -> dict[str, tuple[Point, ...]]:
    grouped: dict[str, list[Point]] = {}
    for point in known.points.values():
        grouped.setdefault(point.rule_code, []).append(point)
    return {code: tuple(some) for code, some in grouped.items()}


def _limits(known: knowledge.Knowledge) -> dict[str, str]:
    """What each point limits, in words; told once for each content of the knowledge."""
    if known.version not in _told:
        if len(_told) >= CONTENTS_KEPT:
            _told.pop(next(iter(_told)))
        _told[known.version] = _said(known)
    return _told[known.version]


def _said(known: knowledge.Knowledge) -> dict[str, str]:
    items = known.items

    def called(code: str) -> str:
        return f"“{items[code].name}”" if code in items else code

    told: dict[str, str] = {}
    for name, table in known.tables.items():
        for row in table.to_pylist():
            if row["point_id"] not in told:
                told[row["point_id"]] = words.limits(name, row, called)
    return told


@cache
def _initials(name: str) -> str:
    from pypinyin import Style, lazy_pinyin  # its dictionaries cost every start of the site a third of a second

    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()
