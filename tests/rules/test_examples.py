"""Every example beside a rule gives the answer it states, on every engine; what is not named is clear."""

import pytest

from fundguard.rules import catalogue
from fundguard.rules.examples import CLEAR, examples


@pytest.mark.parametrize("code", catalogue.load())
def test_examples_of_a_rule(code, duckdb_answers):
    found = examples(code)
    answers = duckdb_answers(code, found)
    wrong = [
        (example.name, key, expected, answers.get(key, CLEAR))
        for example in found
        for key, expected in example.expected.items()
        if answers.get(key, CLEAR) != expected
    ]
    stray = set(answers) - {key for example in found for key in example.expected}
    assert not wrong
    assert not stray
