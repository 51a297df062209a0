"""One search over the knowledge: by code, name or pinyin initials, to every point and rule that touches a code."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from fundguard.knowledge.base import Item, Knowledge, Point


@dataclass(frozen=True)
class Hit:
    """Codes of one name that the same points touch."""

    name: str
    codes: tuple[str, ...]
    points: tuple[Point, ...]

    @property
    def rule_codes(self) -> tuple[str, ...]:
        return tuple(sorted({point.rule_code for point in self.points}))


def search(knowledge: Knowledge, text: str) -> list[Hit]:
    """What matches, best first: the code itself, the start of a code, the start of a name, within a name, initials.

    Full-width and half-width, upper and lower case are the same. Empty text finds nothing.
    """
    sought = _fold(text)
    if not sought:
        return []
    touching: dict[str, list[Point]] = {}
    for point in knowledge.points.values():
        for code in point.codes:
            touching.setdefault(code, []).append(point)
    found: dict[tuple[int, str, tuple[str, ...]], list[str]] = {}
    for code in sorted(touching):
        item = knowledge.items.get(code, Item(code, touching[code][0].name, touching[code][0].initials))
        if (rank := _rank(item, sought)) is not None:
            points = tuple(point.point_id for point in touching[code])
            found.setdefault((rank, item.name, points), []).append(code)
    return [
        Hit(name, tuple(codes), tuple(knowledge.points[point_id] for point_id in points))
        for (_, name, points), codes in sorted(found.items())
    ]


def _rank(item: Item, sought: str) -> int | None:
    code, name = item.med_list_codg.lower(), _fold(item.name)
    matches = (
        code == sought,
        code.startswith(sought),
        name.startswith(sought),
        sought in name,
        sought in item.initials,
    )
    return next((rank for rank, match in enumerate(matches) if match), None)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()
