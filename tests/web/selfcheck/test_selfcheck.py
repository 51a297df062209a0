"""From a published list to the money back and the drawn check: two sides, each with its own pages."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from fundguard.web.accounts.models import Region, User
from fundguard.web.desk.models import StateRow
from fundguard.web.fund.models import Demand
from fundguard.web.ledger.models import Entry
from fundguard.web.selfcheck import publishing, reporting, spotting, starter
from fundguard.web.selfcheck.models import Campaign, Checked, Problem, ProblemList, Report, Reported, SpotCheck
from tests.web import small_claims
from tests.web.small_claims import DONGHU, YUNLING

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
FOUND = {
    "outcome": "found",
    "how": "settlements",
    "refs": "S-甲",
    "fund_employee_pool": "70.00",
    "note": "复核发现性别不符，已培训",
}
DAYS = {"data_from": dt.date(2026, 1, 1), "data_to": dt.date(2026, 6, 30), "starts_on": TODAY, "due_on": TODAY}


@pytest.fixture
def campaign(upload, viewer) -> Campaign:
    """Two problems of one field for hospitals, one for pharmacies; claims of Yunling hospital are in the store."""
    upload(small_claims.files(bad=False))
    chief = viewer("chief")
    made = ProblemList.objects.create(region="990100", title="示例清单", source="示例", created_by=chief.user)
    for number, field, audience in (
        ("1", "通用", "hospital"),
        ("2", "通用", "hospital"),
        ("药1", "零售药店", "pharmacy"),
    ):
        Problem.objects.create(
            listed=made, number=number, field=field, kind="超标准", text=f"问题{number}", audience=audience
        )
    publishing.publish(chief, made.pk)
    User.objects.filter(username="hospital").update(institutions=YUNLING)
    User.objects.filter(username="pharmacy").update(institutions="P99010140001")
    return publishing.begin(chief, made.pk, {"title": "示例自查", "fields": [], **DAYS})


@pytest.fixture
def office(campaign, signed_in):
    client = signed_in("hospital")
    assert client.post(f"/self-check/own/{campaign.pk}/{YUNLING}/").status_code == 302
    return client


def report() -> Report:
    return Report.objects.get(fixmedins_code=YUNLING)


def problem(number: str = "1") -> int:
    return Problem.objects.get(number=number).pk


def tell(client, number: str = "1", version: int | None = None, **given: str):
    sent = {"version": report().version if version is None else version} | given
    return client.post(f"/self-check/reports/{report().pk}/problems/{problem(number)}/", sent)


def act(client, what: str, version: int | None = None, **given: str):
    sent = {"version": report().version if version is None else version} | given
    return client.post(f"/self-check/reports/{report().pk}/{what}/", sent)


def submitted(client, **found: str) -> Report:
    assert tell(client, **(FOUND | found)).status_code == 302
    for what, given in (("rest", {"field": "通用"}), ("sign", {"signed_as": "院长办公会第 8 次"}), ("submit", {})):
        answer = act(client, what, **given)
        assert answer.status_code == 302, answer.text
    return report()


def test_a_list_begins_with_the_sources_problems_and_does_not_change_once_published(viewer, signed_in) -> None:
    client = signed_in("chief")
    url = client.post("/self-check/draft/").url
    made = ProblemList.objects.get()
    assert (made.problems.count(), "医保函〔2025〕2号" in client.get(url).text) == (len(starter.problems()), True)
    assert len(starter.problems()) > 100
    first = made.problems.first()
    client.post(f"{url}problems/{first.pk}/remove/")
    own = {"number": "本1", "field": "通用", "kind": "管理", "text": "本地问题", "audience": "hospital"}
    assert client.post(f"{url}add/", own).status_code == 302
    assert client.post(f"{url}add/", own).status_code == 422
    client.post(f"{url}publish/")
    for address in ("publish/", "add/", f"problems/{made.problems.first().pk}/remove/"):
        assert client.post(f"{url}{address}", own).status_code == 422
    assert made.problems.count() == len(starter.problems())


def test_a_campaign_needs_a_published_list_and_days_in_order(campaign, signed_in) -> None:
    client = signed_in("chief")
    days = {name: str(day) for name, day in DAYS.items()}
    address = f"/self-check/lists/{campaign.listed_id}/begin/"
    assert client.post(address, {"title": "再查", **days, "fields_asked": ["通用"]}).status_code == 302
    assert client.post(address, {"title": "再查", **days, "due_on": str(TODAY - DAY)}).status_code == 422
    assert client.post(address, {"title": "再查", **days, "fields_asked": ["别的"]}).status_code == 422


def test_what_was_found_is_signed_submitted_and_asked_back_in_the_recovery_book(office, signed_in) -> None:
    one = submitted(office)
    assert one.state == "submitted"
    demand = Demand.objects.get()
    assert (demand.decision, demand.open_fen, demand.source_kind) == (one.number, 7000, "self_check")
    [portion] = demand.portions.all()
    assert (portion.setl_id, portion.account, portion.fen) == ("S-甲", "employee_pool", 7000)
    assert (demand.fixmedins_code, demand.region, demand.finding_key[:3]) == (YUNLING, "990101", "ZC-")
    html = signed_in("settlement1").get(f"/fund/{demand.pk}/").text
    assert one.number in html
    assert "70.00" in office.get("/fund/").text
    entry = Entry.objects.get(act="提交自查报告")
    assert (entry.detail["主动退回（分）"], entry.detail["提交日期"]) == (7000, str(TODAY))
    told = signed_in("chief").get(f"/self-check/submitted/{one.pk}/").text
    assert ("提交时尚未被告知" in told, "不作承诺" in told, "已培训" in told) == (True, True, True)


def test_a_refund_of_what_the_institution_was_told_of_is_not_called_voluntary(office, started, signed_in) -> None:
    started()
    StateRow.objects.filter(fixmedins_code=YUNLING).update(state="notified")
    submitted(office)
    assert Reported.objects.get(outcome="found").before_detection is False


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"refs": "S-丙"}, "有编号不是本机构的"),
        ({"refs": ""}, "个编号"),
        ({"fund_employee_pool": "70.01"}, "退回金额超过"),
        ({"how": "lines", "refs": "L-丙"}, "有编号不是本机构的"),
        ({"how": "lines", "refs": "L-甲", "fund_employee_pool": "100.01"}, "退回金额超过"),
        ({"how": "period", "first": "2025-12-31", "last": "2026-01-05"}, "期间不在自查的费用期间"),
        ({"how": ""}, "请选择依据"),
        ({"how": "period"}, "请填写起止日期"),
        ({"note": ""}, "请写明情况和整改措施"),
        ({"note": "患者电话 13900000000"}, "不要填写证件号码和电话号码"),
        ({"fund_employee_pool": "-1"}, "大于或者等于"),
    ],
)
def test_what_does_not_fit_the_own_claims_is_refused_and_kept_on_the_page(office, changes, words) -> None:
    answer = tell(office, **(FOUND | changes))
    text = answer.text.replace("大于或等于", "大于或者等于")
    assert (words in text, "复核发现" in text or not changes.get("note", "x") or "note" in changes) == (True, True)
    assert (answer.status_code in (200, 409), Reported.objects.count()) == (True, 0)


def test_the_same_settlement_is_given_back_once(office) -> None:
    tell(office, "1", **FOUND)
    tell(office, "2", **FOUND)
    act(office, "sign", signed_as="会议")
    answer = act(office, "submit")
    assert (answer.status_code, "退回金额超过" in answer.text) == (409, True)
    assert (Demand.objects.count(), report().state) == (0, "signed")


def test_a_report_goes_its_way_in_order_and_nothing_twice(office) -> None:
    assert "还有问题没有填写" in act(office, "sign", signed_as="会议").text
    assert "还没有签批" in act(office, "submit").text
    stale = report().version
    tell(office, **FOUND)
    assert "报告已被修改" in tell(office, "2", version=stale, outcome="none").text
    act(office, "rest", field="通用")
    act(office, "sign", signed_as="会议")
    tell(office, "2", outcome="not_applicable")
    assert report().state == "draft"  # a change takes the sign-off back
    act(office, "sign", signed_as="会议")
    version = report().version
    assert act(office, "submit", version=version).status_code == 302
    assert "已经提交" in act(office, "submit", version=version).text
    assert "已经提交" in tell(office, **FOUND).text
    assert Demand.objects.count() == 1


def test_where_the_institution_has_two_accounts_another_one_signs(office, viewer) -> None:
    other = User.objects.get(username="pharmacy")
    User.objects.filter(pk=other.pk).update(institutions=f"P99010140001 {YUNLING}")
    act(office, "rest", field="通用")
    assert "不能签批自己填写的报告" in act(office, "sign", signed_as="会议").text
    assert reporting.sign(viewer("pharmacy"), report().pk, report().version, "会议").state == "signed"


@pytest.mark.parametrize(("days", "refused"), [(0, False), (-1, True)])
def test_a_report_is_taken_until_the_end_of_its_last_day(office, campaign, days, refused) -> None:
    Campaign.objects.update(starts_on=TODAY + days * DAY, due_on=TODAY + days * DAY)
    answer = tell(office, **FOUND)
    assert (answer.status_code == 409, "报告截止日期已过" in answer.text) == (refused, refused)


def test_a_pharmacy_reports_its_own_problems_and_nobody_reads_a_draft(office, campaign, signed_in) -> None:
    pharmacy = signed_in("pharmacy")
    assert "示例自查" in pharmacy.get("/self-check/own/").text
    url = pharmacy.post(f"/self-check/own/{campaign.pk}/P99010140001/").url
    html = pharmacy.get(url).text
    assert ("问题药1" in html, "问题1<" in html) == (True, False)
    assert pharmacy.get(f"/self-check/reports/{report().pk}/").status_code == 404
    assert pharmacy.post(f"/self-check/own/{campaign.pk}/{DONGHU}/").status_code == 404
    chief = signed_in("chief")
    assert chief.get(f"/self-check/submitted/{report().pk}/").status_code == 404
    assert "2 份，提交以前不显示内容" in chief.get(f"/self-check/campaigns/{campaign.pk}/").text
    assert chief.get(f"/self-check/reports/{report().pk}/").status_code == 403


def test_a_drawn_share_is_verified_once_by_who_may_and_can_be_computed_again(
    office, campaign, viewer, signed_in
) -> None:
    submitted(office)
    chief, verifier = signed_in("chief"), signed_in("verifier")
    User.objects.filter(username="verifier").update(region=User.objects.get(username="chief").region)
    url = chief.post(f"/self-check/campaigns/{campaign.pk}/freeze/", {"percent": 50, "source": "福利彩票第 1 期"}).url
    made = SpotCheck.objects.get()
    assert (made.size, Entry.objects.get(act="封存抽查名单").detail["名单散列"]) == (1, made.commitment)
    spotting.draw_now(viewer("chief"), made.pk, "12 03 07", timezone.now())
    drawn = Checked.objects.get()
    assert (spotting.faults(SpotCheck.objects.get()), "登记核查结果" in verifier.get(url).text) == ((), True)
    address = f"/self-check/checks/{drawn.pk}/"
    assert chief.post(address, {"outcome": "holds", "note": "一致"}).status_code == 403
    assert verifier.post(address, {"outcome": "hidden", "note": "病历记载另有三笔"}).status_code == 302
    assert verifier.post(address, {"outcome": "holds", "note": "一致"}).status_code == 422
    assert "隐瞒未报" in chief.get(url).text
    assert chief.post(f"{url}draw/", {"value": "1", "known_at": "2026-01-01T00:00"}).status_code == 422
    assert not re.search(r"可抽 [1-9]", chief.get(f"/self-check/campaigns/{campaign.pk}/").text)
    Checked.objects.update(reported=Reported.objects.exclude(pk=drawn.reported_id).first())
    assert spotting.faults(SpotCheck.objects.get())


def test_another_city_knows_nothing_of_it(office, campaign, signed_in) -> None:
    one = submitted(office)
    User.objects.filter(username="chief").update(region=Region.objects.get(code="990200"))
    chief = signed_in("chief")
    for address in (f"campaigns/{campaign.pk}/", f"lists/{campaign.listed_id}/", f"submitted/{one.pk}/"):
        assert chief.get(f"/self-check/{address}").status_code == 404
    User.objects.filter(username="hospital").update(region=User.objects.get(username="chief").region)
    assert "没有要做的自查" in signed_in("hospital").get("/self-check/own/").text
