"""The book in the database: what is refused, what a reversal owes back, who may not act twice."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fundguard.errors import Refusal
from fundguard.findings.funds import PATIENT
from fundguard.web.accounts.guard import Viewer
from fundguard.web.fund import portions, proposals, selectors, services
from fundguard.web.fund.book import DEBIT, SIDES, Balance
from fundguard.web.fund.models import Booking, Demand, Instalment, Line, Proposal, Standing
from fundguard.web.fund.services import Voucher
from fundguard.web.ledger.models import Entry
from tests.depth import examples
from tests.web.fund.conftest import DECIDED, FUNDS, demand, determined, person, voucher

REASON = "经核实机构已注销且无财产"


def reconciled(found: Demand) -> dict[str, Balance]:
    """Balances of the demand; every one is the sum of its lines and every booking sums to zero."""
    kept = services.balances(Demand.objects.get(pk=found.pk))
    lines = Line.objects.filter(booking__demand=found)
    for account, balance in kept.items():
        assert balance.sound
        for side in SIDES:
            fen = lines.filter(account=account, side=side).aggregate(fen=Sum("fen"))["fen"] or 0
            assert getattr(balance, side) == (fen if side in DEBIT else -fen)
    now = Demand.objects.get(pk=found.pk)
    assert now.open_fen == sum(balance.open for code, balance in kept.items() if code != PATIENT)
    assert (now.state == "open") == any(balance.open for balance in kept.values())
    assert (now.state == "reversed") == all(b.open == b.owed_back == b.determined == 0 for b in kept.values())
    groups = lines.order_by().values_list("booking", "account").annotate(Sum("fen"))
    assert all(fen == 0 for *_, fen in groups)
    return kept


def propose(found: Demand, kind: str, content: dict, by: str = "settlement1") -> Proposal:
    return proposals.propose(found.pk, kind, content, REASON, person(by))


def decided(made: Proposal, approve: bool = True, by: str = "settlement2") -> Proposal:
    return proposals.decide(made.pk, approve, "同意" if approve else REASON, person(by))


def test_a_demand_holds_what_was_determined_until_when_and_by_which_parameter(one) -> None:
    assert {code: b.determined for code, b in reconciled(one).items()} == FUNDS
    assert (one.due_on, one.due_flag, one.deadline_key) == (
        dt.date(2026, 10, 29),  # fifteen working days; Saturday the 10th is worked
        "演示值",
        "recovery.repay_within",
    )
    row = Entry.objects.get(object_kind="追回事项")
    assert (row.act, row.object_id, row.region, row.detail["金额（元）"]) == ("认定", str(one.pk), "990101", "1,000.00")


@pytest.mark.parametrize("amounts", [{}, {"employee_pool": 0}, {"employee_pool": -1}, {"fine": 100}])
def test_an_amount_that_is_not_a_demand_is_refused(people, amounts) -> None:
    with pytest.raises(Refusal, match="认定金额"):
        demand(amounts)
    assert not Demand.objects.exists()


def test_the_same_finding_is_recovered_once_until_all_of_it_was_reversed(one) -> None:
    with pytest.raises(Refusal, match="只追回一次"):
        demand(finding_key=one.finding_key)
    services.reverse(one.finding_key, voucher("撤销1"), None)
    assert demand(finding_key=one.finding_key).pk != one.pk
    assert services.reverse("0" * 32, voucher("撤销2"), None) is None


def test_a_finding_can_be_determined_anew_while_money_of_the_reversed_demand_is_still_owed_back(one) -> None:
    services.book(one.pk, "repaid", 60_000, voucher(), person("settlement1"))
    services.reverse(one.finding_key, voucher("撤销1"), None)
    assert services.reverse(one.finding_key, voucher("撤销2"), None) is None
    anew = demand({"employee_pool": 500}, finding_key=one.finding_key)
    assert (anew.open_fen, sum(b.owed_back for b in reconciled(one).values())) == (500, 60_000)


def test_a_repayment_goes_to_the_accounts_it_was_paid_from(one) -> None:
    services.book(one.pk, "repaid", 50_001, voucher(), person("settlement1"))
    assert {code: b.repaid for code, b in reconciled(one).items()} == {
        "employee_pool": 35_001,
        "serious_illness": 10_000,
        "medical_aid": 5_000,
    }
    services.book(one.pk, "refusal_of_payment", 49_999, voucher("结算单1"), person("settlement1"))
    assert all(balance.open == 0 for balance in reconciled(one).values())


def test_what_exceeds_the_open_amount_changes_nothing(one) -> None:
    before = reconciled(one)
    for act, fen in (("repaid", 100_001), ("refusal_of_payment", 100_001), ("given_back", 1), ("repaid", 0)):
        with pytest.raises(Refusal, match="不超过可办理的余额"):
            services.book(one.pk, act, fen, voucher(), person("settlement1"))
    assert reconciled(one) == before
    assert Booking.objects.count() == 1


def test_a_second_press_with_the_same_voucher_books_nothing(one) -> None:
    services.book(one.pk, "repaid", 100, voucher(), person("settlement1"))
    with pytest.raises(Refusal, match="已经登记过"):
        services.book(one.pk, "repaid", 100, voucher(), person("settlement2"))
    assert sum(b.repaid for b in reconciled(one).values()) == 100


@pytest.mark.parametrize(
    ("act", "day"),
    [
        ("repaid", DECIDED - dt.timedelta(days=1)),
        ("repaid", dt.date(2999, 1, 1)),
        ("refusal_of_payment", dt.date(2999, 1, 1)),
    ],
)
def test_a_day_before_the_determination_or_in_the_future_is_refused(one, act, day) -> None:
    with pytest.raises(Refusal, match="发生日期"):
        services.book(one.pk, act, 100, voucher(on=day), person("settlement1"))
    with pytest.raises(Refusal, match="凭证号"):
        services.book(one.pk, act, 100, voucher(" "), person("settlement1"))


def test_a_write_off_or_reversal_is_never_booked_by_hand(one) -> None:
    for act in ("written_off", "reversed", "determined"):
        with pytest.raises(Refusal, match="不能手工登记"):
            services.book(one.pk, act, 1, voucher(), person("settlement1"))


def test_the_patients_share_is_no_fund(people) -> None:
    found = demand({"employee_pool": 1000, PATIENT: 300})
    settle = person("settlement1")
    with pytest.raises(Refusal):
        services.book(found.pk, "repaid", 1001, voucher("a"), settle)
    with pytest.raises(Refusal):
        services.book(found.pk, "refusal_of_payment", 1, voucher("b"), settle, patient=True)
    services.book(found.pk, "repaid", 1000, voucher("c"), settle)
    services.book(found.pk, "repaid", 200, voucher("d"), settle, patient=True)
    kept = reconciled(found)
    assert (kept["employee_pool"].repaid, kept[PATIENT].repaid, kept[PATIENT].open) == (1000, 200, 100)
    with pytest.raises(Refusal):
        propose(found, "write_off", {"fen": 1})


def test_a_reversal_after_payment_owes_the_money_back(one) -> None:
    settle = person("settlement1")
    services.book(one.pk, "repaid", 60_000, voucher(), settle)
    services.reverse(one.finding_key, voucher("撤销1"), None)
    one.refresh_from_db()
    assert (one.state, one.standing) == ("owed", False)
    assert sum(b.owed_back for b in reconciled(one).values()) == 60_000
    assert all(b.open == b.determined == 0 for b in reconciled(one).values())
    services.book(one.pk, "given_back", 60_000, voucher("返还1"), settle)
    assert sum(b.given_back for b in reconciled(one).values()) == 60_000


def test_a_reversal_in_part_lowers_what_is_open_first(one) -> None:
    services.book(one.pk, "repaid", 60_000, voucher(), person("settlement1"))
    services.reverse(one.finding_key, voucher("撤销1"), None, fen=30_000)
    kept = reconciled(one).values()
    assert (sum(b.open for b in kept), sum(b.owed_back for b in kept), sum(b.determined for b in kept)) == (
        10_000,
        0,
        70_000,
    )


def test_a_write_off_needs_a_second_person(one) -> None:
    made = propose(one, "write_off", {"fen": 40_000})
    with pytest.raises(Refusal, match="不能审批自己"):
        decided(made, by="settlement1")
    assert all(b.written_off == 0 for b in reconciled(one).values())
    decided(made)
    assert sum(b.written_off for b in reconciled(one).values()) == 40_000
    with pytest.raises(Refusal, match="已经审批过"):
        decided(made)
    assert list(Entry.objects.order_by("pk").values_list("act", flat=True)) == ["认定", "提出核销", "同意核销", "核销"]


def test_the_database_refuses_the_same_person_twice(one) -> None:
    made = propose(one, "write_off", {"fen": 1})
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=made.pk).update(decided_by=made.proposed_by)


def test_a_proposal_is_checked_again_when_it_is_approved_and_declined_with_a_reason(one) -> None:
    made = propose(one, "write_off", {"fen": 100_000})
    with pytest.raises(Refusal, match="已有待审批"):
        propose(one, "write_off", {"fen": 1})
    services.book(one.pk, "repaid", 1, voucher(), person("settlement1"))
    with pytest.raises(Refusal, match="不超过可办理的余额"):
        decided(made)
    with pytest.raises(Refusal, match="理由"):
        proposals.decide(made.pk, False, "不行", person("settlement2"))
    for number in ("13800000000", "99010119800101001X"):
        with pytest.raises(Refusal, match="证件号码或电话号码"):
            proposals.decide(made.pk, False, f"联系人 {number} 未到场", person("settlement2"))
    assert decided(made, approve=False).outcome == "declined"
    propose(one, "write_off", {"fen": 99_999})


def test_instalments_cover_what_is_open_and_move_the_day_money_is_due(one) -> None:
    first = timezone.localdate() + dt.timedelta(days=10)
    parts = proposals.equal_parts(100_000, 3, first)
    assert [fen for _, fen in parts] == [33_334, 33_333, 33_333]
    for wrong in (parts[:2], [parts[1], parts[0], parts[2]], proposals.equal_parts(100_000, 14, first), []):
        with pytest.raises(Refusal, match="分期"):
            propose(one, "instalments", {"parts": wrong})
    decided(propose(one, "instalments", {"parts": parts}))
    one.refresh_from_db()
    assert (one.due_on, Instalment.objects.count()) == (first, 3)
    services.book(one.pk, "repaid", 33_333, voucher("1"), person("settlement1"))
    one.refresh_from_db()
    assert one.due_on == first
    services.book(one.pk, "repaid", 1, voucher("2"), person("settlement1"))
    one.refresh_from_db()
    assert one.due_on == dt.date.fromisoformat(parts[1][0])
    assert [part.covered_fen for part in selectors.plan(one)] == [33_334, 0, 0]


@pytest.mark.parametrize(
    ("count", "first", "last"),
    [
        (2, dt.date(2027, 1, 31), "2027-02-28"),
        (3, dt.date(2026, 11, 30), "2027-01-30"),
        (2, dt.date(2026, 12, 1), "2027-01-01"),
    ],
)
def test_an_instalment_falls_on_the_same_day_or_the_last_one_of_a_shorter_month(count, first, last) -> None:
    assert proposals.equal_parts(10, count, first)[-1][0] == last


def test_a_wrong_booking_is_corrected_by_its_mirror_with_two_people(one) -> None:
    wrong = services.book(one.pk, "repaid", 5_000, voucher(), person("settlement1"))
    before = Line.objects.count()
    decided(propose(one, "void", {"booking": wrong.pk}))
    assert sum(b.open for b in reconciled(one).values()) == 100_000
    assert Line.objects.count() == 2 * before - 6  # the first booking's six lines stay alone
    with pytest.raises(Refusal, match="已经冲正过"):
        propose(one, "void", {"booking": wrong.pk})
    first = one.bookings.get(act="determined")
    for booking in (first, Booking.objects.get(voids=wrong)):
        with pytest.raises(Refusal, match="不能冲正"):
            propose(one, "void", {"booking": booking.pk})
    with pytest.raises(Refusal, match="没有这笔账目"):
        propose(demand(), "void", {"booking": wrong.pk})


def test_a_repayment_that_was_given_back_cannot_be_undone(one) -> None:
    paid = services.book(one.pk, "repaid", 100_000, voucher(), person("settlement1"))
    services.reverse(one.finding_key, voucher("撤销1"), None)
    with pytest.raises(Refusal, match="不能平衡"):
        propose(one, "void", {"booking": paid.pk})


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b.save(),
        lambda b: b.delete(),
        lambda b: Booking.objects.update(act="x"),
        lambda b: Line.objects.all().delete(),
        lambda b: b.lines.first().save(),
    ],
)
def test_the_book_is_only_added_to(one, change) -> None:
    with pytest.raises(TypeError, match="只能追加"):
        change(one.bookings.get())


@pytest.mark.parametrize("table", ["fund_booking", "fund_line"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_book(one, table, sql) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(table))


@pytest.mark.parametrize(
    "wrong", [{"open": -1}, {"repaid": 1}, {"determined": 5, "open": 6}, {"owed_back": 5, "open": 5}]
)
def test_the_database_refuses_a_balance_below_zero_or_uneven_or_owed_without_having_been_received(one, wrong) -> None:
    zero = dict.fromkeys(SIDES, 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Standing.objects.create(demand=one, account="other", **zero | wrong)


def test_what_standing_demands_take_of_a_settlement_is_told_to_the_next(one) -> None:
    both = {"S1": {"employee_pool": 3, "medical_aid": 2}, "S2": {"employee_pool": 2}}
    first = demand({"employee_pool": 5, "medical_aid": 2}, portions=both)
    second = demand({"employee_pool": 1, PATIENT: 1}, portions={"S1": {"employee_pool": 1, PATIENT: 1}})
    assert portions.taken(["S1", "S3"]) == {"S1": {"employee_pool": 4, "medical_aid": 2}}
    assert portions.taken(["S1"], without=first.finding_key) == {"S1": {"employee_pool": 1}}
    services.reverse(first.finding_key, voucher("撤销1"), None, fen=3)
    assert portions.of_demand(first) == {"S1": {"employee_pool": 2, "medical_aid": 1}, "S2": {"employee_pool": 1}}
    services.reverse(first.finding_key, voucher("撤销2"), None)
    assert portions.taken(["S1", "S2"]) == {"S1": {"employee_pool": 1}}
    assert second.state == "open"


def test_portions_that_do_not_add_up_to_the_amounts_are_a_mistake_of_the_caller(people) -> None:
    with pytest.raises(ValueError, match="add up"):
        demand({"employee_pool": 5}, portions={"S1": {"employee_pool": 4}})


def test_a_demand_may_have_another_source_than_a_finding(people, signed_in) -> None:
    made = demand({"employee_pool": 5}, finding_key="ZC-00000001", source_kind="self_check")
    with pytest.raises(Refusal, match="该自查自纠已经登记追回"):
        demand({"employee_pool": 5}, finding_key="ZC-00000001", source_kind="self_check")
    html = signed_in("settlement1").get(f"/fund/{made.pk}/").text
    assert "自查自纠</dt><dd>ZC-00000001" in html
    assert "/findings/ZC" not in html


STEP = st.one_of(
    st.tuples(st.sampled_from(["refusal_of_payment", "repaid", "given_back"]), st.integers(1, 900), st.booleans()),
    st.tuples(st.just("written_off"), st.integers(1, 900), st.just(False)),
    st.tuples(st.just("reversed"), st.integers(1, 900), st.just(False)),
    st.tuples(st.just("void"), st.integers(0, 8), st.just(False)),
)


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries(
        {"employee_pool": st.integers(1, 600), "medical_aid": st.integers(1, 600), PATIENT: st.integers(1, 300)}
    ),
    st.lists(STEP, max_size=9),
)
def test_any_sequence_of_operations_reconciles(people, amounts, steps) -> None:
    """Each operation either does the whole of what it says or changes nothing; sums are counted apart from the code."""
    settle, second = person("settlement1"), person("settlement2")
    with transaction.atomic():
        found = services.determine(determined(amounts), settle)
        moved = {"determined": sum(amounts.values())}
        for number, (step, size, patient) in enumerate(steps):
            before = reconciled(found)
            try:
                with transaction.atomic():
                    if step == "written_off":
                        made = proposals.propose(found.pk, "write_off", {"fen": size}, REASON, settle)
                        proposals.decide(made.pk, True, "", second)
                    elif step == "void":
                        booking = found.bookings.order_by("pk")[size : size + 1].first()
                        made = proposals.propose(
                            found.pk, "void", {"booking": booking.pk if booking else 0}, REASON, settle
                        )
                        proposals.decide(made.pk, True, "", second)
                    elif step == "reversed":
                        services.reverse(found.finding_key, Voucher(DECIDED, f"撤销{number}"), None, fen=size)
                    else:
                        services.book(found.pk, step, size, voucher(f"{number}"), settle, patient=patient)
            except Refusal:
                assert reconciled(found) == before
                continue
            if step == "void":
                moved[booking.act] -= sum(x.fen for x in booking.lines.all() if x.fen > 0)
            else:
                moved[step] = moved.get(step, 0) + size
        kept = reconciled(found).values()
        for side in ("refusal_of_payment", "repaid", "given_back"):
            assert sum(getattr(b, side) for b in kept) == moved.get(side, 0)
        assert sum(b.determined for b in kept) == moved["determined"] - moved.get("reversed", 0)
        assert all(0 <= b.open <= amounts[code] for code, b in reconciled(found).items())
        assert sum(row.fen for row in selectors.bookings(Viewer(settle), found)) == sum(moved.values())
        transaction.set_rollback(True)
