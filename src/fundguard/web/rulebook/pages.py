"""What the templates of the rulebook may see."""

from __future__ import annotations

from dataclasses import dataclass

from fundguard.law import Article
from fundguard.rules.rule import Rule


@dataclass(frozen=True)
class Line:
    """A rule in the list; `count` and `counted_fen` are standing findings within the viewer's reach."""

    code: str
    name: str
    klass: str
    verdict: str
    state: str
    version: int
    points: int
    count: int
    counted_fen: int


@dataclass(frozen=True)
class Setting:
    """A parameter in words: what it says, its value, and a mark where the law's number is not verified."""

    about: str
    value: str
    mark: str = ""


@dataclass(frozen=True)
class Knowledge:
    """A knowledge point in words. `mark` says why it does not accuse alone, empty where it may."""

    point_id: str
    name: str
    limits: str
    codes: tuple[str, ...]
    batch: str
    since: str
    rule_code: str
    mark: str


@dataclass(frozen=True)
class ExampleLine:
    """One judged row of an example: what it is, and the answer the rule must give."""

    place: str
    told: str
    answer: str


@dataclass(frozen=True)
class Example:
    name: str
    persons: str
    lines: list[ExampleLine]


@dataclass(frozen=True)
class RulePage:
    rule: Rule
    shape_title: str
    shape_about: str
    article: Article | None
    settings: list[Setting]
    sql: str
    examples: list[Example]
    state: str
    count: int
    counted_fen: int


@dataclass(frozen=True)
class Found:
    """An item that a search found: its codes, the rules (code, name) that touch them and what these limit."""

    name: str
    codes: tuple[str, ...]
    points: list[Knowledge]
    rules: list[tuple[str, str]]

    @property
    def limits(self) -> list[str]:
        return sorted({point.limits for point in self.points if point.limits})
