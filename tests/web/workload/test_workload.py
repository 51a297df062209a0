"""The pages: one's own figures, the team's by a post that may and on record, the backlog, the balance of the load."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.models import User
from fundguard.web.desk import assigning, capacity, order
from fundguard.web.desk import selectors as desk
from fundguard.web.desk.models import Recusal, StateRow, Substitution
from fundguard.web.ledger.models import Entry
from fundguard.web.workload import balancing, forecasting, selectors, views
from fundguard.web.workload.pages import Stage
from tests.web.desk.conftest import CONFIRM, EAST, HOME, UPHOLD, key_of, steps, viewer

BACK = ("confirmer", "send_back", {"opinion": "再看"})
DISMISS = ("reviewer1", "dismiss", {"reason": "不成立"})


@pytest.fixture
def many(told) -> None:
    told("r1", **{f"n{n}": {} for n in range(4)}, east={"at": EAST})


def own(username: str):
    person = viewer(username)
    return selectors.works(person, [person.user.pk], timezone.localdate())[person.user.pk]


def test_ones_own_figures_come_from_the_ledger(many, signed_in) -> None:
    steps("n0", UPHOLD, CONFIRM)
    steps("n1", UPHOLD, BACK)
    steps("n2", DISMISS)
    steps("n3", DISMISS, ("reviewer1", "take_back_review", {}))
    done = own("reviewer1")
    told = done.total
    assert (told.reviewed, told.upheld, told.sent_back, told.fen) == (3, 2, 1, 10000)
    assert (own("confirmer").total.confirmed, own("reviewer2").total.reviewed) == (1, 0)
    html = signed_in("reviewer1").get("/workload/mine/").text
    assert ("33.3%" in html, "100.00" in html, "N67" in html) == (True, True, True)
    assert "没有办理记录" in signed_in("reviewer2").get("/workload/mine/").text


def test_the_team_is_for_a_post_that_may_and_looking_is_on_record(many, signed_in) -> None:
    steps("n0", UPHOLD)
    assert signed_in("reviewer1").get("/workload/team/").status_code == 403
    assert Entry.objects.filter(act="查看人员工作量").count() == 0
    html = signed_in("confirmer").get("/workload/team/").text
    assert ("测一初" in html, "测二初" in html) == (True, False)
    assert Entry.objects.get(act="查看人员工作量").actor.username == "confirmer"


def test_a_forecast_of_a_short_history_says_so(many, signed_in) -> None:
    steps("n0", UPHOLD)
    html = signed_in("reviewer1").get("/workload/forecast/").text
    assert "目前 3 条等待办理" in html
    assert "不作预测" in html
    assert "按人办理数" not in html


def test_the_backlog_follows_the_ledger_by_day_and_person(many, signed_in, monkeypatch) -> None:
    for n in range(3):
        steps(f"n{n}", UPHOLD)
    monkeypatch.setattr(forecasting, "LEAST", 1)
    tomorrow = timezone.localdate() + timedelta(days=1)
    first, confirming, _ = selectors.backlog(viewer("confirmer"), tomorrow)
    assert (first.waiting, first.people, confirming.waiting) == (1, {"测一初": 3}, 3)
    assert sum(first.due.values()) == 1
    if first.days:  # today may be a day off
        assert [(one.arrived, one.done) for one in first.days] == [(0, 3)]
        assert first.forecast is not None
        assert first.forecast.middle == 1
    html = signed_in("confirmer").get("/workload/forecast/").text
    assert "按人办理数" in html


def test_the_days_advice_keeps_within_the_persons_own_time(many, signed_in) -> None:
    person = viewer("reviewer1")
    assert desk.day(person, timezone.localdate()).limit == order.DAY_MINUTES
    capacity.state(viewer("confirmer"), person.user, 25)
    day = desk.day(person, timezone.localdate())
    assert (len(day.works), day.minutes <= 25) == (1, True)
    assert "每日 25 分钟" in signed_in("reviewer1").get("/desk/mine/").text
    assert Entry.objects.get(act="设定每日办理时间").detail == {"分钟": 25}
    Substitution.objects.create(
        principal=person.user,
        substitute=viewer("reviewer2").user,
        since=timezone.localdate(),
        until=timezone.localdate(),
    )
    assert desk.day(person, timezone.localdate()).works == []


def given() -> dict[str, int]:
    rows = StateRow.objects.exclude(assignee=None).values_list("assignee__username", flat=True)
    return {name: list(rows).count(name) for name in set(rows)}


def test_free_work_goes_to_whoever_has_time_left(many, signed_in) -> None:
    minutes = order.MINUTES["encounter"]
    chief = viewer("confirmer")
    capacity.state(chief, viewer("reviewer1").user, minutes)
    capacity.state(chief, viewer("reviewer2").user, 2 * minutes)
    client = signed_in("confirmer")
    assert "均衡分派 3 条" in client.get("/workload/load/").text
    assert given() == {}
    client.post("/workload/balance/", {"state": "found"})
    assert given() == {"reviewer1": 1, "reviewer2": 2}
    assert Entry.objects.filter(act="分派疑点").count() == 3
    assert "没有可以分派" in client.post("/workload/balance/", {"state": "found"}, follow=True).text


def test_leave_and_conflicts_of_interest_are_respected(many) -> None:
    today, chief = timezone.localdate(), viewer("confirmer")
    one, two = viewer("reviewer1").user, viewer("reviewer2").user
    Substitution.objects.create(principal=one, substitute=two, since=today, until=today)
    Recusal.objects.create(person=two, fixmedins_code=HOME, reason="近亲属任职")
    assert balancing.balance(chief, "found", today) == 0
    with pytest.raises(Refusal, match="正在请假"):
        assigning.assign(chief, [key_of("n0")], one)
    Recusal.objects.all().delete()
    assert balancing.balance(chief, "found", today) == 4
    assert given() == {"reviewer2": 4}


def test_what_a_colleague_took_meanwhile_stays_there(many) -> None:
    StateRow.objects.filter(object_id=key_of("n0")).update(assignee=viewer("reviewer2").user)
    balancing.balance(viewer("confirmer"), "found", timezone.localdate())
    assert StateRow.objects.get(object_id=key_of("n0")).assignee.username == "reviewer2"


@pytest.mark.parametrize("minutes", ["601", "-1", "abc", "", "１２"])
def test_a_time_that_makes_no_sense_is_refused(people, signed_in, minutes) -> None:
    answer = signed_in("confirmer").post("/workload/capacity/", {"person": "reviewer1", "minutes": minutes})
    assert answer.status_code == 422
    assert capacity.minutes([viewer("reviewer1").user.pk], timezone.localdate()) == {
        viewer("reviewer1").user.pk: order.DAY_MINUTES
    }


def test_nobody_states_the_time_of_people_elsewhere(people, signed_in) -> None:
    User.objects.filter(username="reviewer2").update(region=User.objects.get(username="admin").region)
    answer = signed_in("confirmer").post("/workload/capacity/", {"person": "reviewer2", "minutes": "60"})
    assert answer.status_code == 422


def test_only_states_that_wait_for_one_reviewer_are_balanced(people, signed_in) -> None:
    assert signed_in("confirmer").post("/workload/balance/", {"state": "notified"}).status_code == 422
    assert signed_in("reviewer1").post("/workload/balance/", {"state": "found"}).status_code == 403


def stage(history: int, waiting: int = 95) -> Stage:
    today = date(2026, 11, 23)
    days = tuple(forecasting.Past(today - timedelta(days=number), 0, 10) for number in range(history, 0, -1))
    told = forecasting.forecast(waiting, days, "s")
    return Stage("found", "待初审", waiting, 5, days, {}, {}, told, 10.0, 4)


def test_the_words_and_the_chart_say_the_same() -> None:
    chart = views._chart(stage(20), date(2026, 11, 23))
    assert chart is not None
    assert chart.summary == "".join(views._words(stage(20)))
    assert "预计 10 个工作日办完，五次中有四次在 10 至 10 个工作日之间" in chart.summary
    assert "将有 4 条逾期" in chart.summary
    assert [series["name"] for series in chart.option["series"]] == ["较快", "居中", "较慢"]
    assert chart.option["xAxis"]["data"][:2] == ["11-24", "11-25"]
    assert chart.option["series"][1]["data"] == [85, 75, 65, 55, 45, 35, 25, 15, 5, 0]
    assert views._chart(stage(3), date(2026, 11, 23)) is None
    assert views._chart(stage(20, waiting=0), date(2026, 11, 23)) is None
