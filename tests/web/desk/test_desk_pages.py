"""The pages: buttons that say why they are grey, forms of steps, the order of the queue, a day's work, who does it."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
from django.urls import reverse
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.models import User
from fundguard.web.desk import assigning, order, selectors
from fundguard.web.desk.models import Recusal, StateRow
from fundguard.web.ledger.models import Entry
from tests.web.desk.conftest import CONFIRM, EAST, HOME, NOTIFY, UPHOLD, key_of, row, steps, viewer

pytestmark = pytest.mark.usefixtures("bare")


def page_of(name: str, verb: str = "") -> str:
    key = key_of(name)
    return reverse("desk:step", args=[key, verb]) if verb else reverse("findings:detail", args=[key])


def form(client, name: str, verb: str, **papers: object) -> dict[str, object]:
    """What the browser would send: the hidden fields of the page and what was written."""
    html = client.get(page_of(name, verb)).text
    hidden = dict(re.findall(r'<input type="hidden" name="(version|request)" value="([^"]+)"', html))
    assert set(hidden) == {"version", "request"}
    return hidden | papers


def test_the_finding_offers_the_steps_of_the_post_and_says_why_others_are_grey(found, signed_in) -> None:
    html = signed_in("reviewer1").get(page_of("home")).text
    assert f'href="{page_of("home", "uphold")}" data-key="u"' in html
    html = signed_in("confirmer").get(page_of("home")).text
    assert page_of("home", "uphold") not in html
    assert "初审成立：WF-102 “初审成立”由经办初审岗办理" in html
    steps("home", UPHOLD)
    User.objects.filter(username="reviewer1").update(role="confirmer")
    html = signed_in("reviewer1").get(page_of("home")).text
    assert "复核成立：WF-103" in html
    assert "条例" in html.partition("WF-103")[2][:200]


def test_the_place_of_insurance_sees_the_state_and_no_open_button(told, signed_in) -> None:
    told("r1", guest={"at": EAST, "insured": "990101"})
    html = signed_in("reviewer1").get(page_of("guest")).text
    assert "WF-112 不在本人的管辖区内" in html
    assert page_of("guest", "uphold") not in html


def test_an_institution_is_told_only_what_the_declaration_shows_it(found, signed_in) -> None:
    client = signed_in("hospital")
    html = client.get(page_of("home")).text
    assert "审核中" in html
    assert "待初审" not in html
    steps("home", UPHOLD, CONFIRM, NOTIFY)
    html = client.get(page_of("home")).text
    assert "待答复" in html
    assert "性别不符" not in html


def test_a_step_is_taken_by_its_form_and_the_next_item_opens(told, signed_in) -> None:
    told("r1", home={}, other={"lines": {"L9": 500000}})
    client = signed_in("reviewer1")
    sent = form(client, "home", "uphold", opinion="性别不符", go="next")
    answer = client.post(page_of("home", "uphold"), sent, follow=True)
    assert answer.redirect_chain[-1][0] == page_of("other")
    assert "转入“初审成立，待复核”" in answer.text
    assert row("home").state == "upheld"
    html = signed_in("confirmer").get(page_of("home")).text
    assert "审查意见：性别不符" in html


def test_amounts_are_written_in_yuan_and_lines_are_chosen(found, signed_in) -> None:
    client = signed_in("reviewer1")
    sent = form(client, "home", "uphold_part", opinion="部分成立", lines=["home-L1"], part_amount="59.99")
    assert client.post(page_of("home", "uphold_part"), sent).status_code == 302
    assert row("home").amount_now_fen == 5999


@pytest.mark.parametrize("text", ["患者 990101198001010018 有误", "联系电话13900000000"])
def test_an_opinion_holds_no_identity(found, signed_in, text) -> None:
    client = signed_in("reviewer1")
    answer = client.post(page_of("home", "uphold"), form(client, "home", "uphold", opinion=text))
    assert "请不要填写证件号码和电话号码" in answer.text
    assert row("home").state == "found"


def test_a_stale_form_and_a_double_click_are_told_so_and_keep_what_was_written(found, signed_in) -> None:
    first, second = signed_in("reviewer1"), signed_in("reviewer2")
    mine = form(first, "home", "uphold", opinion="成立")
    other = form(second, "home", "dismiss", reason="另有病历说明")
    first.post(page_of("home", "uphold"), mine)
    again = first.post(page_of("home", "uphold"), mine)
    assert (again.status_code, "WF-202" in again.text) == (409, True)
    stale = second.post(page_of("home", "dismiss"), other)
    assert (stale.status_code, "WF-201" in stale.text, "另有病历说明" in stale.text) == (409, True, True)
    assert row("home").version == 2


def test_a_session_that_ended_in_a_form_changes_nothing_and_asks_to_sign_in(found, signed_in) -> None:
    client = signed_in("reviewer1")
    sent = form(client, "home", "uphold", opinion="成立")
    session = client.session
    session["used"] = int(time.time()) - 31 * 60
    session.save()
    answer = client.post(page_of("home", "uphold"), sent)
    assert answer.url.startswith("/login/")
    assert row("home").state == "found"


@pytest.mark.parametrize("verb", ["withdraw", "no_such_step", "accept", "lapse"])
def test_what_the_desk_has_no_form_for_is_no_page(found, signed_in, verb) -> None:
    answer = signed_in("reviewer1").get(page_of("home", verb))
    assert answer.status_code == 404


def test_the_queue_counts_states_and_orders_by_expected_yuan_an_hour(told, signed_in) -> None:
    told(
        "r1",
        small={"lines": {"L": 1000}, "verdict": "明确违规"},
        doubtful={"lines": {"L": 2000}, "verdict": "可疑"},
        sure={"lines": {"L": 2000}, "verdict": "明确违规"},
        east={"at": EAST},
        done={},
    )
    steps("done", UPHOLD)
    client = signed_in("reviewer1")
    html = client.get("/desk/").text
    assert re.search(r'aria-current="true">待初审 3<', html)
    assert "初审成立，待复核 1" in html
    places = [html.index(key_of(name)) for name in ("sure", "small", "doubtful")]
    assert places == sorted(places)
    assert key_of("east") not in html
    assert key_of("done") not in html
    assert key_of("done") in signed_in("confirmer").get("/desk/").text  # begins with what waits for the own post


def test_reviews_move_the_expectation_of_their_rule(told) -> None:
    told("r1", **{f"a{n}": {} for n in range(5)})
    before = row("a4").score
    steps("a0", ("reviewer1", "dismiss", {"reason": "不成立"}))
    steps("a1", ("reviewer1", "dismiss", {"reason": "不成立"}))
    told("r2")
    assert row("a4").score == order.score(10000, "可疑", "encounter", order.Tally(0, 2)) < before


def test_a_day_is_filled_by_yield_then_by_lot_and_stays_the_same_all_day(told) -> None:
    told("r1", **{f"f{n}": {"lines": {"L": 1000 + n}} for n in range(60)})
    today = timezone.localdate()
    day = selectors.day(viewer("reviewer1"), today)
    assert day == selectors.day(viewer("reviewer2"), today)
    assert day.minutes <= order.DAY_MINUTES
    drawn = [work for work in day.works if work.drawn]
    best = [work for work in day.works if not work.drawn]
    assert [work.amount_fen for work in best] == [1059 - n for n in range(27)]  # 324 minutes of 12
    assert len(drawn) <= 3
    others = {
        tuple(w.key for w in selectors.day(viewer("reviewer1"), today + dt.timedelta(days=n)).works if w.drawn)
        for n in range(9)
    }
    assert len(others) > 1
    assert assigning.claim_day(viewer("reviewer1")) == len(day.works)
    assert selectors.todo(viewer("reviewer1")).count() == len(day.works)
    taken = {work.key for work in day.works}
    assert not taken & {work.key for work in selectors.day(viewer("reviewer2"), today).works}


def test_work_is_assigned_to_suitable_colleagues_only_and_leaves_a_row(found, signed_in) -> None:
    client = signed_in("confirmer")
    assert client.post("/desk/assign/", {"key": key_of("home"), "to": "reviewer2"}).status_code == 302
    assert row("home").assignee.username == "reviewer2"
    assert Entry.objects.get(act="分派疑点").object_id == key_of("home")
    for to, words in (("agreement", "没有办理该环节的岗位"), ("officer", "没有办理该环节的岗位")):
        answer = client.post("/desk/assign/", {"key": key_of("home"), "to": to})
        assert (answer.status_code, words in answer.text) == (422, True)
    Recusal.objects.create(person=User.objects.get(username="reviewer1"), fixmedins_code=HOME, reason="近亲属任职")
    assert "应当回避" in client.post("/desk/assign/", {"key": key_of("home"), "to": "reviewer1"}).text
    client.post("/desk/assign/", {"key": key_of("east"), "to": "reviewer2"})
    assert row("east").assignee is None  # another division's item is none of this desk
    assert row("home").assignee.username == "reviewer2"


def test_a_leave_asks_for_compatible_posts_and_days_in_order(found, signed_in) -> None:
    client = signed_in("confirmer")
    ids = {name: User.objects.get(username=name).pk for name in ("reviewer1", "reviewer2", "confirmer")}
    sent = {"principal": ids["confirmer"], "substitute": ids["reviewer1"], "since": "2026-12-01", "until": "2026-12-04"}
    assert "不得由同一人兼任" in client.post("/desk/lend/", sent).text
    sent |= {"principal": ids["reviewer2"], "until": "2026-11-30"}
    assert "结束日期早于开始日期" in client.post("/desk/lend/", sent).text
    assert client.post("/desk/lend/", sent | {"until": "2999-12-04"}).status_code == 302
    assert "2999-12-04" in client.get("/desk/people/").text
    assert Entry.objects.filter(act="登记请假代办").count() == 1


def test_declaring_an_interest_gives_the_work_back(found, signed_in) -> None:
    StateRow.objects.filter(object_id=key_of("home")).update(assignee=User.objects.get(username="reviewer1"))
    client = signed_in("reviewer1")
    assert client.post("/desk/recuse/", {"institution": HOME, "reason": "近亲属任职"}).status_code == 302
    assert row("home").assignee is None
    assert "WF-110" in client.get(page_of("home")).text


def test_too_many_at_once_are_refused(found) -> None:
    with pytest.raises(Refusal, match="过多"):
        assigning.assign(viewer("confirmer"), [str(n) for n in range(501)], None)


def test_empty_pages_say_what_to_do(people, signed_in) -> None:
    client = signed_in("reviewer1")
    assert "本环节没有疑点" in client.get("/desk/").text
    html = client.get("/desk/mine/").text
    assert "没有待办" in html
    assert "没有未分派的待初审疑点" in html
