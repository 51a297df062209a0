"""Line by line: what each choice becomes, what is refused in words, and the terms to the second."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.models import User
from fundguard.web.desk.models import StateRow
from fundguard.web.ledger.models import Entry
from fundguard.web.portal.deciding import Decision, decided
from tests.web.desk.conftest import key_of, row, steps
from tests.web.portal.conftest import NOTIFIED, hidden

pytestmark = pytest.mark.usefixtures("bare")
ITEM = f"/portal/items/{key_of('one')}/"
OBJECT = {"said-0": "accept", "said-1": "object", "statement": "病历中有说明"}


def send(client, **chosen: str):
    return client.post(f"{ITEM}answer/", hidden(client.get(ITEM).text) | chosen)


@pytest.fixture
def office(notified, signed_in, settings):
    settings.SESSION_COOKIE_AGE = settings.SESSION_IDLE = 10**8  # so that a later now does not end the session
    return signed_in("hospital")


@pytest.mark.parametrize(
    ("said", "verb", "papers"),
    [
        ({"a": "accept", "b": "accept"}, "accept", {}),
        (
            {"a": "object", "b": "object"},
            "object",
            {"objection_statement": "有", "lines": ["a", "b"], "accepted_lines": []},
        ),
        ({"a": "object"}, "object", {"objection_statement": "有", "lines": ["a"], "accepted_lines": []}),
        (
            {"a": "object", "b": "accept"},
            "object",
            {"objection_statement": "有", "lines": ["a"], "accepted_lines": ["b"]},
        ),
    ],
)
def test_what_is_said_of_the_lines_is_one_step(said, verb, papers) -> None:
    assert decided(("a", "b"), said, "有") == Decision(verb, papers)


def test_nothing_said_decides_nothing_and_silence_on_a_line_is_never_acceptance() -> None:
    assert decided(("a", "b"), {"c": "accept"}, "") is None
    with pytest.raises(Refusal, match="只认可了一部分"):
        decided(("a", "b"), {"a": "accept"}, "")
    with pytest.raises(Refusal, match="申诉没有写理由"):
        decided(("a", "b"), {"a": "object"}, " ")
    with pytest.raises(Refusal, match="不能这样填写"):
        decided(("a",), {"a": "object"}, "请电 13900000000")


def test_some_lines_accepted_and_others_objected_to_are_told_to_the_bureau(office, signed_in) -> None:
    assert "整条疑点进入核实" in office.get(ITEM).text
    assert send(office, **OBJECT).status_code == 302
    assert row("one").state == "objected"
    papers = Entry.objects.get(act="申诉").detail["papers"]
    assert (papers["lines"], papers["accepted_lines"]) == (["one-L2"], ["one-L1"])
    told = signed_in("confirmer").get(f"/findings/{key_of('one')}/").text
    assert "申诉 1 条 40.00 元；认可 1 条 60.00 元" in told
    assert "申诉 1 条 40.00 元；认可 1 条 60.00 元" in office.get(ITEM).text


@pytest.mark.parametrize(("every", "state"), [("accept", "accepted"), ("object", "objected")])
def test_one_button_answers_every_line(office, every, state) -> None:
    assert send(office, every=every, statement="全部有医嘱").status_code == 302
    assert row("one").state == state


def test_a_refused_answer_keeps_what_was_chosen_and_written(office) -> None:
    answer = send(office, **{"said-0": "accept"})
    assert (answer.status_code, "只认可了一部分明细" in answer.text) == (409, True)
    assert 'name="said-0" value="accept" checked' in answer.text
    answer = send(office, **OBJECT | {"statement": "患者电话 13900000000"})
    assert (answer.status_code, "患者电话" in answer.text, row("one").state) == (409, True, "notified")


def test_a_double_click_and_a_stale_page_are_told_and_change_nothing(office) -> None:
    form = hidden(office.get(ITEM).text) | OBJECT
    assert office.post(f"{ITEM}answer/", form).status_code == 302
    again = office.post(f"{ITEM}answer/", form)
    assert (again.status_code, "WF-202" in again.text) == (409, True)
    stale = office.post(f"{ITEM}answer/", form | {"request": "another", "version": "1"})
    assert (stale.status_code, "WF-201" in stale.text) == (409, True)
    garbled = office.post(f"{ITEM}answer/", form | {"request": "third", "version": "x"})
    assert (garbled.status_code, "WF-201" in garbled.text) == (409, True)
    assert Entry.objects.filter(act="申诉").count() == 1


def test_a_form_sent_without_a_session_goes_back_to_its_page_after_signing_in(office) -> None:
    form = hidden(office.get(ITEM).text) | OBJECT
    answer = Client().post(f"{ITEM}answer/", form, headers={"Referer": f"http://testserver{ITEM}"})
    assert (answer.status_code, answer.url) == (302, f"/login/?next={ITEM}&ended=1")
    assert row("one").state == "notified"


@pytest.mark.parametrize(("late", "state"), [(-1, "objected"), (0, "notified")])
def test_an_objection_is_taken_in_the_last_second_of_its_term_and_not_after(office, monkeypatch, late, state) -> None:
    form = hidden(office.get(ITEM).text) | OBJECT
    at = row("one").due_at + dt.timedelta(seconds=late)
    monkeypatch.setattr(timezone, "now", lambda: at)
    answer = office.post(f"{ITEM}answer/", form)
    assert row("one").state == state
    if late == 0:
        assert ("WF-106" in answer.text, "已于" in answer.text) == (True, True)


@pytest.mark.parametrize("verb", ["ask_extension", "withdraw_acceptance"])
@pytest.mark.parametrize(("late", "moved"), [(-1, True), (0, False)])
def test_extension_and_withdrawal_hold_to_the_same_second(office, monkeypatch, verb, late, moved) -> None:
    if verb == "withdraw_acceptance":
        steps("one", ("hospital", "accept", {}))
    before = row("one")
    term = timezone.localtime(StateRow.objects.get(object_id=key_of("two")).due_at)  # the term of the same day's notice
    page = f"/desk/answers/{key_of('one')}/{verb}/"
    form = hidden(office.get(page).text) | {"reason": "病案室搬迁"}
    monkeypatch.setattr(timezone, "now", lambda: term + dt.timedelta(seconds=late))
    answer = office.post(page, form)
    assert (row("one").state != before.state) == moved
    if not moved:
        assert "WF-106" in answer.text


def test_an_extension_is_asked_once_and_its_term_stands_still_meanwhile(office) -> None:
    steps("one", ("hospital", "ask_extension", {"reason": "病案室搬迁"}))
    assert "延期申请审核中" in office.get(ITEM).text
    assert 'name="said-0"' not in office.get(ITEM).text
    first = row("two").due_at
    steps("one", ("agreement", "grant_extension", {}))
    assert row("one").due_at > first
    html = office.get(ITEM).text
    assert ('name="said-0"' in html, "WF-115" in html) == (True, True)


def test_a_term_beyond_the_published_holidays_is_marked_provisional(told, signed_in, monkeypatch) -> None:
    told("r1", one={})
    far = dt.datetime(2031, 3, 3, 9, 0, tzinfo=dt.UTC)
    monkeypatch.setattr(timezone, "now", lambda: far)
    User.objects.update(password_set_at=far)
    steps("one", *NOTIFIED)
    assert "暂定" in row("one").due_flag
    assert "暂定" in signed_in("hospital").get("/portal/").text


def test_a_finding_without_lines_is_answered_as_a_whole(told, signed_in) -> None:
    told("r1", one={"lines": {}})
    steps("one", *NOTIFIED)
    office = signed_in("hospital")
    assert "按整条答复" in office.get(ITEM).text
    assert send(office, said="object", statement="统计口径不同").status_code == 302
    assert row("one").state == "objected"


def test_the_notice_is_at_hand_with_its_number_as_word_and_pdf(office) -> None:
    html = office.get(ITEM).text
    [pdf] = re.findall(r'href="(/papers/\d+/pdf/)"', html)
    assert "云岭区医保" in html
    assert office.get(pdf).headers["Content-Type"] == "application/pdf"
    assert office.get(pdf.replace("pdf", "word")).status_code == 200
