"""Who reviews which drawn item: nobody what he reviewed before, loads even, and no choice left to anyone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from fundguard.errors import Refusal
from fundguard.sampling.draw import ticket


def assign(
    drawn: Sequence[str], reviewers: Collection[str], barred: Mapping[str, Collection[str]], seed_hex: str
) -> dict[str, str]:
    """Drawn key → reviewer. `barred` names for a key those who may not (first reviewed it, have an interest).

    The keys with the fewest possible reviewers are given first; of those with the smallest load, the smallest ticket
    of (key, reviewer) decides. Refusal where a key has nobody.
    """
    possible = {key: sorted(set(reviewers) - set(barred.get(key, ()))) for key in drawn}
    without = [key for key, people in possible.items() if not people]
    if without:
        raise Refusal("抽中的项目没有可以复审的人员", seen=f"{len(without)} 项", remedy="请增加未参与初审的复审人员")
    load = dict.fromkeys(sorted(reviewers), 0)
    chosen: dict[str, str] = {}
    for key in sorted(drawn, key=lambda key: (len(possible[key]), drawn.index(key))):
        person = min(possible[key], key=lambda one: (load[one], ticket(seed_hex, f"{key}\n{one}")))
        chosen[key] = person
        load[person] += 1
    return {key: chosen[key] for key in drawn}
