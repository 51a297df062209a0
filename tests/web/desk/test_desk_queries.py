"""However many items there are, a page of the desk asks the database the same number of questions."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fundguard.web.accounts.models import User
from fundguard.web.desk import bulk
from fundguard.web.desk.models import StateRow
from fundguard.web.jobs.models import Job
from tests.web.desk.conftest import key_of, viewer

#: Page → most statements; what the session and the menu ask is in it.
PAGES = {
    "/desk/?size=100": 22,
    "/desk/?whose=mine&size=100": 22,
    "/desk/mine/": 26,
    f"/findings/{key_of('n0')}/": 45,
}


def asked(client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.usefixtures("bare")
def test_the_number_of_queries_does_not_grow_with_the_items(address: str, told, signed_in) -> None:
    told("r1", **{f"n{n}": {} for n in range(2)})
    client, own = signed_in("reviewer1"), User.objects.get(username="reviewer1")
    client.get(address)  # the first request of a session also writes it
    StateRow.objects.filter(object_id=key_of("n1")).update(assignee=own)
    few = asked(client, address)
    told("r2", **{f"m{n}": {} for n in range(30)})
    StateRow.objects.filter(object_id__in=[key_of(f"m{n}") for n in range(15)]).update(assignee=own)
    assert asked(client, address) <= few <= PAGES[address]


def test_the_statements_of_a_batch_do_not_grow_with_its_items(told, monkeypatch) -> None:
    def batch(verb: str, papers: dict[str, str]) -> int:
        made = bulk.start(viewer("reviewer1"), verb, papers, {"state": "found"})
        with CaptureQueriesContext(connection) as seen:
            bulk.perform(made.job, lambda *_: None)
        Job.objects.filter(pk=made.job_id).update(state=Job.State.DONE)
        return len(seen)

    monkeypatch.setattr(bulk, "TURN", 0)
    told("r1", **{f"n{n}": {} for n in range(2)})
    few = batch("dismiss", {"reason": "同一原因"})
    told("r2", **{f"m{n}": {} for n in range(40)})
    assert batch("dismiss", {"reason": "同一原因"}) == few
    assert StateRow.objects.filter(state="dismissed").count() == 42
