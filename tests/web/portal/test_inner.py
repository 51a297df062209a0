"""Inside the institution: a question to a department or doctor, its statement, its day; the bureau reads none of it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from fundguard.web.accounts.models import User
from fundguard.web.ledger.models import Entry
from fundguard.web.portal.models import Question, Seat
from tests.web.desk.conftest import EAST, HOME, key_of, row, steps
from tests.web.portal.conftest import own_key

pytestmark = pytest.mark.usefixtures("bare")
LIST, INNER = "/portal/", "/portal/inner/"
ITEM = f"/portal/items/{key_of('one')}/"
SECRET = "会诊意见在病程记录第三页"


def soon(days: int = 1) -> str:
    return str(timezone.localdate() + dt.timedelta(days=days))


@pytest.fixture
def office(notified, signed_in):
    own_key("one", departments="|内科|", practitioners=" D1 ")
    own_key("two", departments="|骨科|", practitioners=" D2 ")
    User.objects.filter(username="doctor").update(institutions=HOME, practitioner="D1")
    return signed_in("hospital")


def ask(client, to: str = "p:D1", due: str = "", query: str = "", **more: str):
    return client.post(f"/portal/ask/{query}", {"to": to, "text": "请说明用药理由", "due_on": due or soon(), **more})


def one_question() -> Question:
    return Question.objects.get(finding_key=key_of("one"))


def test_a_doctor_states_what_he_was_asked_and_the_office_finds_it_in_its_answer(office, signed_in) -> None:
    doctor = signed_in("doctor")
    assert "没有需要填写的征询" in doctor.get(INNER).text
    assert ask(office, key=key_of("one")).status_code == 302
    html = doctor.get(f"{INNER}{one_question().pk}/").text
    assert [word in html for word in ("请说明用药理由", "one-L1", "60.00", "two-L1")] == [True, True, True, False]
    sent = doctor.post(f"{INNER}{one_question().pk}/", {"advice": "object", "statement": SECRET})
    assert (sent.status_code, row("one").state) == (302, "notified")
    html = office.get(ITEM).text
    assert (f"（医师 D1）{SECRET}</textarea>" in html, "建议申诉" in html) == (True, True)


def test_no_page_or_ledger_row_gives_the_draft_to_the_bureau(office, signed_in) -> None:
    ask(office, key=key_of("one"))
    signed_in("doctor").post(f"{INNER}{one_question().pk}/", {"advice": "object", "statement": SECRET})
    for username in ("confirmer", "officer", "chief"):
        client = signed_in(username)
        pages = [client.get(address).text for address in (f"/findings/{key_of('one')}/", "/ledger/", ITEM, INNER)]
        assert [SECRET in html for html in pages] == [False] * 4
    assert SECRET not in str(list(Entry.objects.values_list("detail", flat=True)))
    acts = Entry.objects.filter(object_kind="院内征询").order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["发出院内征询", "填写院内情况说明"]


def test_all_of_a_filter_is_sent_once(office) -> None:
    ask(office, to="d:内科", query="?department=内科")
    assert list(Question.objects.values_list("finding_key", "department")) == [(key_of("one"), "内科")]
    ask(office, to="d:内科")
    assert Question.objects.count() == 2
    answer = office.post("/portal/ask/", {"to": "d:内科", "text": "再问", "due_on": soon()}, follow=True)
    assert ("已经向该处征询过" in answer.text, Question.objects.count()) == (True, 2)


def test_the_inner_day_lies_before_the_outer_one_and_not_in_the_past(office) -> None:
    last = timezone.localdate(row("one").due_at - dt.timedelta(seconds=1))
    for due in (str(last), soon(-1)):
        answer = ask(office, due=due, key=key_of("one"))
        assert (answer.status_code, "内部期限须从今天起，并且早于答复期限" in answer.text) == (422, True)
    assert ask(office, due=str(last - dt.timedelta(days=1)), key=key_of("one")).status_code == 302


def test_an_inner_day_that_is_over_is_shown(office, signed_in) -> None:
    ask(office, key=key_of("one"))
    Question.objects.update(due_on=timezone.localdate() - dt.timedelta(days=1))
    for client, address in ((office, LIST), (office, ITEM), (signed_in("doctor"), INNER)):
        assert "逾期" in client.get(address).text


@pytest.mark.parametrize("act", ["answered", "taken_back", "over"])
def test_a_question_is_answered_once_and_not_after_it_is_over(office, signed_in, act) -> None:
    ask(office, key=key_of("one"))
    address, doctor = f"{INNER}{one_question().pk}/", signed_in("doctor")
    if act == "answered":
        doctor.post(address, {"advice": "accept", "statement": "无异议"})
    elif act == "taken_back":
        assert office.post(f"{address}take-back/").status_code == 302
        assert doctor.get(address).status_code == 404
    else:
        steps("one", ("hospital", "accept", {}))
    again = doctor.post(address, {"advice": "object", "statement": SECRET})
    assert again.status_code == (404 if act == "taken_back" else 409)
    assert one_question().statement in ("", "无异议")


def test_a_doctor_reads_only_what_was_sent_to_him_or_his_department(office, signed_in) -> None:
    doctor = signed_in("doctor")
    ask(office, to="p:D2", key=key_of("two"))
    assert doctor.get(f"{INNER}{Question.objects.get().pk}/").status_code == 404
    ask(office, to="d:骨科", key=key_of("two"))
    assert key_of("two")[:10].upper() not in doctor.get(INNER).text
    sent = office.post("/portal/seats/", {"department": "骨科", "account": "doctor"})
    assert (sent.status_code, Seat.objects.get().fixmedins_code) == (302, HOME)
    asked = Question.objects.get(department="骨科")
    assert doctor.get(f"{INNER}{asked.pk}/").status_code == 200
    office.post(f"/portal/seats/{Seat.objects.get().pk}/remove/")
    assert doctor.get(f"{INNER}{asked.pk}/").status_code == 404


def test_another_institution_and_a_bureau_have_no_part_in_it(office, signed_in) -> None:
    ask(office, key=key_of("one"))
    User.objects.filter(username="pharmacy").update(institutions=EAST)
    pharmacy = signed_in("pharmacy")
    assert ask(pharmacy, key=key_of("one")).status_code == 422
    assert pharmacy.post(f"{INNER}{one_question().pk}/take-back/").status_code == 404
    assert signed_in("confirmer").get(INNER).status_code == 403
    assert ask(office, to="d:别的科室", key=key_of("one")).status_code == 422
    assert ask(office, key=key_of("east")).status_code == 404
