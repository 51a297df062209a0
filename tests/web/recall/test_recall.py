"""A wrong rule is recalled: everything it led to is taken back, each institution is told once, the money reconciles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.conf import settings
from django.core.management import call_command
from django.http import Http404
from django.utils import timezone

from fundguard import knowledge
from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.desk import assigning, following, items
from fundguard.web.desk.models import Notice, StateRow
from fundguard.web.findings.models import Finding
from fundguard.web.fund import accounts
from fundguard.web.fund.models import Demand, Standing
from fundguard.web.jobs.models import Job
from fundguard.web.ledger.models import Entry
from fundguard.web.papers.models import Paper
from fundguard.web.recall import selectors, services
from fundguard.web.recall.models import Item, Letter, Recall
from fundguard.web.recall.services import Asked
from fundguard.workflows.finding import FINDING
from fundguard.workflows.history import replay
from tests.web.desk.conftest import CONFIRM, EAST, HOME, NOTIFY, UPHOLD, key_of, row, steps
from tests.web.desk.test_money_back import reconciled

WHY = "该规则的性别限定与说明书不一致"
TOLD = (UPHOLD, CONFIRM, NOTIFY, ("hospital", "accept", {}))
JUDGED = {"grounds": "事实清楚", "articles": ["条例:13"]}
AGREED = {"agreement_clause": "第十二条", "agreement_notice": "协1"}


def viewer(username: str) -> Viewer:
    return Viewer(User.objects.select_related("region").get(username=username))


def propose(**asked: object) -> Recall:
    return services.propose(viewer("chief"), Asked(**{"rule_code": "N67", "region": "990101"} | asked), WHY)


@pytest.fixture
def confirmed(django_capture_on_commit_callbacks) -> Callable[..., Recall]:
    """`confirmed(made)`: the second person confirms and the worker does the rest."""

    def confirm(made: Recall) -> Recall:
        with django_capture_on_commit_callbacks(execute=True):
            services.decide(viewer("recall"), made.pk, confirm=True, opinion="同意")
        return Recall.objects.get(pk=made.pk)

    return confirm


@pytest.fixture
def wrong(spread, told) -> None:
    """Of the wrong rule one finding was repaid, one deducted, one is only found, one lies in another division; another
    rule has one too."""
    spread()
    told("r2", third={}, east={"at": EAST}, right={"rule": "N25"})
    steps("home", *TOLD, ("agreement", "determine", JUDGED | {"amount": 10_000}), ("agreement", "recover", AGREED))
    steps("home", ("settlement1", "record_payment", {"receipt": "回单1"}))
    steps("other", *TOLD, ("agreement", "determine", JUDGED | {"amount": 4000}))
    steps("other", ("agreement", "refuse_payment", AGREED | {"settlement_period": "2026年12月"}))
    steps("other", ("settlement1", "record_payment", {"receipt": "拒1"}))


def states() -> dict[str, str]:
    return {name: row(name).state for name in ("home", "other", "third", "east", "right")}


def balances() -> dict[str, int]:
    held = list(Standing.objects.all())
    sides = ("determined", "open", "repaid", "refusal_of_payment", "owed_back", "given_back")
    return {side: sum(getattr(one, side) for one in held) for side in sides}


def test_everything_a_wrong_rule_led_to_is_taken_back_in_one_act(wrong, confirmed) -> None:
    before = balances()
    assert before["repaid"] == 6705
    assert before["refusal_of_payment"] == 2682
    made = propose()
    told = selectors.preview(made)
    assert (told.count, told.institutions, told.amount_fen) == (3, 1, 10_000 + 4000 + 10_000)
    assert (told.received_fen, told.open_fen) == (6705 + 2682, 0)
    done = confirmed(made)
    assert done.job.state == Job.State.DONE, done.job.error
    assert states() == {
        "home": "withdrawn",
        "other": "withdrawn",
        "third": "withdrawn",
        "east": "found",
        "right": "found",
    }
    assert done.done_at is not None
    after = balances()
    assert (after["determined"], after["open"]) == (0, 0)
    assert (after["owed_back"], after["given_back"]) == (6705, 2682)  # refunds are owed, deductions return in clearing
    assert reconciled()
    month = timezone.localdate().replace(day=1)
    cleared = accounts.clearing(viewer("chief"), month)
    returned = {one.voucher: one.fen for one in cleared.lines if one.act == "返还机构"}
    assert set(returned) == {made.number}
    assert sum(one.acts["given_back"] for one in cleared.sums) == 2682
    result = selectors.result(done)
    assert (result.withdrawn, result.barred, result.letters) == (3, 0, 1)
    assert (result.deducted_fen, result.owed_fen) == (2682, 6705)
    taken_back = {key_of(name) for name in ("home", "other", "third")}
    assert sorted(selectors.keys()) == sorted(taken_back)  # what the scorecard counts against the rule
    assert set(Finding.objects.filter(state="withdrawn").values_list("pk", flat=True)) == taken_back


def test_each_institution_is_told_in_one_paper_that_lists_everything(wrong, confirmed) -> None:
    done = confirmed(propose())
    paper = Letter.objects.get(recall=done).paper
    assert (paper.kind, paper.party_code, paper.about) == ("recall", HOME, done.number)
    assert not Paper.objects.filter(kind="revocation").exists()
    others = Paper.objects.exclude(pk=paper.pk)
    assert set(others.values_list("revoked_by", flat=True)) == {paper.pk}
    listed, revoked = paper.text.tables
    assert [line[0] for line in listed.rows] == [Finding(pk=key_of(name)).number for name in ("home", "other")]
    assert len(revoked.rows) == others.count()
    assert WHY in paper.text.paragraphs[0]
    assert not Notice.objects.filter(revoked_at=None, row__rule_code="N67").exists()


def test_every_step_of_it_stands_in_the_ledger_and_replays(wrong, confirmed) -> None:
    done = confirmed(propose())
    acts = (
        Entry.objects.filter(object_kind="规则撤回", object_id=done.number).order_by("pk").values_list("act", flat=True)
    )
    assert list(acts) == ["提出规则撤回", "确认规则撤回", "完成规则撤回"]
    call_command("verify_ledger", "--json")
    for name in ("home", "other", "third"):
        assert replay(FINDING, items.item(row(name)).history) == "withdrawn"


def test_an_item_that_moved_after_the_proposal_is_taken_from_where_it_stands(wrong, confirmed) -> None:
    made = propose()
    steps("third", UPHOLD, CONFIRM)
    confirmed(made)
    assert Item.objects.get(finding_key=key_of("third")).state == "confirmed"
    assert row("third").state == "withdrawn"


def test_a_proposer_never_confirms_and_of_two_confirmations_one_counts(wrong, confirmed) -> None:
    made = propose()
    with pytest.raises(Refusal, match="提出人不能确认"):
        services.decide(viewer("chief"), made.pk, confirm=True, opinion="")
    confirmed(made)
    with pytest.raises(Refusal, match="已经确认过"):
        services.decide(viewer("recall"), made.pk, confirm=True, opinion="")
    assert Job.objects.filter(kind=services.KIND).count() == 1


def test_what_the_confirmer_may_not_take_back_waits_for_another(
    wrong, confirmed, django_capture_on_commit_callbacks
) -> None:
    assigning.recuse(viewer("recall"), HOME, "亲属在该机构任职")
    done = confirmed(propose())
    assert (done.done_at, set(states().values())) == (None, {"recovering", "found"})
    assert [codes for *_, codes in selectors.barred(done)] == ["WF-110"] * 3
    second = User.objects.get(username="recall")
    second.pk, second.username = None, "recall2"
    second.save()
    with pytest.raises(Refusal, match="提出人不能继续"):
        services.go_on(viewer("chief"), done.pk)
    with django_capture_on_commit_callbacks(execute=True):
        services.go_on(viewer("recall2"), done.pk)
    assert selectors.result(done).withdrawn == 3
    assert Recall.objects.get().done_at is not None
    with pytest.raises(Refusal, match="没有中断"):
        services.go_on(viewer("recall2"), done.pk)


def test_a_declined_recall_changes_nothing_and_can_be_proposed_anew(wrong) -> None:
    made = propose()
    with pytest.raises(Refusal, match="已有待确认"):
        propose()
    services.decide(viewer("recall"), made.pk, confirm=False, opinion="说明书确有此限定")
    assert set(states().values()) == {"recovering", "found"}
    assert selectors.recalled() == []
    assert propose().pk != made.pk


def test_a_period_limits_what_is_taken_back(wrong, confirmed) -> None:
    days = {"home": dt.date(2026, 5, 1), "third": dt.date(2026, 7, 1)}
    for name, day in days.items():
        Finding.objects.filter(pk=key_of(name)).update(occurred_from=day, occurred_to=day)
    confirmed(propose(first=dt.date(2026, 6, 1), last=dt.date(2026, 7, 31)))
    assert (row("home").state, row("third").state) == ("recovering", "withdrawn")


def test_points_take_back_what_rests_on_nothing_else(told, confirmed) -> None:
    """The other one waits for the next run, which brings it its remaining evidence."""
    point, other = [p for p, one in knowledge.load().points.items() if one.rule_code == "N67"][:2]
    told("r1", alone={}, both={})
    StateRow.objects.filter(object_id=key_of("alone")).update(point=point)
    StateRow.objects.filter(object_id=key_of("both")).update(point=f"{point},{other}")
    made = propose(points=[point])
    assert (selectors.preview(made).count, selectors.preview(made).partly) == (1, 1)
    confirmed(made)
    assert (row("alone").state, row("both").state) == ("withdrawn", "found")
    (stop,) = selectors.recalled()
    assert stop.points == ((point, knowledge.fingerprint(knowledge.load(), point)),)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"rule_code": "N00"}, "没有这条规则"),
        ({"points": ["D-001-0001"]}, "不属于"),
        ({"region": "990201"}, "管理范围"),
    ],
)
def test_what_cannot_be_recalled_is_refused(people, asked, words) -> None:
    with pytest.raises(Refusal, match=words):
        propose(**asked)


def test_a_corrected_rule_raises_the_finding_anew_and_an_uncorrected_one_does_not(wrong, confirmed, told) -> None:
    confirmed(propose())
    told("r3", home={}, third={})
    assert row("home").state == "withdrawn"  # the same version again: it stays withdrawn
    told("r4", follow=False, home={}, third={})
    Finding.objects.filter(pk=key_of("third")).update(rule_version=2)
    following.follow_run(settings.RUNS / "r4")
    assert (row("home").state, row("third").state) == ("withdrawn", "found")
    steps("third", UPHOLD)
    assert row("third").state == "upheld"


def test_what_was_withdrawn_for_other_reasons_stays_withdrawn(told, confirmed) -> None:
    told("r1", home={})
    told("r2", home=None)
    assert row("home").state == "withdrawn"
    told("r3", home={})
    Finding.objects.update(rule_version=2)
    assert selectors.corrected({key_of("home"): ""}) == set()


def test_a_recall_of_another_division_is_not_told(wrong) -> None:
    made = propose()
    Recall.objects.update(region="990201")
    with pytest.raises(Http404):
        services.decide(viewer("recall"), made.pk, confirm=True, opinion="")
    with pytest.raises(Http404):
        selectors.recall(viewer("recall"), made.pk)


def test_the_pages_lead_from_the_preview_to_the_workbook(wrong, signed_in, django_capture_on_commit_callbacks) -> None:
    chief, officer = signed_in("chief"), signed_in("recall")
    form = {"rule": "N67", "region": "990101", "points": "", "first": "", "last": ""}
    html = chief.post("/recall/propose/", form | {"act": "preview"}).text
    assert "3</strong> 条疑点" in html
    assert not Recall.objects.exists()
    assert chief.post("/recall/propose/", form | {"act": "propose", "reason": "短"}).status_code == 422
    made = chief.post("/recall/propose/", form | {"act": "propose", "reason": WHY})
    assert made.status_code == 302
    assert "确认撤回" not in chief.get(made.url).text
    assert "确认撤回" in officer.get(made.url).text
    with django_capture_on_commit_callbacks(execute=True):
        assert officer.post(f"{made.url}decide/", {"confirm": "yes"}).status_code == 302
    html = officer.get(made.url).text
    assert "1 份" in html
    assert officer.get(f"{made.url}file/")["Content-Type"].endswith("sheet")
    assert Demand.objects.filter(standing=True).count() == 0
    assert "已完成" in chief.get("/recall/").text
