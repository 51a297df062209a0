"""From a hit to the money back: one finding through every post, in the nation's workflow and in regional variants."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, datetime

import pytest
from django.core.checks import run_checks
from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from fundguard.claims.store import Store
from fundguard.errors import Refusal
from fundguard.web import wiring
from fundguard.web.accounts.models import User
from fundguard.web.accounts.roles import POSTS_HELD
from fundguard.web.desk import following, items, services
from fundguard.web.desk.models import Notice, StateRow, StepPaper
from fundguard.web.desk.services import Barred
from fundguard.web.findings.models import Finding
from fundguard.web.fund import recovering, selectors
from fundguard.web.fund import services as fund
from fundguard.web.fund.models import Booking, Demand, Line, Standing
from fundguard.web.fund.services import Voucher
from fundguard.web.handling.owed import owed
from fundguard.web.papers.models import Paper
from fundguard.workflows.finding import FINDING
from fundguard.workflows.history import replay
from fundguard.workflows.regions import HUNAN, JINCHENG, SHAOXING
from tests.claims.store_samples import typed
from tests.web.desk.conftest import CONFIRM, HOME, NOTIFY, UPHOLD, key_of, row, steps

#: 100 yuan in scope, of which the funds paid 80: 60 the pool, 20 for serious illness.
PAID = {"hifp_pay": 6000, "hifmi_pay": 2000, "fund_pay_sumamt": 8000, "inscp_amt": 10000}
JUDGED = {"grounds": "事实清楚", "articles": ["条例:13"]}
OBJECT = ("hospital", "object", {"objection_statement": "病历中有说明", "lines": ["home-L1"]})
VERIFY = (("verifier", "start_verification", {}), ("verifier", "report_verification", {"verification_report": "核1"}))
RECOVER = {"agreement_clause": "第十二条", "agreement_notice": "协1"}
RECTIFY = ("hospital", "submit_rectification", {"rectification_report": "改1"})
ACCEPT = {"recheck_record": "查1"}
CLOSE = ("agreement", "close", {"archive_list": "卷1"})
PAY = ("settlement1", "record_payment", {"receipt": "回单1"})


def determine(fen: int = 10_000) -> tuple[str, str, dict[str, object]]:
    return "agreement", "determine", JUDGED | {"amount": fen}


TOLD = (UPHOLD, CONFIRM, NOTIFY)
EXAMINED = (*TOLD, OBJECT, *VERIFY)
DETERMINED = (*EXAMINED, determine())
PAID_UP = (*DETERMINED, ("agreement", "recover", RECOVER), PAY)


@pytest.fixture
def settled(told, settings):
    """`settled()`: a finding at home whose settlement stands in the store; `flow` names another variant."""

    def settle(flow=FINDING, monkeypatch=None, fund_paid: int = 8000, refunded: bool = False) -> StateRow:
        if monkeypatch:
            monkeypatch.setattr(following, "workflow_for", lambda *_: flow)
        when = datetime(2026, 5, 10, 9, 0)
        common = {"setl_id": "S1", "mdtrt_id": "M-home", "fixmedins_code": HOME, "insutype": "310"}
        settlement = common | PAID | {"setl_time": when, "vali_flag": "1", "psn_setlway": "01", "refd_setl_flag": "0"}
        place = {"fixmedins_code": HOME, "fix_blng_admdvs": "990101", "fixmedins_name": "示例医院"}
        refund = settlement | {"setl_id": "S1-R", "refd_setl_flag": "1", "init_setl_id": "S1"}
        refund |= {"hifp_pay": -1000, "hifmi_pay": 0, "fund_pay_sumamt": -1000, "inscp_amt": -1000}
        other = settlement | {"setl_id": "S2", "init_setl_id": "S2", "insutype": None}
        with Store.create(settings.STORE).arrival(source="test", files={}) as arrival:
            arrival.add("setl_d", typed("setl_d", settlement, other, *([refund] if refunded else [])))
            arrival.add("fixmedins_b", typed("fixmedins_b", place))
            arrival.commit()
        told("r1", home={})
        Finding.objects.update(setl_id="S1", mdtrt_id="M-home", fund_amount_fen=fund_paid)
        return row("home")

    return settle


def sums() -> dict[str, dict[str, int]]:
    """Account → side → fen of all demands that have something on that side."""
    told: dict[str, dict[str, int]] = defaultdict(dict)
    for one in Standing.objects.all():
        for side, fen in vars(one.balance).items():
            if fen:
                told[one.account][side] = told[one.account].get(side, 0) + fen
    return dict(told)


def reconciled() -> bool:
    """Every booking sums to zero, and every balance is the sum of its lines."""
    by_booking = Line.objects.values("booking").annotate(fen=Sum("fen")).order_by()
    even = all(one["fen"] == 0 for one in by_booking)
    return even and all(one.balance.sound for one in Standing.objects.all())


def kinds(**wanted: object) -> list[str]:
    return list(Paper.objects.filter(**wanted).order_by("pk").values_list("kind", flat=True))


def agreement_steps(flow) -> dict[str, dict[str, str]]:
    """What the variant asks for besides."""
    more = {"recover": {}, "accept_rectification": {}}
    for verb, papers in more.items():
        known = {"recover": RECOVER, "accept_rectification": ACCEPT}[verb]
        papers |= {code: f"{code}-1" for code in flow.step_by_verb[verb].needs if code not in known}
    return more


@pytest.mark.parametrize("flow", [FINDING, HUNAN, SHAOXING], ids=lambda flow: flow.region or "nation")
def test_a_finding_goes_from_the_hit_to_the_money_back(settled, monkeypatch, flow) -> None:
    settled(flow, monkeypatch)
    more = agreement_steps(flow)
    done = steps(
        "home",
        *DETERMINED,
        ("agreement", "recover", RECOVER | more["recover"]),
        PAY,
        RECTIFY,
        ("verifier", "accept_rectification", ACCEPT | more["accept_rectification"]),
        CLOSE,
    )
    assert (done.variant, done.state) == (flow.region, "closed")
    assert replay(done.flow, items.item(done).history) == "closed"
    paid = {"employee_pool": 6000, "serious_illness": 2000}
    assert sums() == {account: {"determined": fen, "repaid": fen} for account, fen in paid.items()}
    assert reconciled()
    demand = Demand.objects.get()
    assert (demand.state, demand.way, demand.deadline_key) == ("settled", "refund", "finding.refund")
    assert kinds() == ["verification_notice", "determination", "agreement_handling", "recovery"]
    assert demand.decision == Paper.objects.get(kind="determination").number
    assert set(Paper.objects.values_list("party_code", "about")) == {(HOME, key_of("home"))}
    assert Notice.objects.get(title="疑点告知书").text.count(Paper.objects.get(kind="verification_notice").number) == 1


def test_the_bureaus_handling_asks_for_legal_review_where_the_city_does(settled, monkeypatch) -> None:
    settled(SHAOXING, monkeypatch)
    decide = ("head", "decide_handling", JUDGED | {"handling_decision": "罚1", "amount": 10_000})
    heard = (
        ("agreement", "refer_to_bureau", {"handling_proposal": "建1"}),
        ("officer", "announce_views", {"views_notice": "告1"}),
        ("officer", "hear_views", {"views_record": "录1"}),
    )
    steps("home", *DETERMINED, *heard)
    with pytest.raises(Barred) as refused:
        steps("home", decide)
    assert {"WF-101", "WF-113"} <= {one.code for one in refused.value.bars}
    done = steps("home", ("legal", "pass_legal_review", {"legal_opinion": "审1"}), decide)
    assert done.state == "recovering"
    assert kinds(kind="recovery") == ["recovery"]
    assert Paper.objects.get(kind="recovery").text.issuer == "云岭区医疗保障局"


def test_what_was_paid_is_returned_when_the_finding_is_withdrawn(settled) -> None:
    settled()
    done = steps("home", *PAID_UP, ("recall", "withdraw", {"reason": "规则召回", "recall_order": "撤1"}))
    assert done.state == "withdrawn"
    assert sums() == {
        "employee_pool": {"repaid": 6000, "owed_back": 6000},
        "serious_illness": {"repaid": 2000, "owed_back": 2000},
    }
    demand = Demand.objects.get()
    assert demand.state == "owed"
    assert reconciled()
    notice = Paper.objects.get(kind="revocation")
    assert "80.00" in "".join(notice.text.paragraphs)
    assert not Paper.objects.filter(revoked_on=None).exclude(kind="revocation").exists()
    assert not Notice.objects.filter(revoked_at=None).exists()
    fund.book(demand.pk, "given_back", 8000, Voucher(timezone.localdate(), "返1"), User.objects.get(username="chief"))
    assert sums()["employee_pool"] == {"repaid": 6000, "given_back": 6000}


def test_a_determination_that_is_lowered_after_payment_owes_the_difference_back(settled, told) -> None:
    settled()
    steps("home", *PAID_UP)
    told("r2", home={"lines": {"L1": 5000}})
    Finding.objects.update(setl_id="S1", mdtrt_id="M-home", fund_amount_fen=4000)
    assert (row("home").state, Demand.objects.get().suspended) == ("correcting", True)
    assert selectors.row(Demand.objects.get()).state == selectors.SUSPENDED
    steps("home", ("agreement", "correct", JUDGED | {"amount": 5000}))
    demand = Demand.objects.get()
    assert (demand.suspended, demand.state) == (False, "owed")
    assert sums()["employee_pool"] == {"determined": 3000, "repaid": 6000, "owed_back": 3000}
    assert kinds(revoked_on=None) == ["verification_notice", "revocation", "determination"]
    assert demand.decision == Paper.objects.get(kind="determination", revoked_on=None).number
    assert reconciled()


def test_a_correction_that_asks_for_more_stands_for_the_former_demand(settled, told) -> None:
    settled()
    steps("home", *EXAMINED, determine(5000))
    told("r2", home={"lines": {"L1": 5000}})
    Finding.objects.update(setl_id="S1", mdtrt_id="M-home", fund_amount_fen=5000)
    steps("home", ("agreement", "correct", JUDGED | {"amount": 5000}))
    assert list(Demand.objects.order_by("pk").values_list("standing", "open_fen")) == [(False, 0), (True, 5000)]
    assert reconciled()


def test_nothing_is_deducted_while_a_determination_is_corrected(settled, told) -> None:
    settled()
    steps("home", *DETERMINED)
    told("r2", home={"lines": {"L1": 5000}})
    demand, clerk = Demand.objects.get(), User.objects.get(username="settlement1")
    with pytest.raises(Refusal, match="正在更正"):
        fund.book(demand.pk, "refusal_of_payment", 100, Voucher(timezone.localdate(), "拒1"), clerk)
    fund.book(demand.pk, "repaid", 100, Voucher(timezone.localdate(), "退1"), clerk)


def test_money_refused_at_the_next_settlement_is_booked_as_that(settled) -> None:
    settled()
    refuse = ("agreement", "refuse_payment", RECOVER | {"settlement_period": "2026年12月"})
    steps("home", *DETERMINED, refuse, ("settlement1", "record_payment", {"receipt": "拒1"}))
    assert sums()["employee_pool"] == {"determined": 6000, "refusal_of_payment": 6000}
    assert kinds() == ["verification_notice", "determination", "agreement_handling"]


def test_a_receipt_that_the_fund_page_booked_is_not_booked_again(settled) -> None:
    settled()
    steps("home", *DETERMINED, ("agreement", "recover", RECOVER))
    demand = Demand.objects.get()
    clerk = User.objects.get(username="settlement1")
    fund.book(demand.pk, "repaid", 3000, Voucher(timezone.localdate(), "回单1"), clerk)
    steps("home", PAY)
    assert Demand.objects.get().open_fen == 5000
    steps("home", ("settlement1", "record_payment", {"receipt": "回单2"}))
    assert Demand.objects.get().open_fen == 0
    with pytest.raises(Refusal, match="没有未追回"):
        steps("home", ("settlement1", "record_payment", {"receipt": "回单3"}))


def test_nothing_is_closed_while_money_is_open_or_a_paper_is_missing(settled) -> None:
    settled()
    steps("home", *DETERMINED, ("agreement", "recover", RECOVER), RECTIFY, ("verifier", "accept_rectification", ACCEPT))
    with pytest.raises(Barred, match="退回或者扣减"):
        steps("home", CLOSE)
    steps("home", PAY)
    StepPaper.objects.filter(code="verification_report").update(text="换过的报告")
    with pytest.raises(Barred, match="案卷材料齐全"):
        steps("home", CLOSE)
    StepPaper.objects.filter(code="verification_report").update(text="核1")
    assert steps("home", CLOSE).state == "closed"


def test_two_findings_of_a_settlement_never_ask_an_account_for_more_than_it_paid(settled, told) -> None:
    settled()
    told("r2", more={})
    Finding.objects.filter(pk=key_of("more")).update(setl_id="S1", mdtrt_id="M-home", fund_amount_fen=8000)
    steps("home", *DETERMINED)
    accepted = (*TOLD, ("hospital", "accept", {}), determine())
    with pytest.raises(Refusal, match="超过各基金账户"):
        steps("more", *accepted)
    assert row("more").state == "accepted"


def test_a_loss_that_is_not_known_is_not_demanded(settled) -> None:
    settled()
    Finding.objects.update(fund_amount_fen=None)
    with pytest.raises(Refusal, match="损失待核"):
        steps("home", *DETERMINED)
    assert (row("home").state, Demand.objects.count(), kinds()) == ("examined", 0, ["verification_notice"])


def test_a_finding_that_cost_the_funds_nothing_is_closed_without_a_demand(settled) -> None:
    settled(fund_paid=0)
    recheck = ("verifier", "accept_rectification", ACCEPT)
    done = steps("home", *DETERMINED, ("agreement", "recover", RECOVER), RECTIFY, recheck, CLOSE)
    assert (done.state, Demand.objects.count(), Booking.objects.count()) == ("closed", 0, 0)


def asked(one: Finding, fen: int) -> dict[str, int]:
    """By account, as a determination of this much would ask."""
    with transaction.atomic():
        return dict(owed(one, [], fen, date(2026, 11, 22)).amounts)


def test_a_part_of_the_amount_takes_its_part_of_the_loss_half_up(settled) -> None:
    settled()
    one = Finding.objects.get()
    assert [sum(asked(one, fen).values()) for fen in (10_000, 5_000, 1, 3)] == [8000, 4000, 1, 2]
    assert asked(one, 5000) == {"employee_pool": 3000, "serious_illness": 1000}
    one.amount_fen = one.fund_amount_fen = 0
    assert asked(one, 0) == {}


def test_a_settlement_is_read_net_of_its_refunds_and_alone(settled) -> None:
    settled(refunded=True)
    one = Finding.objects.get()
    one.fund_amount_fen = 7000
    assert asked(one, 10_000) == {"employee_pool": 5000, "serious_illness": 2000}
    one.setl_id, one.fund_amount_fen = "S2", 8000
    assert asked(one, 10_000) == {"other_pool": 6000, "serious_illness": 2000}
    for unknown in ("S3", ""):
        one.setl_id = unknown
        with pytest.raises(Refusal, match="没有对应到结算"):
            asked(one, 1)


def test_recovering_leaves_a_finding_without_a_demand_alone(people) -> None:
    assert recovering.ask("none", Demand.Way.REFUND, None) is None
    assert recovering.lower("none", {}, {}, Voucher(timezone.localdate()), None) is False


@pytest.mark.parametrize(
    ("table", "name", "words"),
    [(wiring.EFFECTS, "record_debt", "没有接通 record_debt"), (wiring.FACTS, "paid", "没有接通条件 paid")],
)
def test_an_effect_or_a_fact_that_nothing_does_is_a_fault_at_start(monkeypatch, table, name, words) -> None:
    assert run_checks() == []
    monkeypatch.delitem(table, name)
    assert any(words in fault.msg for fault in run_checks())


def test_a_post_that_no_role_holds_is_a_fault_at_start(monkeypatch) -> None:
    monkeypatch.delitem(POSTS_HELD, "verifier")
    assert any("没有角色承担 verifier" in fault.msg for fault in run_checks())


def test_the_workflow_of_jincheng_is_wired_too() -> None:
    assert set(JINCHENG.effects) <= set(services.wired())


def test_a_determination_is_made_by_its_form_with_articles_chosen_and_yuan(settled, signed_in) -> None:
    settled()
    steps("home", *EXAMINED)
    client, address = signed_in("agreement"), reverse("desk:step", args=[key_of("home"), "determine"])
    html = client.get(address).text
    assert "第十三条" in html
    hidden = dict(re.findall(r'<input type="hidden" name="(version|request)" value="([^"]+)"', html))
    sent = hidden | {"grounds": "事实清楚", "articles": ["条例:13"], "amount": "50.00"}
    assert client.post(address, sent | {"articles": ["条例:9999"]}).status_code == 200
    assert client.post(address, sent).status_code == 302
    assert (row("home").state, Demand.objects.get().open_fen) == ("determined", 4000)
