"""Which version of which rule holds where: what ships, and on top the site's confirmed decisions, the latest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from django.db import transaction

from fundguard.audit.plans import RulesOf
from fundguard.knowledge import Knowledge
from fundguard.knowledge.own import OwnPoint, read_own, with_own
from fundguard.rules import catalogue
from fundguard.rules.rule import Rule
from fundguard.rules.shape import shapes
from fundguard.web.accounts.models import Region
from fundguard.web.accounts.selectors import wider
from fundguard.web.rulebase.lookup import rule_of
from fundguard.web.rulebase.models import Placement, Version

Act = Placement.Act
KnowledgeOf = Callable[[str], Knowledge]


def rules_in_force(codes: Iterable[str] = ()) -> RulesOf:
    """The published rules of a region, at most one version of each; only these codes where any are named.

    Read once: a run sees one state of the decisions from its beginning to its end.
    """
    shipped = _shipped()
    decided = _decided((Act.PUBLISH, Act.RETIRE))
    wanted = frozenset(codes)
    asked = [code for code in sorted({*shipped, *decided}) if not wanted or code in wanted]

    @cache
    def of(region: str) -> tuple[Rule, ...]:
        found = (_in_force(shipped.get(code), decided.get(code, ()), region) for code in asked)
        return tuple(rule for rule in found if rule is not None)

    return of


def rules_for_run(codes: Iterable[str] = ()) -> RulesOf:
    """The same for a run in earnest, which first keeps what ships changed since."""
    adopt_shipped()
    return rules_in_force(codes)


def trials() -> list[Placement]:
    """The versions on trial: the latest word on the rule in that region is a trial."""
    ended: dict[str, list[frozenset[str]]] = {}
    found = []
    for one in _confirmed(tuple(Act)):
        if any(one.region in covered for covered in ended.get(one.rule_code, ())):
            continue
        if one.act == Act.TRIAL:
            found.append(one)
        ended.setdefault(one.rule_code, []).append(below(one.region))
    return found


def placed_in(code: str, region: str) -> Placement | None:
    """The decision that says which version holds in a region; None where the shipped rule does."""
    return _latest(_decided((Act.PUBLISH, Act.RETIRE)).get(code, ()), region)


def version_in(code: str, region: str) -> int:
    """The number of the version in force in a region, else of the last that there is."""
    held = {rule.code: rule.version for rule in rules_in_force([code])(region)}
    if code in held:
        return held[code]
    last = Version.objects.filter(rule_code=code).order_by("-number").values_list("number", flat=True).first()
    return last or catalogue.load()[code].version


def unpublished(code: str, region: str) -> bool:
    """Whether the rule as it ships is in force nowhere in this region."""
    shipped = catalogue.load().get(code)
    return shipped is None or not shipped.published_in(region)


def with_points(knowledge: KnowledgeOf, versions: Iterable[Version] | None = None) -> KnowledgeOf:
    """The knowledge of a region with the points that local rules bring: of the versions in force there, or of these."""
    adopted = list(versions) if versions is not None else None
    decided = _decided((Act.PUBLISH, Act.RETIRE)) if adopted is None else {}

    @cache
    def of(region: str) -> Knowledge:
        if adopted is None:
            latest = [_latest(some, region) for some in decided.values()]
            own = [one.version for one in latest if one is not None and one.act == Act.PUBLISH]
        else:
            own = adopted
        told = knowledge(region)
        for version in own:
            told = with_own(told, table_of(version), points_of(version))
        return told

    return of


def table_of(version: Version) -> str:
    return shapes()[version.data["shape"]].knowledge


def points_of(version: Version) -> tuple[OwnPoint, ...]:
    if not version.points.strip():
        return ()
    since = date.fromisoformat(str(version.data["valid_from"]))
    return read_own(version.rule_code, table_of(version), version.points, since)


@transaction.atomic
def adopt_shipped() -> None:
    """A rule that the site keeps versions of, and that ships changed since, gets its shipped content as a version."""
    for code in set(Version.objects.values_list("rule_code", flat=True)) & set(catalogue.load()):
        shipped_version(code)


def shipped_version(code: str) -> Version:
    """The shipped content as a version of the site; numbered as it ships, or next where that number is taken."""
    rule = catalogue.load()[code]
    own = Version.objects.filter(rule_code=code)
    held = own.filter(content_hash=rule.content_hash).first()
    if held is not None:
        return held
    last = own.order_by("-number").values_list("number", flat=True).first() or 0
    return Version.objects.create(
        rule_code=code,
        number=max(rule.version, last + 1),
        origin=Version.Origin.SHIPPED,
        data=catalogue.data(code),
        examples=catalogue.examples_text(code),
        content_hash=rule.content_hash,
    )


def shown_version(code: str) -> Version:
    """The shipped rule as a version, unwritten where it was never kept: pages that only look leave nothing behind."""
    rule = catalogue.load()[code]
    held = Version.objects.filter(rule_code=code, content_hash=rule.content_hash).first()
    if held is not None:
        return held
    return Version(
        rule_code=code,
        number=rule.version,
        origin=Version.Origin.SHIPPED,
        data=catalogue.data(code),
        examples=catalogue.examples_text(code),
        content_hash=rule.content_hash,
    )


def _shipped() -> dict[str, Rule]:
    """The shipped rules, numbered as the site keeps them."""
    kept = Version.objects.filter(origin=Version.Origin.SHIPPED).values_list("content_hash", "number")
    numbers = dict(kept)
    return {
        code: replace(rule, version=numbers.get(rule.content_hash, rule.version))
        for code, rule in catalogue.load().items()
    }


def _in_force(shipped: Rule | None, decided: Sequence[Placement], region: str) -> Rule | None:
    latest = _latest(decided, region)
    if latest is not None:
        return rule_of(latest.version, tuple(latest.institutions)) if latest.act == Act.PUBLISH else None
    return shipped if shipped is not None and shipped.published_in(region) else None


def _latest(decided: Iterable[Placement], region: str) -> Placement | None:
    covering = _above(region)
    return next((one for one in decided if one.region in covering), None)


def _confirmed(acts: Sequence[str]) -> list[Placement]:
    found = Placement.objects.filter(outcome=Placement.Outcome.CONFIRMED, act__in=acts)
    return list(found.select_related("version").order_by("-decided_at", "-pk"))


def _decided(acts: Sequence[str]) -> dict[str, list[Placement]]:
    told: dict[str, list[Placement]] = {}
    for one in _confirmed(acts):
        told.setdefault(one.rule_code, []).append(one)
    return told


def _above(region: str) -> frozenset[str]:
    """The division and those above it."""
    return wider(region) - {""}


def below(region: str) -> frozenset[str]:
    home = Region.objects.get(code=region)
    return frozenset(Region.objects.filter(path__startswith=home.path).values_list("code", flat=True))
