"""Sets of row numbers as text: "1-9,11-40". Numbers are at least 1."""

from __future__ import annotations

from collections.abc import Iterable

Spans = list[tuple[int, int]]


def written(numbers: Iterable[int]) -> str:
    """Ascending numbers as text."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return joined((first, last) for first, last in spans)


def read(text: str) -> Spans:
    """First and last number of each span. ValueError where the text is damaged."""
    found = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found.append((int(first), int(last or first)))
    return found


def numbers(text: str) -> Iterable[int]:
    for first, last in read(text):
        yield from range(first, last + 1)


def without(span: tuple[int, int], taken: Iterable[int]) -> Spans:
    """What is left of a span when the ascending numbers `taken` are gone; those outside it change nothing."""
    first, last = span
    left = []
    for number in taken:
        if first <= number <= last:
            if number > first:
                left.append((first, number - 1))
            first = number + 1
    if first <= last:
        left.append((first, last))
    return left


def joined(spans: Iterable[tuple[int, int]]) -> str:
    """Spans as text."""
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in spans)
