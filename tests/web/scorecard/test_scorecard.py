"""What people, objections and recalls made of each rule's findings, and drafts where rejections repeat."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from fundguard.errors import Refusal
from fundguard.web.accounts.models import User
from fundguard.web.desk.models import StateRow
from fundguard.web.findings.models import Finding
from fundguard.web.foreign.outcomes import OUTCOMES
from fundguard.web.fund import services as fund
from fundguard.web.ledger.models import Entry
from fundguard.web.scorecard import counting, narrowing, selectors, services
from fundguard.web.scorecard.models import Narrowing, Tally
from fundguard.workflows.regions import VARIANTS
from tests.web.desk.conftest import CONFIRM, EAST, HOME, UPHOLD, key_of, row, steps, viewer

pytestmark = pytest.mark.django_db
DISMISS = ("reviewer1", "dismiss", {"reason": "处方有说明"})
CHIEF = "chief"


def signed(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username), "django.contrib.auth.backends.ModelBackend")
    return client


def figures(**wanted: str) -> dict[str, int]:
    found = selectors.scores(viewer(CHIEF), wanted)
    return {name: number for name, number in selectors.total(found).figures.items() if number}


def test_each_finding_counts_where_it_stands(told) -> None:
    names = ("new", "up", "confirmed", "no", "lost", "data", "rule")
    told("r1", **{name: {} for name in names})
    steps("up", UPHOLD)
    steps("confirmed", UPHOLD, CONFIRM)
    steps("no", DISMISS)
    StateRow.objects.filter(object_id=key_of("lost")).update(state="cleared")
    StateRow.objects.filter(object_id=key_of("data")).update(state="withdrawn", told="撤回：数据已更正")
    StateRow.objects.filter(object_id=key_of("rule")).update(state="withdrawn", told="撤回：规则已修改")
    services.count()
    told_now = figures()
    assert told_now.pop("seconds", 0) >= 0
    assert told_now == {
        "hits": 7, "reviewed": 4, "upheld": 1, "dismissed": 1, "lost": 1, "recalled": 1, "withdrawn": 1,
        "found_fen": 70_000,
    }  # fmt: skip
    [one] = selectors.scores(viewer(CHIEF), {})
    assert (one.value, one.judged, one.precision) == ("N67", 4, 0.25)


def test_every_state_of_every_region_s_workflow_counts_somewhere() -> None:
    flows = [flow for (name, _), flow in VARIANTS.items() if name == "finding"]
    states = {state.code for flow in flows for state in flow.states}
    assert states == {*counting.REVIEWED, "found", "awaiting_papers", "withdrawn"}
    final = {state.code for flow in flows for state in flow.states if state.final}
    assert final <= {state for state, (_, closed) in OUTCOMES.items() if closed}


def test_what_a_person_recalls_counts_against_the_rule(told) -> None:
    told("r1", a={}, b={})
    StateRow.objects.filter(object_id=key_of("a")).update(state="withdrawn", told="")
    services.count(lambda: [key_of("a"), key_of("b"), "unknown"])
    assert (figures()["recalled"], figures().get("withdrawn")) == (1, None)


def test_money_is_what_was_determined_and_what_came_back_and_stayed(told) -> None:
    told("r1", a={})
    StateRow.objects.filter(object_id=key_of("a")).update(state="recovering", amount_now_fen=9000)
    given = fund.Determined(
        key_of("a"), "认1号", "990101", HOME, "示例医院", timezone.localdate(), {"employee_pool": 7000, "patient": 500}
    )
    demand = fund.determine(given, None)
    fund.book(demand.pk, "repaid", 3000, fund.Voucher(timezone.localdate(), "回单1"), None)
    services.count()
    assert (figures()["determined_fen"], figures()["recovered_fen"]) == (9000, 3000)


def test_hours_are_the_short_gaps_between_steps_of_one_person(told) -> None:
    told("r1", a={}, b={}, c={}, d={})
    began = timezone.now()
    people = {name: User.objects.get(username=name) for name in ("reviewer1", "reviewer2", "hospital")}
    happened = (
        ("reviewer1", "a", 0, "first_reviewer"),
        ("reviewer2", "d", 3, "first_reviewer"),
        ("reviewer1", "b", 7, "first_reviewer"),
        ("hospital", "b", 8, "hospital_office"),
        ("hospital", "b", 9, "hospital_office"),
        ("reviewer1", "c", 127, "first_reviewer"),
    )
    for username, name, minutes, post in happened:
        Entry(
            at=began + timedelta(minutes=minutes),
            actor=people[username],
            act="办理",
            object_kind="疑点办理",
            object_id=key_of(name),
            detail={"post": post},
        ).save()
    services.count()
    assert figures()["seconds"] == 7 * 60


def test_a_precision_says_how_sure_it_is_or_that_there_are_too_few() -> None:
    numbers = dict.fromkeys(("hits", "reviewed", "upheld", "dismissed", "lost", "recalled", "withdrawn"), 0)
    few = selectors.Score("N01", "", numbers | {"upheld": 3, "dismissed": 1})
    many = selectors.Score("N01", "", numbers | {"upheld": 30, "dismissed": 10})
    assert few.precision_said == "样本太少（3/4）"
    assert many.precision_said == "75.0%（59.8%–85.8%）"
    assert selectors.Score("N01", "", numbers).precision_said == "没有结论"


def test_groups_and_filters(told) -> None:
    told("r1", a={}, b={"at": EAST}, c={"rule": "N03"})
    services.count()
    by = {key: {one.value: one.figures["hits"] for one in selectors.scores(viewer(CHIEF), {"by": key})}
          for key in ("rule", "region", "kind", "month")}  # fmt: skip
    assert by["rule"] == {"N67": 2, "N03": 1}
    assert by["region"] == {"990101": 2, "990102": 1}
    assert by["kind"] == {"H": 3}
    assert list(by["month"].values()) == [3]
    assert figures(rule="N03")["hits"] == 1
    assert figures(first=timezone.localdate() + timedelta(days=62)) == {}


def test_everyone_sees_the_own_regions_only(told) -> None:
    told("r1", a={}, b={"at": EAST})
    services.count()
    assert [one.figures["hits"] for one in selectors.scores(viewer("reviewer1"), {})] == [1]
    assert signed("hospital").get("/scorecard/").status_code == 403


def test_figures_lead_to_their_findings(told) -> None:
    told("r1", a={}, b={}, c={"at": EAST})
    steps("a", DISMISS)
    services.count()
    page = signed("reviewer1").get("/scorecard/")
    assert "/scorecard/findings/dismissed/?rule=N67" in page.text
    behind = signed("reviewer1").get("/scorecard/findings/dismissed/?rule=N67")
    assert [one.pk for one in behind.context["rows"]] == [key_of("a")]
    assert len(signed("reviewer1").get("/scorecard/findings/hits/").context["rows"]) == 2
    month = f"{timezone.localdate():%Y-%m}"
    assert len(signed("reviewer1").get(f"/scorecard/findings/hits/?first={month}&last={month}").context["rows"]) == 2
    assert signed("knowledge1").get("/scorecard/findings/hits/").status_code == 403
    assert signed("reviewer1").get("/scorecard/findings/other/").status_code == 404


@pytest.mark.parametrize("figure", list(selectors.BEHIND))
def test_behind_a_figure_are_as_many_findings_as_it_says(told, figure) -> None:
    told("r1", **{name: {} for name in ("new", "up", "confirmed", "no", "lost", "data", "rule")})
    steps("up", UPHOLD)
    steps("confirmed", UPHOLD, CONFIRM)
    steps("no", DISMISS)
    StateRow.objects.filter(object_id=key_of("lost")).update(state="cleared")
    StateRow.objects.filter(object_id=key_of("data")).update(state="withdrawn", told="撤回：数据已更正")
    StateRow.objects.filter(object_id=key_of("rule")).update(state="withdrawn", told="撤回：知识已更新")
    services.count()
    assert selectors.behind(viewer("reviewer1"), figure, {}).count() == figures()[figure] > 0


def test_the_workbook_has_the_same_lines(told) -> None:
    told("r1", a={}, b={"rule": "N03"})
    services.count()
    content = signed(CHIEF).get("/scorecard/excel/").content
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = book.get_sheet_by_name("规则记分").to_python()
    assert [(row[0], row[2]) for row in rows[1:]] == [("N03", 1.0), ("N67", 1.0), ("", 2.0)]
    assert "Wilson" in book.get_sheet_by_name("口径").to_python()[0][0]


def test_counting_again_replaces_the_table(told) -> None:
    told("r1", a={})
    services.count()
    services.count()
    assert Tally.objects.count() == 1
    told("r2", b={})
    assert services.count().findings == 2


def test_the_rule_page_shows_its_score(told) -> None:
    told("r1", a={})
    services.count()
    assert "命中 1 条，准确率：没有结论" in signed(CHIEF).get("/rulebook/N67/").text


def rejected(told, count: int, **given: object) -> None:
    told("r1", **{f"x{number}": dict(given) for number in range(count)})
    for number in range(count):
        steps(f"x{number}", DISMISS)


def test_repeated_rejections_draft_a_narrower_rule_once(told) -> None:
    rejected(told, 5)
    assert narrowing.draft() == 3
    assert {one.feature for one in Narrowing.objects.all()} == {"point", "institution", "reason"}
    one = Narrowing.objects.get(feature="point")
    assert one.condition == {"rule_code": "N67", "except": {"point": "K1"}, "regions": ["990100"]}
    assert (one.rejected, one.reviewed, len(one.evidence), one.state) == (5, 5, 5, "open")
    assert Narrowing.objects.get(feature="reason").value == "处方有说明"
    assert narrowing.draft() == 0


@pytest.mark.parametrize("count", [4])
def test_fewer_rejections_draft_nothing(told, count) -> None:
    rejected(told, count)
    assert narrowing.draft() == 0


def test_mostly_upheld_drafts_nothing_by_point_or_institution(told) -> None:
    names = {f"x{number}": {} for number in range(7)}
    told("r1", **names)
    for number in range(7):
        steps(f"x{number}", *((UPHOLD, CONFIRM) if number < 2 else (DISMISS,)))
    narrowing.draft()  # 5 of 7 are below 80 %
    assert [one.feature for one in Narrowing.objects.all()] == ["reason"]


def test_a_foreign_source_is_no_rule_to_narrow(told) -> None:
    rejected(told, 5, rule="W01")
    assert narrowing.draft() == 0


def test_a_reviewer_of_knowledge_decides_a_draft_and_no_rule_changes(told) -> None:
    rejected(told, 5)
    narrowing.draft()
    one = Narrowing.objects.get(feature="point")
    assert signed("reviewer1").post(f"/scorecard/narrowings/{one.pk}/decide/").status_code == 403
    assert signed("knowledge1").post(f"/scorecard/narrowings/{one.pk}/decide/", {"accept": "yes"}).status_code == 422
    given = {"accept": "yes", "opinion": "拟加适应症限定"}
    assert signed("knowledge1").post(f"/scorecard/narrowings/{one.pk}/decide/", given).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.decided_by.username) == ("accepted", "knowledge1")
    assert Entry.objects.get(act="审核规则收窄建议").object_id == one.number
    with pytest.raises(Refusal, match="已经审核"):
        services.decide(viewer("knowledge2"), one, False, "不同意")
    assert narrowing.draft() == 0
    page = signed("knowledge1").get(f"/scorecard/narrowings/{one.pk}/file/")
    assert "except:\n  point: K1" in page.content.decode()
    assert Finding.objects.count() == 5
    assert row("x0").state == "dismissed"


def test_counting_runs_in_the_background_once_at_a_time(told, django_capture_on_commit_callbacks) -> None:
    told("r1", a={})
    with django_capture_on_commit_callbacks() as queued:
        assert signed(CHIEF).post("/scorecard/count/").status_code == 302
        assert signed(CHIEF).post("/scorecard/count/").status_code == 422
    for callback in queued:
        callback()
    assert selectors.latest().findings == 1


def test_groups_do_not_grow_with_findings(told, django_assert_max_num_queries) -> None:
    told("r1", **{f"x{number}": {} for number in range(30)})
    with django_assert_max_num_queries(12):
        assert len(counting.tallies(tuple)) == 1
