"""What the templates may see of points and codes."""

from __future__ import annotations

from dataclasses import dataclass

from fundguard.knowledge import Point


@dataclass(frozen=True)
class State:
    """A point as one version has it. `proposal`: the page of the version, none where it is shipped."""

    version: str
    point: Point
    limit: str
    proposal: int | None = None


@dataclass(frozen=True)
class PointPage:
    """`history`: as shipped and as each version has it, oldest first. `findings`: standing items that rest on it."""

    point: Point
    limit: str
    rule_name: str
    names: list[tuple[str, str]]
    history: list[State]
    findings: int | None


@dataclass(frozen=True)
class CodePage:
    """Where a code is used. `names`: catalogue → its name of the code; none: no catalogue knows it."""

    code: str
    name: str
    names: list[tuple[str, str]]
    points: list[tuple[Point, str]]
    rules: list[tuple[str, str]]
    versions: list[tuple[int, str]]
    findings: int | None
    known: bool


@dataclass(frozen=True)
class TableLine:
    """A limit table in the list of forms."""

    name: str
    title: str
    about: str
    points: int
