"""The first-review rate follows the run and the steps: nothing is counted that nobody looked at."""

from __future__ import annotations

import pytest

from fundguard.web.desk import rates, services
from fundguard.web.desk.models import StateRow
from fundguard.web.findings.models import Finding
from fundguard.web.runs import selectors as runs
from tests.web import small_claims
from tests.web.desk.conftest import viewer


@pytest.fixture
def people(db) -> None:
    from fundguard.web.accounts.services import seed_demo

    seed_demo()


def told(username: str) -> dict[str, tuple[int, int, int, int]]:
    who = viewer(username)
    found = rates.first_review(who, runs.latest_published(who))
    return {one.region: (one.total, one.run, one.waiting, one.reviewed) for one in found}


def test_a_settlement_counts_once_a_run_knew_it_and_a_person_saw_what_was_found(upload, started, signed_in) -> None:
    upload()
    assert told("chief") == {"990101": (3, 0, 0, 0), "990102": (1, 0, 0, 0)}
    started()
    assert Finding.objects.filter(region="990101", rule_code="N67").count() == 2
    assert told("chief") == {"990101": (3, 3, 2, 1), "990102": (1, 1, 1, 0)}
    for one in Finding.objects.filter(region="990101"):
        version = StateRow.objects.get(object_id=one.pk).version
        services.take(viewer("reviewer1"), one.pk, "dismiss", {"reason": "病历有说明"}, version)
    assert told("chief")["990101"] == (3, 3, 0, 3)
    assert told("reviewer1") == {"990101": (3, 3, 0, 3)}
    html = signed_in("chief").get("/").text
    assert "75.0%" in html
    assert "3 / 4 张结算" in html


def test_settlements_that_came_after_the_run_are_not_reviewed(upload, started) -> None:
    upload()
    started()
    upload(small_claims.files({"己": small_claims.YUNLING}, bad=False))
    total, run, *_ = told("reviewer1")["990101"]
    assert (total, run) == (4, 3)
