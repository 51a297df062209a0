"""What the rest of the site may know of a rule by its code: shipped, or the site's own."""

from __future__ import annotations

from django.core.cache import cache

from fundguard.rules import catalogue
from fundguard.rules.rule import Rule, read_rule
from fundguard.web.rulebase.models import Version

NAMES, KEPT_SECONDS = "rulebase.names", 30


def rule(code: str) -> Rule | None:
    """The rule in its shipped words, else the latest version of a local one."""
    shipped = catalogue.load().get(code)
    if shipped is not None or not code.startswith("L"):
        return shipped
    own = Version.objects.filter(rule_code=code).order_by("-number").first()
    return rule_of(own) if own else None


def rule_of(version: Version, institutions: tuple[str, ...] = ()) -> Rule:
    """The rule that a version makes, in force wherever it is handed out, for these institutions (empty: all)."""
    data = {name: value for name, value in version.data.items() if name != "regions"}
    data |= {"version": version.number, "state": "published"}
    if institutions:
        data["institutions"] = list(institutions)
    return read_rule(data, str(version))


def every_name() -> dict[str, str]:
    """Code → name of all rules that this site knows, by code."""
    return dict(sorted((names() | {code: one.name for code, one in catalogue.load().items()}).items()))


def examples_of(code: str) -> str:
    """The text of a rule's examples."""
    shipped = catalogue.examples_text(code)
    if shipped or not code.startswith("L"):
        return shipped
    own = Version.objects.filter(rule_code=code).order_by("-number").first()
    return own.examples if own else ""


def names() -> dict[str, str]:
    """Code → name of the rules that only this site has."""
    held: dict[str, str] | None = cache.get(NAMES)
    if held is None:
        own = Version.objects.filter(rule_code__startswith="L").order_by("number")
        held = {code: data["name"] for code, data in own.values_list("rule_code", "data")}
        cache.set(NAMES, held, KEPT_SECONDS)
    return held
