"""The examples of a rule, run at once: right, wrong, one-sided, and a rule that cannot run."""

from __future__ import annotations

import yaml

from fundguard.audit.example_runs import run_examples
from fundguard.knowledge import of_region
from fundguard.rules.pack_template import TEMPLATE
from fundguard.rules.packs import read_examples
from fundguard.rules.rule import read_rule

RULE = read_rule(yaml.safe_load(TEMPLATE["rules/L501.yaml"]), "L501.yaml")
STORIES = TEMPLATE["rules/L501.examples.yaml"]


def tried(text: str, **changes: object):
    rule = read_rule(yaml.safe_load(TEMPLATE["rules/L501.yaml"]) | changes, "L501.yaml")
    return run_examples(rule, read_examples("L501", text), of_region("990101"), region="990101")


def test_the_examples_of_the_template_hold() -> None:
    told = tried(STORIES)
    assert told.passed
    assert (len(told.answers), told.wrong) == (21, ())


def test_a_wrong_answer_and_a_wrong_amount_are_told() -> None:
    late = tried(STORIES, parameters={"way": "pharmacy", "limit": 11})
    assert [(one.expected, one.given) for one in late.wrong] == [("可疑", "不涉及")]
    (amount,) = tried(STORIES.replace("违规金额: 100", "违规金额: 99")).wrong
    assert (amount.expected_fen, amount.given_fen) == (9900, 10000)
    strict = tried(STORIES, parameters={"way": "pharmacy", "limit": 9})
    assert not strict.passed


def test_examples_must_show_a_hit_and_a_clear_case() -> None:
    clear_only = "- 名称: 一次\n  就诊: [{方式: 购药}]\n"
    assert not tried(clear_only).wrong
    assert not tried(clear_only).passed
