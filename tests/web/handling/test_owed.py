"""What a determination asks for where the finding touches several settlements, or none that could carry it."""

from __future__ import annotations

import pytest
from django.db.models import Sum

from fundguard.errors import Refusal
from fundguard.findings.funds import PATIENT
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.allocations import services as allocations
from fundguard.web.allocations.models import Allocation
from fundguard.web.findings.models import Finding
from fundguard.web.fund import portions, services
from fundguard.web.fund.models import Demand, Portion, Standing
from fundguard.web.ledger.models import Entry
from fundguard.web.papers.models import Paper
from tests.web.desk.conftest import CONFIRM, NOTIFY, UPHOLD, key_of, steps

TOLD = (UPHOLD, CONFIRM, NOTIFY, ("hospital", "accept", {}))
JUDGED = {"grounds": "事实清楚", "articles": ["条例:13"]}
RECOVER = ("agreement", "recover", {"agreement_clause": "第十二条", "agreement_notice": "协1"})
GROUND = "依据进销存核对记录，全部由职工统筹支付"


def determine(fen: int) -> tuple[str, str, dict[str, object]]:
    return "agreement", "determine", JUDGED | {"amount": fen}


def found(name: str = "home") -> dict[str, dict[str, int]]:
    return portions.of_demand(Demand.objects.get(finding_key=key_of(name), standing=True))


def reconciled() -> bool:
    """By demand and account the portions add up to what stands determined."""
    told = (
        Portion.objects.filter(demand__standing=True)
        .values_list("demand", "account")
        .annotate(fen=Sum("fen"))
        .order_by()
    )
    held = {(one.demand_id, one.account): one.determined for one in Standing.objects.filter(demand__standing=True)}
    return {(demand, account): fen for demand, account, fen in told} == held


def viewer(username: str) -> Viewer:
    return Viewer(User.objects.select_related("region").get(username=username))


def test_a_finding_over_two_settlements_asks_each_of_them_for_its_own_loss(spread) -> None:
    spread()
    steps("home", *TOLD, determine(10_000))
    assert found() == {"S1": {"employee_pool": 3600, "serious_illness": 1200}, "S2": {"employee_pool": 1905}}
    assert reconciled()
    assert "67.05" in "".join(Paper.objects.get(kind="determination").text.paragraphs)


def test_a_part_of_the_amount_lies_on_the_lines_that_the_reviewer_left_in(spread) -> None:
    spread()
    part = ("reviewer1", "uphold_part", {"opinion": "其余有医嘱", "lines": ["home-L2"], "part_amount": 4000})
    steps("home", part, *TOLD[1:], determine(2000))
    assert found() == {"S2": {"employee_pool": 952}}


def test_more_than_the_lines_still_in_question_is_refused(spread) -> None:
    spread()
    part = ("reviewer1", "uphold_part", {"opinion": "其余有医嘱", "lines": ["home-L2"], "part_amount": 5000})
    with pytest.raises(Refusal, match="超过所涉结算中被指的金额"):
        steps("home", part, *TOLD[1:], determine(5000))
    assert not Demand.objects.exists()


def test_a_statistic_is_never_a_demand(told) -> None:
    """A share against peers says where to look: it accuses no charge, and no amount of it can be determined."""
    told("r1", home={"verdict": "统计", "rule": "N56", "lines": {}})
    steps("home", *TOLD)
    for fen in (0, 1):
        with pytest.raises(Refusal):
            steps("home", determine(fen))
    assert not Demand.objects.exists()


def test_two_findings_of_the_same_settlements_never_ask_one_for_more_than_it_paid(spread) -> None:
    """The first takes 1,905 of the 3,333 fen of S2; the second would take as much again."""
    spread()
    steps("home", *TOLD, determine(10_000))
    with pytest.raises(Refusal, match="超过各基金账户可分摊的余额"):
        steps("other", *TOLD, determine(10_000))
    assert Demand.objects.count() == 1
    services.reverse(key_of("home"), services.Voucher(Demand.objects.get().decided_on, "撤1"), None)
    assert not Portion.objects.filter(fen__gt=0).exists()
    steps("other", determine(10_000))
    assert found("other")["S2"] == {"employee_pool": 1905}
    assert reconciled()


def test_a_correction_lowers_each_settlement_by_what_it_no_longer_carries(spread, told) -> None:
    spread()
    steps("home", *TOLD, determine(10_000))
    told("r2", home={"lines": {"L1": 3000, "L2": 4000}})
    Finding.objects.filter(pk=key_of("home")).update(fund_amount_fen=2400 + 1905)
    steps("home", ("agreement", "correct", JUDGED | {"amount": 7000}))
    assert found() == {"S1": {"employee_pool": 1800, "serious_illness": 600}, "S2": {"employee_pool": 1905}}
    assert Demand.objects.count() == 1
    assert reconciled()


def test_a_correction_that_moves_money_to_another_settlement_is_a_new_demand(spread, told) -> None:
    spread()
    part = ("reviewer1", "uphold_part", {"opinion": "其余有医嘱", "lines": ["home-L1"], "part_amount": 6000})
    steps("home", part, *TOLD[1:], determine(6000))
    assert found() == {"S1": {"employee_pool": 3600, "serious_illness": 1200}}
    told("r2", home={"lines": {"L2": 4000}})
    Finding.objects.filter(pk=key_of("home")).update(fund_amount_fen=1905)
    steps("home", ("agreement", "correct", JUDGED | {"amount": 4000}))
    assert found() == {"S2": {"employee_pool": 1905}}
    assert list(Demand.objects.order_by("pk").values_list("standing", "open_fen")) == [(False, 0), (True, 1905)]
    assert reconciled()


def test_what_the_insured_person_paid_too_much_is_asked_back_apart_from_the_funds(spread) -> None:
    """Duplicate charging (条例:38(3)): of 100 yuan the funds lost 67.05, the person 32.95."""
    spread(rule="N25")
    steps("home", *TOLD, determine(10_000), RECOVER)
    assert found()["S1"] == {"employee_pool": 3600, "serious_illness": 1200, PATIENT: 1200}
    assert found()["S2"] == {"employee_pool": 1905, PATIENT: 2095}
    demand = Demand.objects.get()
    assert demand.open_fen == 6705  # of the funds alone
    paper = Paper.objects.get(kind="patient_refund")
    assert "32.95" in paper.text.paragraphs[0]
    assert "演示值" in paper.text.paragraphs[0]
    assert [line[1] for line in paper.text.tables[0].rows] == ["12.00", "20.95"]
    assert "32.95" not in "".join(Paper.objects.get(kind="recovery").text.paragraphs)
    assert reconciled()


def test_other_conduct_asks_nothing_back_for_the_insured_person(spread) -> None:
    spread(rule="N67")
    steps("home", *TOLD, determine(10_000), RECOVER)
    assert not Paper.objects.filter(kind="patient_refund").exists()
    assert not Standing.objects.filter(account=PATIENT).exists()


@pytest.fixture
def unknown(spread) -> None:
    """The loss of the finding is not known, and it has come to its determination."""
    spread()
    Finding.objects.update(fund_amount_fen=None)
    steps("home", *TOLD)


def test_a_loss_without_settlement_is_demanded_as_two_people_state_it(unknown) -> None:
    with pytest.raises(Refusal, match="基金账户说明"):
        steps("home", determine(10_000))
    made = allocations.state(viewer("agreement"), key_of("home"), {"employee_pool": 5000, "medical_aid": 1}, GROUND)
    with pytest.raises(Refusal, match="损失待核"):  # not approved yet
        steps("home", determine(10_000))
    allocations.decide(viewer("settlement1"), made.pk, approve=True, opinion="")
    with pytest.raises(Refusal, match="超过认定金额"):
        steps("home", determine(5000))
    steps("home", determine(10_000))
    assert {one.account: one.determined for one in Standing.objects.all()} == {"employee_pool": 5000, "medical_aid": 1}
    assert found() == {}
    acts = Entry.objects.filter(object_kind="基金账户说明").values_list("act", flat=True)
    assert list(acts.order_by("pk")) == ["填写基金账户说明", "同意基金账户说明"]


def test_nobody_approves_an_own_statement_and_other_evidence_asks_for_a_new_one(unknown, told) -> None:
    made = allocations.state(viewer("agreement"), key_of("home"), {"employee_pool": 5000}, GROUND)
    with pytest.raises(Refusal, match="不能审批自己"):
        allocations.decide(viewer("agreement"), made.pk, approve=True, opinion="")
    with pytest.raises(Refusal, match="待审批"):
        allocations.state(viewer("agreement"), key_of("home"), {"employee_pool": 4000}, GROUND)
    Finding.objects.filter(pk=key_of("home")).update(finding_id="other")
    with pytest.raises(Refusal, match="证据已经变更"):
        allocations.decide(viewer("settlement1"), made.pk, approve=True, opinion="")
    allocations.decide(viewer("settlement1"), made.pk, approve=False, opinion="证据已经变更，重新填写")
    assert Allocation.objects.get().outcome == "declined"


@pytest.mark.parametrize(
    ("amounts", "ground", "words"),
    [({"employee_pool": 10_001}, GROUND, "不能超过"), ({"employee_pool": 1}, "无", "写明依据")],
)
def test_a_statement_says_why_and_no_more_than_the_finding_is_about(unknown, amounts, ground, words) -> None:
    with pytest.raises(Refusal, match=words):
        allocations.state(viewer("agreement"), key_of("home"), amounts, ground)


def test_a_loss_that_settlements_tell_is_not_stated_by_anybody(spread) -> None:
    spread()
    steps("home", *TOLD)
    with pytest.raises(Refusal, match="不需要填写"):
        allocations.state(viewer("agreement"), key_of("home"), {"employee_pool": 1}, GROUND)


def test_the_pages_lead_from_the_list_through_the_form_to_the_second_person(unknown, signed_in) -> None:
    officer, clerk = signed_in("agreement"), signed_in("settlement1")
    assert "损失" in officer.get("/allocations/").text
    address = f"/allocations/{key_of('home')}/"
    assert officer.post(f"{address}state/", {"employee_pool": "-1", "ground": GROUND}).status_code == 422
    assert officer.post(f"{address}state/", {"employee_pool": "50.01", "ground": GROUND}).status_code == 302
    assert "须由他人审批" not in clerk.get(address).text
    made = Allocation.objects.get()
    assert made.amounts == {"employee_pool": 5001}
    assert clerk.post(f"/allocations/statements/{made.pk}/decide/", {"approve": "yes"}).status_code == 302
    assert "已同意" in officer.get(address).text
    assert signed_in("hospital").get(address).status_code == 403
