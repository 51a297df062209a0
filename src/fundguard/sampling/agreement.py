"""How far two reviewers agree beyond chance, and how sure a share is.

Cohen's kappa: J. Cohen, A coefficient of agreement for nominal scales, 1960. Gwet's AC1: K. L. Gwet, Computing
inter-rater reliability and its variance in the presence of high agreement, 2008; it stays meaningful where nearly all
answers are the same, where kappa collapses. Wilson interval: E. B. Wilson, 1927.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

#: Standard normal quantile of a two-sided 95 % interval.
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Agreement:
    """`observed` share of equal answers; `kappa`, `ac1` are None where chance alone leaves nothing to measure."""

    pairs: int
    observed: float | None
    kappa: float | None
    ac1: float | None


def agreement(pairs: Iterable[tuple[str, str]], categories: Iterable[str]) -> Agreement:
    """Of pairs (first answer, blind second answer). `categories` are all answers possible, given or not.

    ValueError where an answer is none of them.
    """
    answers, known = list(pairs), sorted(set(categories))
    if any(answer not in known for pair in answers for answer in pair):
        raise ValueError("an answer outside the categories")
    count = len(answers)
    if not count:
        return Agreement(0, None, None, None)
    first, second = Counter(a for a, _ in answers), Counter(b for _, b in answers)
    observed = sum(a == b for a, b in answers) / count
    by_margins = sum(first[c] * second[c] for c in known) / count**2
    shares = [(first[c] + second[c]) / (2 * count) for c in known]
    by_chance = sum(share * (1 - share) for share in shares) / (len(known) - 1) if len(known) > 1 else 1.0
    return Agreement(count, observed, _beyond(observed, by_margins), _beyond(observed, by_chance))


def agreement_by(rows: Iterable[tuple[str, str, str]], categories: Iterable[str]) -> dict[str, Agreement]:
    """For each group (a rule, a reviewer) of rows (group, first answer, second answer), in the order of the groups."""
    grouped: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for group, first, second in rows:
        grouped[group].append((first, second))
    known = tuple(categories)
    return {group: agreement(grouped[group], known) for group in sorted(grouped)}


def wilson(successes: int, count: int, z: float = Z95) -> tuple[float, float] | None:
    """The interval of a share; None of nothing. Ends are within 0 and 1, also for none or all."""
    if not 0 <= successes <= count:
        raise ValueError("more successes than trials")
    if not count:
        return None
    share, square = successes / count, z * z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = z * sqrt(share * (1 - share) / count + square / (4 * count * count)) / (1 + square / count)
    return (0.0 if successes == 0 else middle - half, 1.0 if successes == count else middle + half)


def _beyond(observed: float, chance: float) -> float | None:
    return None if chance >= 1 else (observed - chance) / (1 - chance)
