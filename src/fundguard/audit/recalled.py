"""What was recalled and is not asked again: a rule, or knowledge points, in the version that was wrong.

A corrected rule has another version and a corrected point another content, so both run again by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fundguard.findings.publish import Dropped
from fundguard.knowledge import Knowledge, fingerprint
from fundguard.rules.rule import Rule


@dataclass(frozen=True)
class Recalled:
    """`version` and those before it are recalled in the places of treatment `regions`. `points` are the knowledge
    points recalled with the fingerprint each had, none: the whole rule. `first` to `last` are the days of conduct it
    is recalled for, none: all."""

    rule_code: str
    version: int
    regions: frozenset[str]
    points: tuple[tuple[str, str], ...] = ()
    first: date | None = None
    last: date | None = None

    def told(self) -> dict[str, Any]:
        """As `run.json` tells it."""
        days = [day.isoformat() for day in (self.first, self.last) if day]
        named = {"rule": self.rule_code, "version": self.version, "regions": sorted(self.regions)}
        return named | {"points": [list(point) for point in self.points], "days": days}


def stopped(rule: Rule, region: str, recalled: Iterable[Recalled]) -> bool:
    """Whether the rule as it is now was recalled wholly in this region."""
    return any(not one.points and one.first is None and _holds(one, rule, region) for one in recalled)


def dropped(
    rules: Sequence[Rule], region: str, recalled: Iterable[Recalled], knowledge: Knowledge
) -> tuple[Dropped, ...]:
    """What of the rules that run in this region is left out: recalled points as they still are, recalled days."""
    by_code = {rule.code: rule for rule in rules}
    found: set[Dropped] = set()
    for one in recalled:
        rule = by_code.get(one.rule_code)
        if rule is None or region not in one.regions:
            continue
        found |= {Dropped(one.rule_code, point) for point, was in one.points if fingerprint(knowledge, point) == was}
        if one.first and one.last and _holds(one, rule, region):
            found.add(Dropped(one.rule_code, "", one.first, one.last))
    return tuple(sorted(found, key=str))


def _holds(one: Recalled, rule: Rule, region: str) -> bool:
    return one.rule_code == rule.code and region in one.regions and rule.version <= one.version
