"""What kinds of papers there are, as data, and which of them a finding's rule asks for."""

from __future__ import annotations

from fundguard.web.rulebase import lookup

#: Beside those that rules name themselves.
KINDS = (
    "病历",
    "医嘱",
    "处方",
    "护理记录",
    "检验检查报告",
    "手术记录",
    "收费结算票据",
    "进销存凭证",
    "照片",
    "情况说明",
    "其他",
)
#: Asked for where the rule is no longer in the catalogue.
USUAL = ("病历", "医嘱")


def expected(rule_code: str) -> tuple[str, ...]:
    """The papers that an objection to a finding of this rule needs (`papers` of the rule)."""
    rule = lookup.rule(rule_code)
    return rule.papers if rule else USUAL


def offered(rule_code: str) -> tuple[str, ...]:
    """The kinds to choose from when a file is brought: those expected first."""
    return tuple(dict.fromkeys((*expected(rule_code), *KINDS)))
