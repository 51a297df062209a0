"""The sums that the database keeps are what a count row by row tells, whatever changed the rows."""

from __future__ import annotations

import pytest
from django.db.models import Count, Sum
from django.utils import timezone

from fundguard.web.accounts.models import User
from fundguard.web.core import sums
from fundguard.web.desk import assigning, counting, following, selectors
from fundguard.web.desk.models import Draw, Drawn, StateCount, StateRow
from tests.web.desk.conftest import CONFIRM, EAST, FAR, UPHOLD, key_of, row, steps, viewer

FILTERS = [{}, {"rule": "N67"}, {"region": "990101"}, {"verdict": "可疑"}, {"whose": "nobody"}, {"state": "found"}]


def one_by_one(who: str, wanted: dict[str, str]) -> dict[str, tuple[int, int]]:
    told = selectors.filtered(viewer(who), wanted).values_list("state").annotate(Count("pk"), Sum("counted_fen"))
    return {state: (number, fen) for state, number, fen in told.order_by()}


def agree(who: str = "reviewer1") -> None:
    for wanted in FILTERS:
        assert counting.counts(viewer(who), wanted) == one_by_one(who, wanted), wanted


@pytest.fixture
def many(told) -> None:
    told("r1", a={}, b={}, c={"rule": "N03"}, d={"verdict": "明确违规"}, east={"at": EAST}, far={"at": FAR})


def test_every_way_in_which_a_row_changes_is_counted(many, told) -> None:
    agree()
    steps("a", UPHOLD, CONFIRM)
    agree()
    assigning.assign(viewer("confirmer"), [key_of("b"), key_of("d")], User.objects.get(username="reviewer1"))
    agree()
    told("r2", b={"rule": "N12", "lines": {"L9": 12345}}, c=None)
    agree()
    following.rescore(following.tallied())
    agree()
    StateRow.objects.filter(object_id=key_of("d")).update(region="990102", counted_fen=1)
    agree("chief")


def test_folding_changes_nothing_but_the_rows(many) -> None:
    steps("a", UPHOLD)
    steps("b", UPHOLD)
    before, rows = counting.counts(viewer("chief"), {}), StateCount.objects.count()
    assert sums.fold(StateCount) == 0  # too few to be worth it
    left = sums.fold(StateCount, at=1)
    assert left == StateCount.objects.count() < rows
    assert counting.counts(viewer("chief"), {}) == before
    agree()


def test_what_the_sums_do_not_know_is_counted_row_by_row(many) -> None:
    StateRow.objects.filter(object_id=key_of("a")).update(due_at=timezone.now())
    assert counting.counts(viewer("reviewer1"), {"late": True}) == {"found": (1, 10000)}
    assert counting.counts(viewer("reviewer1"), {"whose": "mine"}) == {}
    assert counting.counts(viewer("chief"), {"institution": EAST}) == {"found": (1, 10000)}


def test_what_is_reviewed_blind_is_in_no_sum(many) -> None:
    given = {"region": "990101", "source": "示例", "share_e4": 500, "keys": [], "size": 1, "frozen_at": timezone.now()}
    drawn = Draw.objects.create(**given)
    sampler = User.objects.get(username="sampler")
    Drawn.objects.create(draw=drawn, place=1, row=row("a"), first="upheld", first_by="1", reviewer=sampler)
    agree("sampler")
    assert counting.counts(viewer("sampler"), {})["found"][0] == 3


def test_a_page_from_the_far_end_is_the_page(many) -> None:
    found = selectors.matching(viewer("chief"), {"state": "found"})
    keys = [work.key for work in selectors.page(found, 0, 10)]
    assert len(keys) == 5
    for first in range(5):
        assert [w.key for w in selectors.page(found, first, 2, len(keys))] == keys[first : first + 2]


def test_the_neighbours_of_an_item_are_those_of_the_queue(many) -> None:
    StateRow.objects.filter(object_id=key_of("c")).update(score=1)
    queue = [work.key for work in selectors.page(selectors.matching(viewer("reviewer1"), {"state": "found"}), 0, 10)]
    for place, key in enumerate(queue):
        panel = selectors.panel(viewer("reviewer1"), key)
        assert panel is not None
        assert panel.previous == (queue[place - 1] if place else "")
        assert panel.next == (queue[place + 1] if place + 1 < len(queue) else "")
