"""The two sides of a what-if over shipped rules: as they are, and with other parameters or another version as data."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import yaml

from fundguard.audit.backtest import Side
from fundguard.audit.plans import RulesOf, where_published
from fundguard.audit.settings import Setting, change
from fundguard.errors import Refusal
from fundguard.knowledge import of_region
from fundguard.rules.rule import Rule, read_rule


def everywhere(rules: Sequence[Rule]) -> RulesOf:
    """These rules in every region, whether or not they are published there: only for what publishes nothing."""
    return lambda region: rules


def of_rules(
    rules: Sequence[Rule],
    settings: Sequence[Setting] = (),
    version: Path | None = None,
    proposed: Path | None = None,
) -> tuple[Side | None, Side]:
    """As is: where the rules are published (None: nowhere); changed: in the same places, a draft everywhere.

    `version` is a rule's file, `proposed` a folder of knowledge that would be laid over what holds.
    """
    renewed = _renewed(rules, version) if version else tuple(rules)
    changed, knowledge = change(renewed, partial(of_region, proposed=proposed), settings)
    if not any(rule.state == "published" for rule in rules):
        return None, Side(everywhere(changed), knowledge)
    by_code = {rule.code: rule for rule in changed}

    def same_places(region: str) -> Sequence[Rule]:
        return [by_code[rule.code] for rule in rules if rule.state != "published" or rule.published_in(region)]

    return Side(where_published(rules)), Side(same_places, knowledge)


def _renewed(rules: Sequence[Rule], file: Path) -> tuple[Rule, ...]:
    try:
        data = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise Refusal(
            "读不出规则文件", where=file.name, seen=type(error).__name__, remedy="请提供一条规则的 YAML 文件"
        ) from error
    if not isinstance(data, dict):
        raise Refusal("读不出规则文件", where=file.name, remedy="请提供一条规则的 YAML 文件")
    other = read_rule(data, file.name)
    if other.code not in {rule.code for rule in rules}:
        raise Refusal(
            "这个文件不是所试算规则的另一版本", where=file.name, seen=other.code, remedy="请用 --rule 写明该规则"
        )
    return tuple(other if rule.code == other.code else rule for rule in rules)
