"""What one person's steps amount to. Pure: acts in, figures out.

Minutes: between two steps of the same person on the same day, neither of a bulk step, a gap of at most `LONGEST`; the
median of these gaps. The time before a day's first step is not known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

from fundguard.workflows.history import local_day

LONGEST = timedelta(minutes=60)  # a longer gap was not spent on one finding
UPHELD = frozenset({"uphold", "uphold_part"})
OPINIONS = UPHELD | {"dismiss"}
#: Step that takes back → those it takes back.
TAKEN_BACK = {"take_back_review": OPINIONS, "take_back_confirmation": frozenset({"confirm"})}


@dataclass(frozen=True)
class Act:
    """A step of a person; `bulk`: of a bulk step."""

    key: str
    verb: str
    at: datetime
    bulk: bool = False


@dataclass(frozen=True)
class Standing:
    """A finding as it stands now; `fen` counts only where it is still upheld."""

    rule: str
    fen: int


@dataclass
class Tally:
    """Opinions of first reviews, of these upheld and sent back; findings confirmed; fen that are still upheld."""

    reviewed: int = 0
    upheld: int = 0
    sent_back: int = 0
    confirmed: int = 0
    fen: int = 0


@dataclass(frozen=True)
class Work:
    """`minutes` is None where no two steps followed each other; `gaps` says on how many it rests."""

    total: Tally
    weeks: Mapping[date, Tally]
    rules: Mapping[str, Tally]
    minutes: float | None
    gaps: int
    bulk: int
    keys: frozenset[str] = field(default=frozenset())


def work(acts: Iterable[Act], standing: Mapping[str, Standing], sent_back: Collection[tuple[str, datetime]]) -> Work:
    """Of one person's acts in order; `sent_back` are (key, moment) of every sending back, whoever's opinion it was."""
    listed = sorted(acts, key=lambda act: act.at)
    held = _held(listed)
    returned = defaultdict(list)
    for key, at in sent_back:
        returned[key].append(at)
    total, weeks, rules = Tally(), defaultdict(Tally), defaultdict(Tally)
    for place, act in enumerate(held):
        later = next((one.at for one in held[place + 1 :] if one.key == act.key and one.verb in OPINIONS), None)
        back = any(at > act.at and (later is None or at < later) for at in returned[act.key])
        one = standing.get(act.key, Standing("", 0))
        for tally in (total, weeks[_week(act.at)], rules[one.rule]):
            _add(tally, act, one, back=back, last=later is None)
    gaps = _gaps(listed)
    return Work(
        total=total,
        weeks=dict(sorted(weeks.items())),
        rules=dict(sorted(rules.items(), key=lambda item: -item[1].reviewed)),
        minutes=round(median(gaps), 1) if gaps else None,
        gaps=len(gaps),
        bulk=sum(act.bulk for act in held),
        keys=frozenset(act.key for act in held),
    )


def _held(listed: list[Act]) -> list[Act]:
    """Without what was taken back."""
    held: dict[int, Act] = {}
    last: dict[str, int] = {}
    for place, act in enumerate(listed):
        if undone := TAKEN_BACK.get(act.verb):
            if act.key in last and held[last[act.key]].verb in undone:
                del held[last.pop(act.key)]
        else:
            held[place], last[act.key] = act, place
    return list(held.values())


def _add(tally: Tally, act: Act, one: Standing, *, back: bool, last: bool) -> None:
    if act.verb == "confirm":
        tally.confirmed += 1
    if act.verb in OPINIONS:
        tally.reviewed += 1
        tally.sent_back += back
    if act.verb in UPHELD:
        tally.upheld += 1
        tally.fen += one.fen if last and not back else 0


def _gaps(listed: list[Act]) -> list[float]:
    """Minutes."""
    return [
        (after.at - before.at).total_seconds() / 60
        for before, after in pairwise(listed)
        if not (before.bulk or after.bulk)
        and local_day(before.at) == local_day(after.at)
        and after.at - before.at <= LONGEST
    ]


def _week(at: datetime) -> date:
    """Its Monday."""
    day = local_day(at)
    return day - timedelta(days=day.weekday())
