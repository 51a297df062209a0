"""Agreement statistics against published worked examples."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundguard.sampling.agreement import agreement, agreement_by, wilson

YES_NO = ("成立", "不成立")


def table(*counts: int, categories=YES_NO):
    cells = ((a, b) for a in categories for b in categories)
    return [cell for cell, count in zip(cells, counts, strict=True) for _ in range(count)]


@pytest.mark.parametrize(
    ("pairs", "observed", "kappa", "ac1"),
    [
        # Two readers of 50 proposals, the usual textbook example: 20, 5, 10, 15.
        (table(20, 5, 10, 15), 0.7, 0.4, (0.7 - 0.495) / (1 - 0.495)),
        # Gwet 2008, the paradox: 118 of 125 agree, kappa says worse than chance.
        (table(118, 5, 2, 0), 0.944, -0.0234, 0.9408),
        (table(10, 0, 0, 10), 1.0, 1.0, 1.0),
        (table(0, 10, 10, 0), 0.0, -1.0, -1.0),
        # By hand: margins .5 .3 .2 and .4 .4 .2, so chance is .36; AC1: shares .45 .35 .2, so chance is .3175
        (
            table(4, 1, 0, 0, 2, 1, 0, 1, 1, categories=("a", "b", "c")),
            0.7,
            (0.7 - 0.36) / 0.64,
            (0.7 - 0.3175) / 0.6825,
        ),
    ],
)
def test_published_examples(pairs, observed, kappa, ac1):
    found = agreement(pairs, sorted({answer for pair in pairs for answer in pair}))
    assert found.pairs == len(pairs)
    assert found.observed == pytest.approx(observed)
    assert found.kappa == pytest.approx(kappa, abs=1e-4)
    assert found.ac1 == pytest.approx(ac1, abs=1e-4)


def test_where_all_answers_are_the_same_kappa_says_nothing_and_ac1_does():
    found = agreement(table(50, 0, 0, 0), YES_NO)
    assert (found.observed, found.kappa, found.ac1) == (1.0, None, 1.0)


def test_of_nothing_nothing_is_said():
    assert agreement([], YES_NO).ac1 is None
    assert wilson(0, 0) is None


def test_an_unknown_answer_is_an_error():
    with pytest.raises(ValueError, match="outside"):
        agreement([("成立", "也许")], YES_NO)


def test_by_rule_each_rule_alone():
    rows = [("N10", *pair) for pair in table(20, 5, 10, 15)] + [("N02", "成立", "成立")]
    found = agreement_by(rows, YES_NO)
    assert list(found) == ["N02", "N10"]
    assert found["N10"].kappa == pytest.approx(0.4)
    assert found["N02"].pairs == 1


@pytest.mark.parametrize(
    ("successes", "count", "low", "high"),
    [
        # R. G. Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_wilson_as_published(successes, count, low, high):
    assert wilson(successes, count) == pytest.approx((low, high), abs=5e-5)


@settings(deadline=None, database=None, derandomize=True)
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_the_share_and_mirrors(pair):
    successes, count = pair
    low, high = wilson(successes, count)
    assert 0 <= low <= successes / count <= high <= 1
    other_low, other_high = wilson(count - successes, count)
    assert (low, high) == pytest.approx((1 - other_high, 1 - other_low))
