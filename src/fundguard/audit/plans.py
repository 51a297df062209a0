"""Which rules run where: the published rules of each region, regions with the same plan taken together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from fundguard import law
from fundguard.audit.recalled import Recalled, dropped, stopped
from fundguard.engines.script import Fault
from fundguard.errors import Refusal
from fundguard.findings import gate
from fundguard.findings.gate import Limits
from fundguard.findings.publish import Dropped
from fundguard.knowledge import Knowledge
from fundguard.rules import catalogue
from fundguard.rules.compiler import Plan, compile_rules
from fundguard.rules.rule import Rule

_REGIONS = """
SELECT DISTINCT coalesce(fix_blng_admdvs, '') FROM (
  SELECT fix_blng_admdvs FROM fixmedins_b UNION ALL SELECT fix_blng_admdvs FROM setl_d)
ORDER BY 1
"""


#: The rules in force in a region of treatment, at most one version of each.
RulesOf = Callable[[str], Sequence[Rule]]


@dataclass(frozen=True)
class RegionPlan:
    """One plan, the regions whose findings it gives, its rules, and the rules that cannot run there and why.

    `limits` are those of the accusation gate, `knowledge_version` names the knowledge of these regions. `unset` tells
    of rules that run there the days for which nobody has set a parameter: they judge no conduct of those. `without`
    was recalled there.
    """

    regions: tuple[str, ...]
    rules: tuple[Rule, ...]
    plan: Plan
    faults: Mapping[str, Fault]
    limits: Limits
    unset: Mapping[str, tuple[Unset, ...]]
    knowledge_version: str
    without: tuple[Dropped, ...] = ()


@dataclass(frozen=True)
class Unset:
    """A law parameter without a value on these days, both included."""

    parameter: str
    first: date
    last: date


def regions_of(connection: duckdb.DuckDBPyConnection, wanted: Collection[str] | None) -> tuple[str, ...]:
    """Regions of treatment in the data ("" where a row tells none), or those that begin with one of `wanted`."""
    found = [region for (region,) in connection.execute(_REGIONS).fetchall()]
    return tuple(r for r in found if wanted is None or any(w and r.startswith(w) for w in wanted))


def chosen(codes: Collection[str] | None) -> tuple[Rule, ...]:
    """The rules asked for by code, or all; a code that is in no rule is refused."""
    known = catalogue.load()
    missing = sorted(set(codes or ()) - set(known))
    if missing:
        raise Refusal(
            "没有这条规则", seen="、".join(missing), remedy="用 fundguard rules 查看全部规则编码。", exit_code=2
        )
    return tuple(rule for rule in known.values() if codes is None or rule.code in codes)


def where_published(rules: Sequence[Rule]) -> RulesOf:
    """Of these rules those published in a region."""
    return lambda region: [rule for rule in rules if rule.published_in(region)]


def plans(
    regions: Sequence[str],
    rules: RulesOf,
    knowledge: Callable[[str], Knowledge],
    law_day: date,
    recalled: Sequence[Recalled] = (),
) -> tuple[RegionPlan, ...]:
    """The plans of these regions, each by the rules in force there and the knowledge that holds there.

    Law parameters are those of each region that came into force by `law_day`. A rule whose parameters were never set
    in a region is left out there with its reason; the others run. What was recalled in a region is not asked there.
    """
    groups: dict[_Shared, list[str]] = {}
    known_rules: dict[tuple[str, str], Rule] = {}
    for region in regions:
        asked = [rule for rule in rules(region) if not stopped(rule, region, recalled)]
        known_rules |= {(rule.code, rule.content_hash): rule for rule in asked}
        settings = tuple(_setting(rule, region, law_day) for rule in asked)
        if settings:
            known = knowledge(region)
            without = dropped(asked, region, recalled, known)
            shared = (gate.limits(region, law_day), settings, without, known.version)
            groups.setdefault(shared, []).append(region)
    return tuple(_plan(shared, same, known_rules, knowledge(same[0])) for shared, same in groups.items())


@dataclass(frozen=True)
class _Setting:
    """A published rule and the values of its law parameters in one region by days, or why they are not set."""

    rule: tuple[str, str]  # code and hash of its content
    values: tuple[tuple[str, tuple[law.Period, ...]], ...]
    fault: Fault | None
    unset: tuple[Unset, ...] = ()


#: What regions of one plan have in common.
_Shared = tuple[Limits, tuple[_Setting, ...], tuple[Dropped, ...], str]


def _setting(rule: Rule, region: str, law_day: date) -> _Setting:
    own = rule.code, rule.content_hash
    named = sorted((name, given["law"]) for name, given in rule.parameters.items() if isinstance(given, dict))
    try:
        values = tuple((name, _begun(key, region, law_day)) for name, key in named)
    except Refusal as refused:
        return _Setting(
            (rule.code, rule.content_hash), (), Fault(refused.what, refused.where, refused.seen, refused.remedy)
        )
    since = date.fromisoformat(rule.valid_from)
    unset = (
        gap for (_, key), (_, spans) in zip(named, values, strict=True) for gap in _gaps(key, spans, since, law_day)
    )
    return _Setting(own, values, None, tuple(unset))


def _begun(key: str, region: str, law_day: date) -> tuple[law.Period, ...]:
    """The values up to `law_day`; where there never was one, the refusal of that day."""
    found = tuple(period for period in law.periods(key, region=region) if period.since <= law_day)
    if not found:
        law.parameter(key, day=law_day, region=region)
    return found


def _gaps(key: str, spans: Sequence[law.Period], first: date, last: date) -> Iterator[Unset]:
    """The days from `first` to `last` that lie in none of the spans (in the order of time)."""
    covered = first
    for span in spans:
        if span.since > covered:
            yield Unset(key, covered, span.since - timedelta(days=1))
        if span.until is None:
            return
        covered = max(covered, span.until)
    if covered <= last:
        yield Unset(key, covered, last)


def _plan(
    shared: _Shared,
    regions: Sequence[str],
    by_hash: Mapping[tuple[str, str], Rule],
    knowledge: Knowledge,
) -> RegionPlan:
    limits, settings, without, version = shared
    able = [by_hash[s.rule] for s in settings if s.fault is None]
    return RegionPlan(
        regions=tuple(regions),
        rules=tuple(by_hash[s.rule] for s in settings),
        plan=compile_rules(able, knowledge, region=regions[0]),
        faults={s.rule[0]: s.fault for s in settings if s.fault is not None},
        limits=limits,
        unset={s.rule[0]: s.unset for s in settings if s.unset},
        knowledge_version=version,
        without=without,
    )
