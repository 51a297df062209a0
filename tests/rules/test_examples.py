"""Every example beside a rule gives the answer it states, with the amount it states; what is not named is clear."""

import pytest
from rule_runs import SHIPPED

from fundguard.errors import Refusal
from fundguard.rules import catalogue
from fundguard.rules import examples as language
from fundguard.rules.answers import failures
from fundguard.rules.examples import ANSWERS, CLEAR, UNKNOWN, examples


@pytest.mark.parametrize("code", SHIPPED)
def test_examples_of_a_rule(code, duckdb_rows):
    _, answers = duckdb_rows
    assert failures(examples(code), answers) == []


@pytest.mark.parametrize("code", SHIPPED)
def test_every_rule_is_shown_to_hit_and_to_spare(code):
    stories = [set(example.expected.values()) for example in examples(code)]
    draft = catalogue.load()[code].state == "draft"  # N47: no field tells what it asks, so it only leaves open
    assert any(answers & set(ANSWERS) - ({CLEAR} if draft else {CLEAR, UNKNOWN}) for answers in stories)
    assert any(answers == {CLEAR} for answers in stories)


@pytest.mark.parametrize(
    "text",
    [
        "- {名称: 甲, 备注: 乙}",
        "- {名称: 甲, 就诊: [{医院: 乙}]}",
        "- {名称: 甲, 就诊: [{费用: [{编码: 乙}]}]}",
        "- {名称: 甲, 就诊: [{预期: 违规}]}",
    ],
)
def test_an_example_that_cannot_be_read_is_refused(text, monkeypatch):
    monkeypatch.setattr(language, "examples_text", lambda code: text)
    with pytest.raises(Refusal):
        examples("N01")


def test_every_example_file_belongs_to_a_rule():
    names = {path.name.removesuffix(".examples.yaml") for path in catalogue._files(".examples.yaml")}
    assert names == set(SHIPPED)
