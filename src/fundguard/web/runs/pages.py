"""What the templates of the run pages see."""

from __future__ import annotations

from dataclasses import dataclass

from fundguard.rules.shape import shapes

CLOSING = {"publish": "生成疑点和证据", "keep": "整理只与数据有关的中间结果"}


def step_name(name: str) -> str:
    """A step of the engine in words: a shape's title, else the preparation of data."""
    known = shapes()
    return f"核查：{known[name].title}" if name in known else CLOSING.get(name, "整理数据")


@dataclass(frozen=True)
class RuleLine:
    """A rule of a run, with its counts in the viewer's regions; zero is told, not left out."""

    code: str
    name: str
    article: str
    findings: int
    certain: int  # 明确违规
    suspected: int  # 可疑
    counted_fen: int
    not_evaluated: int
    ran: bool


@dataclass(frozen=True)
class RuleError:
    code: str
    name: str
    what: str
    seen: str
    remedy: str


@dataclass(frozen=True)
class Missing:
    """A rule that could not be evaluated for want of a field."""

    code: str
    name: str
    field: str
    institutions: int
    count: int


@dataclass(frozen=True)
class Cause:
    name: str
    findings: int


@dataclass(frozen=True)
class Gate:
    """How many findings the accusation gate held back; of the whole run, so only shown to who may see all of it."""

    findings: int
    held: int
    rate: float  # percent of the findings
    checks: tuple[tuple[str, int], ...]
    demo: bool  # some of its limits are demo values


@dataclass(frozen=True)
class Result:
    """A finished run as this viewer may see it."""

    rules: tuple[RuleLine, ...]
    errors: tuple[RuleError, ...]
    missing: tuple[Missing, ...]
    causes: tuple[Cause, ...]
    changes: tuple[tuple[str, int], ...]
    gate: Gate | None
    regions: tuple[str, ...]
    rows: tuple[tuple[str, int], ...]
    arrivals: int
    law_day: str
    steps: tuple[tuple[str, float], ...]

    @property
    def findings(self) -> int:
        return sum(rule.findings for rule in self.rules)

    @property
    def counted_fen(self) -> int:
        return sum(rule.counted_fen for rule in self.rules)

    @property
    def not_evaluated(self) -> int:
        return sum(rule.not_evaluated for rule in self.rules)
