"""What may go wrong between a page and its step: each has a clear answer, and nothing is half done.

| what                       | where it is tested                                                                     |
|----------------------------|----------------------------------------------------------------------------------------|
| stale page, double click   | test_desk_pages.py (form), test_desk_steps.py (service, two at once)                   |
| expired session in a form  | test_desk_pages.py; typed text is kept: test_shell_browser.py                          |
| wrong-role address         | test_guards.py: every address × every role                                             |
| another region's number    | here: every address that names something; test_desk_steps.py (service)                 |
| an objection a second late | here (form); workflows/test_deadlines.py (kernel); test_desk_clock.py (the term's end) |
| holidays not yet published | here (pages); workflows/test_deadlines.py (term)                                       |
| the database goes away     | here: before every statement of a step                                                 |
"""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import OperationalError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from fundguard.web.accounts.models import User
from fundguard.web.desk.models import StepPaper
from fundguard.web.findings import selectors as findings
from fundguard.web.fund import services as fund
from fundguard.web.ledger.models import Entry
from fundguard.web.papers import services as papers
from tests.papers.examples import RECOVERY
from tests.web.desk.conftest import CONFIRM, EAST, NOTIFY, UPHOLD, key_of, row, steps
from tests.web.desk.test_desk_pages import form, page_of

pytestmark = pytest.mark.usefixtures("bare")
TOLD = (UPHOLD, CONFIRM, NOTIFY)


def at(monkeypatch, moment: dt.datetime) -> None:
    """The clock of the site stands at this moment."""
    monkeypatch.setattr(timezone, "now", lambda: moment)


@pytest.mark.parametrize(("late", "status", "state"), [(-1, 302, "objected"), (0, 409, "notified")])
def test_an_objection_one_second_late_is_refused(found, request, late, status, state):
    due = steps("home", *TOLD).due_at
    at(request.getfixturevalue("monkeypatch"), due + dt.timedelta(seconds=late))
    client, address = request.getfixturevalue("signed_in")("hospital"), page_of_answer("home", "object")
    sent = {"objection_statement": "病历中有说明", "lines": ["home-L1"], "version": row("home").version, "request": "1"}
    answer = client.post(address, sent)
    assert (answer.status_code, row("home").state) == (status, state)
    if status == 409:
        assert ("WF-106" in answer.text, "病历中有说明" in answer.text) == (True, True)


def page_of_answer(name: str, verb: str) -> str:
    return reverse("desk:answer_step", args=[key_of(name), verb])


def test_a_term_over_holidays_not_yet_published_is_marked_on_every_page_that_names_it(found, signed_in, monkeypatch):
    at(monkeypatch, dt.datetime(2026, 12, 29, 9, tzinfo=timezone.get_current_timezone()))
    assert "暂定" in steps("home", *TOLD).due_flag
    assert "暂定" in signed_in("confirmer").get(page_of("home")).text
    for address in (page_of("home"), reverse("portal:list")):
        assert "暂定" in signed_in("hospital").get(address).text, address


def test_what_stands_in_another_region_is_answered_like_what_is_not_there(told, signed_in):
    told("r1", home={}, east={"at": EAST})
    clerk = User.objects.get(username="settlement1")
    day = dt.date(2026, 10, 9)
    demand = fund.determine(
        fund.Determined(key_of("east"), "认1", "990102", EAST, "示例医院", day, {"other_pool": 1}), clerk
    )
    paper = papers.issue(papers.Issue("recovery", "990102", "中心", papers.Party(EAST, "院"), day), RECOVERY, clerk)
    named = {
        "findings:detail": ([key_of("east")], [key_of("nowhere")]),
        "findings:identity": ([key_of("east")], [key_of("nowhere")]),
        "desk:step": ([key_of("east"), "uphold"], [key_of("nowhere"), "uphold"]),
        "fund:demand": ([demand.pk], [demand.pk + 1]),
        "papers:paper": ([paper.pk], [paper.pk + 1]),
        "papers:pdf": ([paper.pk], [paper.pk + 1]),
        "papers:word": ([paper.pk], [paper.pk + 1]),
    }
    client = signed_in("agreement")
    for name, (foreign, missing) in named.items():
        first, second = (client.get(reverse(name, args=one)) for one in (foreign, missing))
        assert (first.status_code, second.status_code) == (404, 404), name
        assert without_token(first.text) == without_token(second.text), name
        assert "不在您的管辖范围内" in first.text, name
    posted = client.post(reverse("desk:step", args=named["desk:step"][0]), {"version": 1, "opinion": "成立"})
    assert (posted.status_code, row("east").version) == (404, 1)
    assert signed_in("reviewer1").get(page_of("home")).status_code == 200
    assert findings.number(key_of("east")) not in client.get("/findings/").text


def without_token(html: str) -> str:
    return re.sub(r'"X-CSRFToken": "[^"]*"|value="[^"]{64}"', "", html)


class Away:
    """The database answers so many statements, then no more; what it had begun it takes back by itself."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, execute, sql, params, many, context):
        self.left -= 1
        if self.left < 0 and not sql.startswith("ROLLBACK"):
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, params, many, context)


def test_the_database_may_go_away_before_any_statement_of_a_step(found, signed_in):
    """The page says so in words that tell nothing of the machine; afterwards the step is as if never asked for."""
    client = signed_in("reviewer1")
    client.raise_request_exception = False
    sent = form(client, "home", "uphold", opinion="成立")
    before = (row("home").version, Entry.objects.count(), StepPaper.objects.count())
    after = 0
    while True:
        with connection.execute_wrapper(away := Away(after)):
            answer = client.post(page_of("home", "uphold"), sent)
        transaction.set_rollback(False)  # the test's own transaction goes on
        if away.left >= 0:
            break
        assert answer.status_code == 503, after
        assert "数据库暂时无法连接，本次操作没有完成" in answer.text, after
        assert "server closed" not in answer.text, after
        assert before == (row("home").version, Entry.objects.count(), StepPaper.objects.count()), after
        after += 1
    assert after > 10
    assert (answer.status_code, row("home").state) == (302, "upheld")
