"""The institution's own list: its own keys on every row, filters, pages, export; nothing of anybody else."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from python_calamine import CalamineWorkbook

from fundguard.web.accounts.models import User
from fundguard.web.desk.models import StateRow
from fundguard.web.desk.services import take
from fundguard.web.portal.models import OwnKey
from tests.web import small_claims
from tests.web.desk.conftest import EAST, key_of, steps, viewer
from tests.web.portal.conftest import NOTIFIED, own_key

LIST = "/portal/"


def listed(client, query: str = "", *names: str) -> list[bool]:
    html = client.get(f"{LIST}{query}").text
    return [key_of(name) in html for name in names]


@pytest.fixture
def many(told) -> None:
    told("r1", one={}, two={"rule": "N03"}, quiet={}, east={"at": EAST})
    for name in ("one", "two"):
        steps(name, *NOTIFIED)
    own_key("one", ipt_otp_no="ZY-1", medrcdno="BL-1", medins_list_codgs=" A1 B2 ", departments="|内科|")
    own_key("two", ipt_otp_no="ZY-2", departments="|骨科|内科二区|", practitioners=" D7 ")


def test_own_keys_stand_on_every_row_and_nothing_that_was_not_told(many, signed_in) -> None:
    html = signed_in("hospital").get(LIST).text
    assert [word in html for word in ("ZY-1", "BL-1", "A1、B2", "内科", "ZY-2")] == [True] * 5
    assert listed(signed_in("hospital"), "?tab=all", "one", "two", "quiet", "east") == [True, True, False, False]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=ZY-1", ["one"]),
        ("?q=BL-1", ["one"]),
        ("?q=B2", ["one"]),
        ("?q=ZY", []),
        ("?department=内科", ["one"]),
        ("?department=内科二区", ["two"]),
        ("?practitioner=D7", ["two"]),
        ("?rule=N03", ["two"]),
        ("?state=待答复", ["one", "two"]),
        ("?state=已申诉", []),
        ("?due=late", []),
        ("?department=骨科&q=ZY-1", []),
    ],
)
def test_each_filter_finds_its_own(many, signed_in, query, found) -> None:
    assert listed(signed_in("hospital"), query, "one", "two") == ["one" in found, "two" in found]


def test_a_term_that_ends_soon_or_has_ended_is_found_by_it(many, signed_in) -> None:
    now = dt.datetime.now(dt.UTC)
    StateRow.objects.filter(object_id=key_of("one")).update(due_at=now + dt.timedelta(days=2))
    StateRow.objects.filter(object_id=key_of("two")).update(due_at=now - dt.timedelta(seconds=1))
    client = signed_in("hospital")
    assert listed(client, "?due=soon", "one", "two") == [True, False]
    assert listed(client, "?due=late", "one", "two") == [False, True]


def test_totals_are_of_everything_that_matches_and_pages_are_cut(told, signed_in) -> None:
    told("r1", **{f"n{n}": {} for n in range(21)})
    for n in range(21):
        steps(f"n{n}", *NOTIFIED)
    html = signed_in("hospital").get(LIST).text
    assert ("<strong>21</strong> 条" in html, "<strong>2,100.00</strong> 元" in html) == (True, True)
    assert html.count('data-label="疑点编号"') == 20
    assert signed_in("hospital").get(f"{LIST}?page=2").text.count('data-label="疑点编号"') == 1


def test_the_export_holds_the_own_keys_and_a_sum(many, signed_in) -> None:
    answer = signed_in("hospital").get("/portal/export/?rule=N67")
    [sheet] = [CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()]
    assert sheet[1][2:5] == ["ZY-1", "BL-1", "A1、B2"]
    assert (sheet[2][0], sheet[2][8]) == ("合计", 100.0)


@pytest.mark.parametrize("address", ["/portal/items/{}/", "/portal/items/{}/answer/"])
@pytest.mark.parametrize("name", ["east", "quiet", "nothing"])
def test_another_institutions_id_an_untold_one_and_none_are_the_same_answer(many, signed_in, address, name) -> None:
    client = signed_in("hospital")
    ask = client.post if "answer" in address else client.get
    assert ask(address.format(key_of(name))).status_code == 404


def test_no_page_names_anybody_of_the_bureau(many, signed_in) -> None:
    client = signed_in("hospital")
    html = client.get(LIST).text + client.get(f"/portal/items/{key_of('one')}/").text
    staff = [one.display_name for one in User.objects.exclude(role__in=("hospital_office", "doctor", "pharmacy"))]
    assert [name for name in staff if name in html] == []
    assert "性别不符" not in html


def test_an_office_without_institution_has_an_empty_list_that_says_so(many, signed_in) -> None:
    User.objects.filter(username="hospital").update(institutions="")
    assert "没有符合条件的疑点" in signed_in("hospital").get(LIST).text


def test_the_keys_come_from_the_store_with_the_run(upload, started, signed_in) -> None:
    upload()
    started()
    held = OwnKey.objects.get(ipt_otp_no="ZY-甲")
    assert (held.medrcdno, held.medins_list_codgs, held.departments) == ("BL-甲", " A1 ", "|内科|")
    assert held.fixmedins_code == small_claims.YUNLING
    assert OwnKey.objects.count() == 3
    User.objects.filter(username="hospital").update(institutions=small_claims.YUNLING)
    for username, verb, papers in NOTIFIED:
        row = StateRow.objects.get(object_id=held.pk)
        take(viewer(username), held.pk, verb, papers, row.version)
    page = signed_in("hospital").get(f"/portal/items/{held.pk}/").text
    assert [word in page for word in ("ZY-甲", "BL-甲", "L-甲", "A1", "内科", "psn-甲")] == [True] * 5 + [False]
