"""A person decides what is not certain; what stands is asked back once; what became of it goes back to the sender."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook

from fundguard.errors import Refusal
from fundguard.web.desk.models import StateRow
from fundguard.web.findings.models import Finding
from fundguard.web.foreign import feedback, selectors, services
from fundguard.web.foreign.models import FeedbackRow, RowLink
from fundguard.web.fund.models import Demand
from fundguard.web.ledger.models import Entry
from tests.web.desk.conftest import CONFIRM, NOTIFY, UPHOLD, viewer
from tests.web.foreign.conftest import finding, steps_on
from tests.web.small_claims import YUNLING

pytestmark = pytest.mark.django_db
ALIKE = {"place": YUNLING, "person": "psn-戊", "day": "2026-05-10", "no": "3"}
NO = {"choice": "none", "reason": "不是同一人"}
DISMISS = ("reviewer1", "dismiss", {"reason": "病历有说明"})
DETERMINE = (
    UPHOLD,
    CONFIRM,
    NOTIFY,
    ("hospital", "accept", {}),
    ("agreement", "determine", {"grounds": "事实清楚", "articles": ["条例:13"], "amount": 10000}),
)


@pytest.fixture
def decided(signed_in, django_capture_on_commit_callbacks):
    """`decided(row, …)` posts the form as the district's confirmer and lets the worker publish."""

    def post(row, by: str = "verifier", **fields: object):
        with django_capture_on_commit_callbacks(execute=True):
            return signed_in(by).post(f"/foreign/rows/{row.pk}/decide/", {"reason": "核对无误", **fields})

    return post


@pytest.fixture
def hospital(people):
    from fundguard.web.accounts.models import User

    User.objects.filter(username="hospital").update(institutions=YUNLING)


@pytest.fixture
def home(sent):
    """`home({…})`: a list that the district's agreement officer receives."""
    return lambda *rows, **fields: sent(*rows, by="agreement", **fields)


def test_a_probable_row_waits_for_a_person_who_chooses(claims, home, row_of, signed_in, decided) -> None:
    one = home(ALIKE)
    row = row_of(one, 1)
    assert not Finding.objects.filter(rule_code="W01").exists()
    page = signed_in("verifier").get(f"/foreign/rows/{row.pk}/")
    assert "M-戊" in page.text
    assert decided(row, choice="0").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.decided_by.username, row.match_setl_id) == ("chosen", "verifier", "S-戊")
    assert finding(rule_code="W01").setl_id == "S-戊"
    entry = Entry.objects.get(act="确认匹配")
    assert (entry.object_id, entry.detail["结果"]) == (one.number, "S-戊")


def test_none_of_the_candidates_is_an_answer_too(claims, home, row_of, decided) -> None:
    row = row_of(home(ALIKE), 1)
    decided(row, choice="none")
    row.refresh_from_db()
    assert (row.state, row.reason) == ("none", "核对无误")
    assert not Finding.objects.filter(rule_code="W01").exists()


def test_a_choice_needs_a_reason_a_candidate_and_its_lines(claims, home, row_of, decided, signed_in) -> None:
    row = row_of(home({"setl": "S-戊", "line": "L-无", "item": "ZD03AAA0043010100166"}), 1)
    assert decided(row, choice="0", reason="").status_code == 422
    assert decided(row, reason="核对").status_code == 422
    for fields in ({"choice": "7"}, {"choice": "0", "same": "x" * 32}):
        assert decided(row, **fields).status_code == 422
    row.refresh_from_db()
    assert row.state == "probable"


def test_two_people_at_one_row_decide_it_once(claims, home, row_of) -> None:
    row = row_of(home(ALIKE), 1)
    services.decide(viewer("verifier"), row, services.Decision(0, "核对无误"))
    with pytest.raises(Refusal, match="已经有人确认"):
        services.decide(viewer("confirmer"), row, services.Decision(None, "不是"))
    assert Entry.objects.filter(act="确认匹配").count() == 1


def test_the_same_matter_joins_the_finding_that_stands(claims, home, row_of, signed_in, decided) -> None:
    own = finding(rule_code="N67", mdtrt_id="M-甲")
    row = row_of(home({"setl": "S-甲", "words": "总额异常"}), 1)
    page = signed_in("verifier").get(f"/foreign/rows/{row.pk}/")
    assert own.number in page.text
    decided(row, choice="0", same=own.pk)
    assert not Finding.objects.filter(rule_code="W01").exists()
    page = signed_in("reviewer1").get(f"/findings/{own.pk}/")
    assert "本地已发现，并入" in page.text
    assert "总额异常" in page.text


def test_another_matter_becomes_a_finding_of_its_own_but_is_not_asked_back_twice(
    claims, home, row_of, decided, hospital
) -> None:
    own = finding(rule_code="N67", mdtrt_id="M-甲")
    decided(row_of(home({"setl": "S-甲"}), 1), choice="0")
    other = finding(rule_code="W01")
    steps_on(own.pk, *DETERMINE[:-1])
    steps_on(other.pk, *DETERMINE[:-1])
    Demand.objects.create(
        finding_key=own.pk,
        decision="认1",
        region="990101",
        fixmedins_code=YUNLING,
        institution_name="示例云岭医院",
        setl_id="S-甲",
        decided_on="2026-09-02",
        due_on="2026-10-02",
    )
    with pytest.raises(Refusal, match="已由另一疑点登记追回"):
        steps_on(other.pk, DETERMINE[-1])
    assert StateRow.objects.get(object_id=other.pk).state == "accepted"


def test_what_became_of_each_row_goes_back_in_the_sender_s_order(claims, home, row_of, signed_in) -> None:
    own = finding(rule_code="N67", mdtrt_id="M-甲")
    one = home(
        {"line": "L-甲", "no": "9"}, {"setl": "S-无", "no": "8"}, {"setl": "S-戊", "no": "7"}, ALIKE | {"no": "6"}
    )
    steps_on(own.pk, DISMISS)
    assert selectors.progress([one.pk])[one.pk] == selectors.Progress(rows=4, closed=2, probable=1)
    answer = signed_in("agreement").post(f"/foreign/{one.pk}/report/")
    assert answer.status_code == 302
    made = one.feedbacks.get()
    assert (made.number, made.rows_told, made.rows_closed) == (f"{one.number}-01", 4, 2)
    told = list(made.rows.order_by("row__place").values_list("row__serial", "outcome", "closed", "ground"))
    assert told == [
        ("9", "经审查不成立", True, "病历有说明"),
        ("8", "未匹配", True, "结算编号在本地数据中没有"),
        ("7", "办理中", False, ""),
        ("6", "待人工确认", False, row_of(one, 4).reason),
    ]
    assert Entry.objects.get(act="出具反馈").detail["反馈"] == made.number
    content = signed_in("agreement").get(f"/foreign/feedback/{made.pk}/excel/").content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in sheet[3:]] == ["9", "8", "7", "6"]


def test_a_feedback_stays_as_it_was_and_the_next_has_the_next_number(claims, home) -> None:
    own = finding(rule_code="N67", mdtrt_id="M-甲")
    one = home({"line": "L-甲"})
    first = feedback.report_back(viewer("agreement"), one)
    steps_on(own.pk, DISMISS)
    second = feedback.report_back(viewer("agreement"), one)
    assert (first.serial, second.serial) == (1, 2)
    kept = FeedbackRow.objects.order_by("feedback__serial").values_list("outcome", flat=True)
    assert list(kept) == ["办理中", "经审查不成立"]


def test_an_opinion_on_the_way_is_not_told(claims, home) -> None:
    own = finding(rule_code="N67", mdtrt_id="M-甲")
    one = home({"line": "L-甲"})
    steps_on(own.pk, UPHOLD, CONFIRM)
    assert feedback.report_back(viewer("agreement"), one).rows.get().ground == ""


def test_a_determined_amount_is_told_of_the_row_s_own_lines(claims, home, hospital) -> None:
    one = home({"line": "L-戊", "yuan": "40"}, {"line": "L-戊", "rule": "超限", "yuan": "40"})
    key = RowLink.objects.filter(row__of=one).first().finding_key
    StateRow.objects.filter(object_id=key).update(state="closed", amount_now_fen=3900)
    told = feedback.report_back(viewer("agreement"), one).rows.order_by("row__place")
    assert [(row.outcome, row.amount_fen) for row in told] == [("成立，已办结", 3900), ("成立，已办结", 3900)]


def test_overdue_is_flagged_until_everything_is_closed(claims, home, signed_in) -> None:
    own = finding(rule_code="N67", mdtrt_id="M-甲")
    one = home({"line": "L-甲"}, due_on="2026-09-10")
    assert "逾期" in signed_in("agreement").get("/foreign/").text
    assert "已过" in signed_in("agreement").get(f"/foreign/{one.pk}/").text
    steps_on(own.pk, DISMISS)
    assert "gov-strong-red" not in signed_in("agreement").get("/foreign/").text


def test_lists_are_seen_in_their_region_only(claims, sent, home, signed_in) -> None:
    city = sent({"setl": "S-无"})
    district = home({"setl": "S-戊"})
    seen = {one.pk for one in selectors.lists(viewer("reviewer1"))}
    assert seen == {district.pk}
    assert {one.pk for one in selectors.lists(viewer("chief"))} == {city.pk, district.pk}
    for address in (f"/foreign/{city.pk}/", f"/foreign/rows/{city.rows.get().pk}/", f"/foreign/{city.pk}/excel/"):
        assert signed_in("reviewer1").get(address).status_code == 404
    assert signed_in("hospital").get("/foreign/").status_code == 403


def test_an_institution_does_not_learn_which_list_named_it(claims, home, hospital, signed_in) -> None:
    home({"line": "L-甲", "words": "来文原话"})
    own = finding(rule_code="N67", mdtrt_id="M-甲")
    assert "外来清单" not in signed_in("hospital").get(f"/findings/{own.pk}/").text
    assert "外来清单" in signed_in("reviewer1").get(f"/findings/{own.pk}/").text


def test_a_list_sent_by_mistake_is_discarded_before_it_is_read(claims, sent, signed_in, data) -> None:
    from fundguard.web.foreign.models import ReceivedList

    sent.post({"setl": "S-戊"})
    one = ReceivedList.objects.get()
    assert signed_in("chief").post(f"/foreign/{one.pk}/discard/").status_code == 302
    one.refresh_from_db()
    assert one.state == "failed"
    assert sent({"setl": "S-戊"}).state == "ready"
