"""The institution's side: what waits for it, its own steps by form, and nothing of the bureau's people."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from fundguard.web.accounts.models import User
from fundguard.web.accounts.roles import ROLES
from fundguard.web.desk import selectors
from fundguard.web.desk.models import StateRow
from fundguard.web.findings.models import Finding
from tests.web.desk.conftest import CONFIRM, EAST, HOME, NOTIFY, UPHOLD, key_of, row, steps, viewer

pytestmark = pytest.mark.usefixtures("bare")
LIST = "/portal/"
WANTED = ("reviewer1", "ask_papers", {"papers_wanted": "请提供病历首页"})


def detail(name: str) -> str:
    return reverse("findings:detail", args=[key_of(name)])


def listed(name: str) -> str:
    return reverse("portal:item", args=[key_of(name)])


def page(name: str, verb: str) -> str:
    return reverse("desk:answer_step", args=[key_of(name), verb])


def send(client, name: str, verb: str, **papers: object):
    """The form of the step as the browser would send it."""
    hidden = dict(
        re.findall(r'<input type="hidden" name="(version|request)" value="([^"]+)"', shown(client, name, verb))
    )
    assert set(hidden) == {"version", "request"}
    return client.post(page(name, verb), hidden | papers)


def shown(client, name: str, verb: str) -> str:
    answer = client.get(page(name, verb))
    assert answer.status_code == 200
    return answer.text


def force(name: str, state: str) -> None:
    StateRow.objects.filter(object_id=key_of(name)).update(state=state)


def test_the_list_holds_what_waits_for_the_institution_and_nothing_else(told, signed_in) -> None:
    told("r1", home={}, asked={}, quiet={}, east={"at": EAST})
    client = signed_in("hospital")
    assert "没有符合条件的疑点" in client.get(LIST).text
    steps("home", UPHOLD, CONFIRM, NOTIFY)
    steps("asked", WANTED)
    html = client.get(LIST).text
    assert [listed(name) in html for name in ("home", "asked", "quiet", "east")] == [True, True, False, False]
    assert html.index(listed("asked")) < html.index(listed("home"))  # the earlier term first
    assert (">待答复</span>" in html, ">请补充材料</span>" in html, "待初审" in html) == (True, True, False)
    steps("home", ("hospital", "object", {"objection_statement": "有说明", "lines": ["home-L1"]}))
    assert listed("home") not in client.get(LIST).text
    assert listed("home") in client.get(f"{LIST}?tab=all").text


def test_an_objection_names_its_lines_and_is_read_by_the_bureau(found, signed_in) -> None:
    steps("home", UPHOLD, CONFIRM, NOTIFY)
    client = signed_in("hospital")
    assert page("home", "object") in client.get(detail("home")).text
    answer = send(client, "home", "object", objection_statement="病历中有说明", lines=["home-L1"])
    assert (answer.status_code, row("home").state) == (302, "objected")
    html = client.get(detail("home")).text
    assert ("病历中有说明" in html, "本机构" in html) == (True, True)
    assert "申诉理由：病历中有说明" in signed_in("confirmer").get(detail("home")).text


@pytest.mark.parametrize(
    ("before", "sent", "state"),
    [
        ((UPHOLD, CONFIRM, NOTIFY), ("accept", {}), "accepted"),
        ((UPHOLD, CONFIRM, NOTIFY, ("hospital", "accept", {})), ("withdraw_acceptance", {}), "notified"),
        ((UPHOLD, CONFIRM, NOTIFY), ("ask_extension", {"reason": "病案室搬迁"}), "extension_asked"),
        ((WANTED,), ("supply_papers", {"supporting_papers": "病历首页 2026-5"}), "found"),
    ],
)
def test_each_answer_is_taken_by_its_form(found, signed_in, before, sent, state) -> None:
    verb, papers = sent
    steps("home", *before)
    assert send(signed_in("hospital"), "home", verb, **papers).status_code == 302
    assert row("home").state == state


def test_a_rectification_report_is_sent_by_the_institution(found, signed_in) -> None:
    force("home", "recovering")
    assert page("home", "submit_rectification") in signed_in("hospital").get(detail("home")).text
    send(signed_in("hospital"), "home", "submit_rectification", rectification_report="整改报告 2026-3 号")
    assert row("home").state == "recovering"
    assert "整改报告：整改报告 2026-3 号" in signed_in("hospital").get(detail("home")).text


def test_a_finding_without_charge_lines_can_be_objected_to(told, signed_in) -> None:
    told("r1", home={"lines": {}})
    steps("home", UPHOLD, CONFIRM, NOTIFY)
    send(signed_in("hospital"), "home", "object", objection_statement="统计口径不同")
    assert row("home").state == "objected"


def test_no_page_of_the_institution_names_anybody_of_the_bureau(found, signed_in) -> None:
    client = signed_in("hospital")
    staff = [u.display_name for u in User.objects.all() if not ROLES[u.role].own_institution]
    steps("home", WANTED)
    pages = [client.get(detail("home")).text, client.get(LIST).text, shown(client, "home", "supply_papers")]
    steps("home", ("hospital", "supply_papers", {"supporting_papers": "首页"}), UPHOLD, CONFIRM, NOTIFY)
    pages += [client.get(detail("home")).text, client.get(LIST).text, shown(client, "home", "object")]
    pages += [client.get("/papers/").text]
    assert len(staff) > 10
    for html in pages:
        assert [name for name in staff if name in html] == []
        assert "性别不符" not in html
        assert "初审岗" not in html


def test_before_it_is_told_the_institution_has_neither_a_step_nor_the_amount_of_the_review(found, signed_in) -> None:
    part = {"opinion": "一行有误", "lines": ["home-L1"], "part_amount": 5000}
    steps("home", ("reviewer1", "uphold_part", part))
    panel = selectors.panel(viewer("hospital"), key_of("home"))
    assert (panel.state, panel.amount_now_fen, panel.buttons, panel.due_name) == ("审核中", 10000, (), "")
    for answer in (
        signed_in("hospital").get(page("home", "accept")),
        signed_in("hospital").post(page("home", "accept")),
    ):
        assert (answer.status_code, "目前“审核中”" in answer.text, "初审" in answer.text) == (422, True, False)
    assert row("home").state == "upheld"


def test_a_term_of_the_bureau_is_not_shown_to_the_institution(found) -> None:
    steps("home", UPHOLD, CONFIRM, NOTIFY)
    assert selectors.panel(viewer("hospital"), key_of("home")).due_name == "答复期限"
    steps("home", ("hospital", "object", {"objection_statement": "有说明", "lines": ["home-L1"]}))
    assert row("home").due_term == "认定期限"
    assert selectors.panel(viewer("hospital"), key_of("home")).due_name == ""


def test_a_form_opened_before_somebody_else_answered_is_refused_in_words_for_the_institution(found, signed_in) -> None:
    steps("home", UPHOLD, CONFIRM, NOTIFY, ("hospital", "object", {"objection_statement": "有", "lines": ["home-L1"]}))
    force("home", "proposed")
    answer = signed_in("hospital").post(page("home", "accept"), {"version": 5, "request": "r"})
    assert ("目前“待行政处理”" in answer.text, "已报行政处理" in answer.text) == (True, False)


def test_neither_side_has_the_forms_of_the_other(found, signed_in) -> None:
    steps("home", UPHOLD, CONFIRM, NOTIFY)
    hospital = signed_in("hospital")
    assert hospital.get(page("home", "confirm")).status_code == 422
    assert hospital.get(reverse("desk:step", args=[key_of("home"), "accept"])).status_code == 403
    assert signed_in("reviewer1").get(page("home", "accept")).status_code == 403
    assert signed_in("reviewer1").get(reverse("desk:step", args=[key_of("home"), "accept"])).status_code == 404


def test_another_institution_and_a_doctor_have_no_answer(told, signed_in) -> None:
    told("r1", home={}, east={"at": EAST})
    steps("home", UPHOLD, CONFIRM, NOTIFY)
    assert signed_in("hospital").get(page("east", "accept")).status_code == 404
    User.objects.filter(username="pharmacy").update(institutions=EAST)
    assert signed_in("pharmacy").get(page("home", "accept")).status_code == 404
    User.objects.filter(username="doctor").update(institutions=HOME, practitioner="D1")
    Finding.objects.update(dr_code="D1")
    assert page("home", "accept") not in signed_in("doctor").get(detail("home")).text
    assert signed_in("doctor").get(page("home", "accept")).status_code == 403
