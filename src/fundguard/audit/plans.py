"""Which rules run where: the published rules of each region, regions with the same plan taken together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from fundguard.engines.duckdb import Fault
from fundguard.errors import Refusal
from fundguard.knowledge import Knowledge
from fundguard.rules import catalogue
from fundguard.rules.compiler import Plan, compile_rules
from fundguard.rules.rule import Rule

_REGIONS = """
SELECT DISTINCT coalesce(fix_blng_admdvs, '') FROM (
  SELECT fix_blng_admdvs FROM fixmedins_b UNION ALL SELECT fix_blng_admdvs FROM setl_d)
ORDER BY 1
"""


@dataclass(frozen=True)
class RegionPlan:
    """One plan, the regions whose findings it gives, its rules, and the rules that cannot run there and why."""

    regions: tuple[str, ...]
    rules: tuple[Rule, ...]
    plan: Plan
    faults: Mapping[str, Fault]


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


def plans(regions: Sequence[str], rules: Sequence[Rule], knowledge: Knowledge, law_day: date) -> tuple[RegionPlan, ...]:
    """The plans of these regions; law parameters are those of `law_day` in each region."""
    groups: list[RegionPlan] = []
    for region in regions:
        published = tuple(rule for rule in rules if rule.published_in(region))
        if not published:
            continue
        made = _plan(region, published, knowledge, law_day)
        same = next((n for n, g in enumerate(groups) if (g.plan, g.faults) == (made.plan, made.faults)), None)
        if same is None:
            groups.append(made)
        else:
            groups[same] = RegionPlan((*groups[same].regions, region), made.rules, made.plan, made.faults)
    return tuple(groups)


def _plan(region: str, rules: tuple[Rule, ...], knowledge: Knowledge, law_day: date) -> RegionPlan:
    """A rule whose parameters are not set in this region is left out with its reason; the others run."""
    try:
        return RegionPlan((region,), rules, compile_rules(rules, knowledge, region=region, law_day=law_day), {})
    except Refusal:
        faults = {rule.code: fault for rule in rules if (fault := _fault(region, rule, knowledge, law_day))}
    able = tuple(rule for rule in rules if rule.code not in faults)
    return RegionPlan((region,), rules, compile_rules(able, knowledge, region=region, law_day=law_day), faults)


def _fault(region: str, rule: Rule, knowledge: Knowledge, law_day: date) -> Fault | None:
    try:
        compile_rules((rule,), knowledge, region=region, law_day=law_day)
    except Refusal as refusal:
        return Fault(refusal.what, refusal.where, refusal.seen, refusal.remedy)
    return None
