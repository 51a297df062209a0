"""A draw is the same for everybody who recomputes it, and nobody could have chosen it."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundguard import law
from fundguard.errors import Refusal
from fundguard.sampling.assignment import assign
from fundguard.sampling.draw import Frozen, commitment, draw, freeze, sample_size, seed, verify

KEYS = [f"F{number:04d}" for number in range(1, 21)]
HASH_KEY = b"made up for the test"
FROZEN_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KNOWN_AT = FROZEN_AT + timedelta(days=1)
VALUE = "03 11 17 22 28 31 + 09"
GOLDEN_COMMITMENT = "52a5ce1cbd0bd6958e697d0c413bed765be8c81746cdf91c43014d07468b89d1"
GOLDEN_DRAW = ("F0003", "F0007", "F0001", "F0015", "F0014")
some_keys = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1), unique=True)


@pytest.fixture
def frozen() -> Frozen:
    return freeze(KEYS, HASH_KEY, size=5, source="双色球 2026024 期", at=FROZEN_AT)


def test_the_golden_draw_is_recomputed_with_nothing_but_a_hash_and_a_sort(frozen):
    text = "fundguard-draw/1\n20\n" + "\n".join(KEYS)
    assert frozen.commitment == hmac.new(HASH_KEY, text.encode(), hashlib.sha256).hexdigest() == GOLDEN_COMMITMENT
    mixed = f"fundguard-draw/1\n{frozen.commitment}\n031117222831+09"
    by_hand = hashlib.sha256(mixed.encode()).hexdigest()
    tickets = sorted(KEYS, key=lambda key: hashlib.sha256(f"{by_hand}\n{key}".encode()).hexdigest())
    drawn = draw(KEYS, seed(frozen, VALUE, KNOWN_AT), 5)
    assert drawn == tuple(tickets[:5]) == GOLDEN_DRAW


def test_the_writing_of_the_public_value_does_not_matter(frozen):
    assert seed(frozen, "０３ 11\t17 22 28 31＋09\n", KNOWN_AT) == seed(frozen, VALUE, KNOWN_AT)


@pytest.mark.parametrize("known_at", [FROZEN_AT, FROZEN_AT - timedelta(seconds=1)])
def test_a_value_known_when_the_list_was_frozen_is_refused(frozen, known_at):
    with pytest.raises(Refusal, match="不晚于"):
        seed(frozen, VALUE, known_at)


@settings(deadline=None, database=None, derandomize=True)
@given(some_keys, st.randoms(use_true_random=False), st.data())
def test_order_of_the_list_does_not_matter_and_more_is_the_same_draw_continued(keys, random, data):
    size = data.draw(st.integers(0, len(keys)))
    shuffled = random.sample(keys, len(keys))
    assert commitment(keys, HASH_KEY) == commitment(shuffled, HASH_KEY)
    whole = draw(keys, "ab", len(keys))
    assert sorted(whole) == sorted(keys)
    assert draw(shuffled, "ab", size) + draw(shuffled, "ab", len(keys) - size, skip=size) == whole


@settings(deadline=None, database=None, derandomize=True)
@given(some_keys.filter(len), st.data())
def test_one_key_less_on_the_list_moves_no_other(keys, data):
    gone = data.draw(st.sampled_from(keys))
    without = [key for key in keys if key != gone]
    assert draw(without, "ab", len(without)) == tuple(k for k in draw(keys, "ab", len(keys)) if k != gone)


def test_every_key_is_drawn_equally_often():
    times = dict.fromkeys(KEYS, 0)
    for number in range(4000):
        for key in draw(KEYS, str(number), 5):
            times[key] += 1
    # 4,000 draws of 5 of 20: 1,000 each, standard deviation 27
    assert all(abs(count - 1000) < 4.5 * 27.4 for count in times.values())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, []),
        ({"keys": [*KEYS[:-1], "F9999"]}, ["散列不符"]),
        ({"keys": KEYS[:-1]}, ["名单有 19 项", "散列不符"]),
        ({"hash_key": b"other"}, ["散列不符"]),
        ({"public_value": "1"}, ["重算的不符"]),
        ({"drawn": tuple(reversed(GOLDEN_DRAW))}, ["重算的不符"]),
    ],
)
def test_verify_names_what_was_changed(frozen, change, told):
    made = {"keys": KEYS, "hash_key": HASH_KEY, "public_value": VALUE, "known_at": KNOWN_AT, "drawn": GOLDEN_DRAW}
    found = verify(frozen, **(made | change))
    assert all(any(words in line for line in found) for words in told)
    assert bool(found) is bool(told)


@pytest.mark.parametrize("keys", [["a", "a"], ["a", ""], ["a\nb"]])
def test_a_list_that_could_be_read_in_two_ways_is_refused(keys):
    with pytest.raises(Refusal, match="抽取名单"):
        commitment(keys, HASH_KEY)


@pytest.mark.parametrize("size", [-1, 21])
def test_a_size_beyond_the_list_is_refused(size):
    with pytest.raises(Refusal, match="抽取数量"):
        freeze(KEYS, HASH_KEY, size=size, source="x", at=FROZEN_AT)
    with pytest.raises(Refusal, match="抽取数量"):
        draw(KEYS, "ab", size)


@pytest.mark.parametrize(("base", "size"), [(0, 0), (1, 1), (20, 1), (21, 2), (101, 6), (10_000_000, 500_000)])
def test_the_sample_is_at_least_the_share_of_the_region(base, size):
    share = law.parameter("review.sample_share", day=KNOWN_AT.date(), region="430100")
    assert (share.value, share.unit, share.flagged) == (500, "e4", "")
    assert sample_size(base, share.value) == size


def test_nobody_samples_what_he_first_reviewed_and_loads_are_even():
    barred = {key: ["anna"] if number < 12 else ["bo"] for number, key in enumerate(KEYS)}
    given_to = assign(KEYS, ["anna", "bo", "cy"], barred, "ab")
    assert list(given_to) == KEYS
    assert not [key for key, person in given_to.items() if person in barred[key]]
    loads = [list(given_to.values()).count(person) for person in ("anna", "bo", "cy")]
    assert max(loads) - min(loads) <= 1
    assert assign(KEYS, ["cy", "bo", "anna"], barred, "ab") == given_to


def test_an_item_that_everybody_has_reviewed_is_refused():
    with pytest.raises(Refusal, match="没有可以复审的人员"):
        assign(["a", "b"], ["anna"], {"b": ["anna"]}, "ab")
