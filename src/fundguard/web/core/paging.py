"""One page of a long list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SIZES = (20, 50, 100)
NEIGHBOURS = 2


@dataclass(frozen=True)
class Page:
    """`number` counts from 1 and lies within `pages`; `total` counts all rows that match."""

    number: int
    size: int
    total: int

    @classmethod
    def asked(cls, query: Mapping[str, str], total: int) -> Page:
        """From `?page=3&size=50`. What cannot be read or is out of range becomes the nearest page that exists."""
        size = _whole(query.get("size"), SIZES[0])
        size = size if size in SIZES else SIZES[0]
        last = max(1, -(-total // size))
        return cls(min(max(1, _whole(query.get("page"), 1)), last), size, total)

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    @property
    def first(self) -> int:
        return self.offset + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.offset + self.size, self.total)

    @property
    def numbers(self) -> list[int | None]:
        """Page numbers to show: first, last and the neighbours of this one; None stands for a gap."""
        near = range(max(1, self.number - NEIGHBOURS), min(self.pages, self.number + NEIGHBOURS) + 1)
        shown: list[int | None] = []
        previous = 0
        for number in sorted({1, self.pages, *near}):
            if number - previous > 1:
                shown.append(None)
            shown.append(number)
            previous = number
        return shown


def _whole(text: str | None, default: int) -> int:
    """`text` as a number of at most nine ASCII digits, else `default`."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else default
