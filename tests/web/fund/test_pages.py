"""The pages of money back: who sees what, sums that reconcile to their lines, entry, approval, workbooks."""

from __future__ import annotations

import datetime as dt
import io

import pytest
import python_calamine
from django.utils import timezone

from fundguard.findings.funds import PATIENT
from fundguard.papers.pdf import SYSTEM
from fundguard.web.fund import accounts, selectors, services
from fundguard.web.fund.book import SIDES
from fundguard.web.fund.models import Demand, Proposal
from fundguard.web.fund.pages import added
from fundguard.web.fund.printing import statement_paper
from fundguard.web.ledger.models import Entry
from tests.web.conftest import HOSPITAL, STORES
from tests.web.fund.conftest import PAID, demand, person, voucher

REASON = "机构申请分期，经营确有困难"


@pytest.fixture
def three(people) -> list[Demand]:
    """The hospital in 990101 with a patient's share, a store there, another institution in 990201."""
    hospital = demand({"employee_pool": 80_000, "medical_aid": 20_000, PATIENT: 5_000})
    store = demand({"resident_pool": 1_234}, fixmedins_code=STORES[0], institution_name="=云岭示例药店")
    far = demand(
        {"employee_pool": 777}, region="990201", fixmedins_code="H99020110009", institution_name="临川示例医院"
    )
    settle = person("settlement1")
    services.book(hospital.pk, "repaid", 30_000, voucher("回单1"), settle)
    services.book(hospital.pk, "refusal_of_payment", 10_000, voucher("结算1", dt.date(2026, 11, 1)), settle)
    services.book(hospital.pk, "repaid", 5_000, voucher("退还1"), settle, patient=True)
    return [hospital, store, far]


def sheets(content: bytes) -> dict[str, list[list]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.mark.parametrize(
    ("username", "seen"),
    [
        ("settlement1", (0, 1)),
        ("chief", (0, 1)),
        ("confirmer", (0, 1)),
        ("hospital", (0,)),
        ("pharmacy", (1,)),
        ("chain", (1,)),
    ],
)
def test_an_agency_sees_its_regions_an_institution_itself(three, signed_in, username, seen) -> None:
    client = signed_in(username)
    page = client.get("/fund/").text
    for number, one in enumerate(three):
        assert (one.number in page) == (number in seen)
        assert client.get(f"/fund/{one.pk}/").status_code == (200 if number in seen else 404)
        statement = client.get(f"/fund/institutions/{one.fixmedins_code}/").status_code
        assert statement == (200 if number in seen else 404)


def test_no_one_books_on_a_demand_out_of_reach(three, signed_in) -> None:
    given = {"act": "repaid", "payer": "fund", "amount": "1", "effective_on": PAID, "voucher": "回单9"}
    assert signed_in("settlement1").post(f"/fund/{three[2].pk}/book/", given).status_code == 404
    assert signed_in("chief").post(f"/fund/{three[0].pk}/book/", given).status_code == 403
    assert signed_in("hospital").post(f"/fund/{three[0].pk}/book/", given).status_code == 403


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("", {0, 1}),
        ("q=云岭示例医院", {0}),
        (f"q={STORES[0].lower()}", {1}),
        ("state=open", {0, 1}),
        ("state=overdue", {0, 1}),
        ("state=settled", set()),
        ("state=owed", set()),
        ("state=reversed", set()),
        ("state=pending", set()),
        ("region=990102", {0, 1}),  # out of reach: not a choice, so no filter, and nothing more to see
        ("first=2026-10-10", set()),
        ("first=never", {0, 1}),
        ("q=不存在的机构", set()),
    ],
)
def test_the_filter(three, signed_in, query, seen) -> None:
    Demand.objects.update(due_on=dt.date(2026, 10, 10))
    page = signed_in("settlement1").get(f"/fund/?{query}").text
    assert {number for number, one in enumerate(three) if one.number in page} == seen
    by_number = signed_in("settlement1").get(f"/fund/?q={three[1].number}").text
    assert three[1].number in by_number
    assert three[0].number not in by_number


def test_states_follow_the_money(three, viewer) -> None:
    hospital, store, _ = three
    settle = person("settlement1")
    assert selectors.row(hospital).state == "未结清" or selectors.row(hospital).overdue
    services.book(store.pk, "repaid", 1_234, voucher(), settle)
    assert selectors.row(store).state == "已结清"
    services.reverse(store.finding_key, voucher("撤销1"), None)
    assert selectors.row(store).state == "应返还机构"
    services.book(store.pk, "given_back", 1_234, voucher("返还1"), settle)
    assert selectors.row(store).state == "已撤销"
    for state, expected in (("reversed", {store.pk}), ("owed", set()), ("open", {hospital.pk})):
        found = selectors.matching(viewer("settlement1"), {"state": state})
        assert set(found.values_list("pk", flat=True)) == expected


def test_totals_are_the_sum_of_the_rows_and_pages_follow_the_order(people, viewer, signed_in) -> None:
    for fen in range(1, 46):
        demand({"employee_pool": fen, PATIENT: 2})
    found = selectors.matching(viewer("settlement1"), {})
    totals = selectors.totals(found)
    assert (totals.count, totals.funds.determined, totals.patient.open) == (45, 45 * 46 // 2, 90)
    assert totals.funds == added([row.funds for row in selectors.rows(found, "")])
    largest = selectors.rows(found, "-open", 0, 3)
    assert [row.funds.open for row in largest] == [45, 44, 43]
    last = signed_in("settlement1").get("/fund/?sort=-open&page=3").text
    assert ">0.05<" in last
    assert ">0.06<" not in last


def test_a_voucher_is_booked_and_a_fault_in_it_is_told(three, signed_in) -> None:
    client = signed_in("settlement1")
    given = {"act": "repaid", "payer": "fund", "amount": "123.45", "effective_on": PAID, "voucher": "回单9"}
    assert client.post(f"/fund/{three[0].pk}/book/", given).status_code == 302
    assert selectors.row(three[0]).funds.repaid == 30_000 + 12_345
    again = client.post(f"/fund/{three[0].pk}/book/", given)
    assert (again.status_code, "没有重复登记" in again.text) == (422, True)
    for wrong in ({"amount": "1.234"}, {"amount": "-1"}, {"act": "written_off"}, {"voucher": ""}, {"payer": "fine"}):
        answer = client.post(f"/fund/{three[0].pk}/book/", given | {"voucher": "回单10"} | wrong)
        assert (answer.status_code, "不符合要求" in answer.text) == (422, True)
    assert selectors.row(three[0]).funds.repaid == 42_345


def test_a_proposal_travels_from_one_person_to_the_other(three, signed_in) -> None:
    first, second = signed_in("settlement1"), signed_in("settlement2")
    address = f"/fund/{three[0].pk}/"
    day = timezone.localdate() + dt.timedelta(days=5)
    first.post(f"{address}instalments/", {"count": 3, "first": day, "reason": REASON})
    first.post(f"{address}write-off/", {"amount": "100", "reason": REASON})
    booking = three[0].bookings.get(voucher="结算1")
    first.post(f"{address}correction/", {"booking": booking.pk, "reason": REASON})
    made = {p.kind: p for p in Proposal.objects.all()}
    assert set(made) == {"instalments", "write_off", "void"}
    own = first.get(address).text
    assert ("须由他人审批" in own, f"decide-{made['void'].pk}" in own) == (True, False)
    assert f"decide-{made['void'].pk}" in second.get(address).text
    assert first.post(f"/fund/proposals/{made['void'].pk}/decide/", {"approve": "yes"}).status_code == 422
    assert second.post(f"/fund/proposals/{made['instalments'].pk}/decide/", {"approve": "yes"}).status_code == 302
    assert "分期计划" in second.get(address).text
    assert second.post(f"/fund/proposals/{made['void'].pk}/decide/", {"approve": "yes"}).status_code == 302
    assert "冲正结算拒付" in second.get(address).text
    assert selectors.row(three[0]).funds.refusal_of_payment == 0
    told = {"approve": "no", "opinion": "材料不齐，请补充"}
    assert second.post(f"/fund/proposals/{made['write_off'].pk}/decide/", told).status_code == 302
    assert selectors.row(three[0]).funds.written_off == 0
    assert signed_in("officer").post(f"/fund/proposals/{made['void'].pk}/decide/").status_code == 403


def test_an_institution_reads_its_book_without_names_or_proposals(three, signed_in) -> None:
    signed_in("settlement1").post(f"/fund/{three[0].pk}/write-off/", {"amount": "100", "reason": REASON})
    page = signed_in("hospital").get(f"/fund/{three[0].pk}/").text
    assert "经办机构" in page
    for hidden in (REASON, person("settlement1").display_name, "提出核销"):
        assert hidden not in page


def test_a_statement_opens_moves_and_closes(three, viewer, signed_in) -> None:
    told = accounts.statement(viewer("hospital"), HOSPITAL, dt.date(2026, 10, 15), dt.date(2026, 10, 31))
    assert (told.opening.open, told.closing.open, told.closing.repaid) == (100_000, 70_000, 30_000)
    assert [(m.act, m.open) for m in told.movements] == [("机构退回", 70_000)]
    assert (told.patient_opening.open, told.patient_closing.open) == (5_000, 0)
    for opening, moves, closing in (
        (told.opening, told.movements, told.closing),
        (told.patient_opening, told.patient_movements, told.patient_closing),
    ):
        assert added([opening, *(m.change for m in moves)]) == closing
    assert added([a.balance for a in told.accounts]) == told.closing
    whole = accounts.statement(viewer("settlement1"), HOSPITAL, dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert whole.closing == selectors.row(three[0]).funds
    assert signed_in("hospital").get(f"/fund/institutions/{HOSPITAL}/?first=x&last=2026-01-01").status_code == 200


def test_the_statement_workbook_holds_the_same_figures(three, signed_in) -> None:
    answer = signed_in("hospital").get(f"/fund/institutions/{HOSPITAL}/file/?first=2026-10-01&last=2026-12-31")
    book = sheets(answer.content)
    head, *rows = book["基金对账"]
    place = head.index("未追回（元）")
    assert [row[place] for row in rows] == [0, 1000, -300, -100, 600]
    assert rows[-1][3] == "期末余额"
    patient = book["参保人个人负担"]
    assert patient[-1][head.index("已退回（元）")] == 50


def test_the_statement_on_paper_holds_the_same_figures(three, viewer, signed_in) -> None:
    told = accounts.statement(viewer("hospital"), HOSPITAL, dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    paper = statement_paper(told, "云岭区医疗保障经办机构", dt.date(2026, 12, 31))
    place = paper.tables[0].columns.index("未追回")
    assert [row[place] for row in paper.tables[0].rows] == ["0.00", "1,000.00", "-300.00", "-100.00", "600.00"]
    assert [row[place] for row in paper.tables[1].rows] == ["0.00", "50.00", "-50.00", "0.00"]
    if any(folder.is_dir() for folder in SYSTEM):
        answer = signed_in("hospital").get(f"/fund/institutions/{HOSPITAL}/pdf/?first=2026-10-01&last=2026-12-31")
        assert (answer.headers["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
        assert answer.headers["Cache-Control"] == "no-store"
    assert signed_in("officer").get(f"/fund/institutions/{HOSPITAL}/pdf/").status_code == 403


def test_the_month_is_cleared_by_institution_and_fund_with_the_patients_share_apart(three, viewer, signed_in) -> None:
    told = accounts.clearing(viewer("settlement1"), dt.date(2026, 10, 1))
    assert {(s.institution_code, s.account): s.acts["repaid"] for s in told.sums if s.acts["repaid"]} == {
        (HOSPITAL, "职工基本医疗保险统筹基金"): 24_000,
        (HOSPITAL, "医疗救助基金"): 6_000,
    }
    assert [(s.account, s.acts["determined"], s.acts["repaid"]) for s in told.patient] == [
        ("参保人个人负担", 5_000, 5_000)
    ]
    assert sum(sum(s.acts.values()) for s in (*told.sums, *told.patient)) == sum(line.fen for line in told.lines)
    november = accounts.clearing(viewer("settlement1"), dt.date(2026, 11, 1))
    assert [(line.act, line.fen) for line in november.lines] == [("结算拒付", 8_000), ("结算拒付", 2_000)]
    assert not accounts.clearing(viewer("settlement1"), dt.date(2026, 10, 1), "990102").lines
    answer = signed_in("chief").get("/fund/clearing/file/?month=2026-10")
    book = sheets(answer.content)
    assert set(book) == {"按机构和基金账户", "参保人个人负担", "明细"}
    head, *rows = book["按机构和基金账户"]
    assert (rows[-1][0], rows[-1][head.index("机构退回（元）")]) == ("合计", 300)
    assert "=云岭示例药店" in {row[1] for row in rows}  # a text, not a formula
    row = Entry.objects.get(act="导出清算文件")
    assert row.detail["行数"] == len(book["明细"]) - 1


@pytest.mark.parametrize(
    "query", ["", "month=2026-10", "month=9999-99", "region=990201", "month=2026-10&region=990101"]
)
def test_the_clearing_page_opens_for_any_query(three, signed_in, query) -> None:
    page = signed_in("settlement1").get(f"/fund/clearing/?{query}")
    assert page.status_code == 200
    assert "临川示例医院" not in page.text


def test_the_list_is_exported_with_its_totals(three, signed_in) -> None:
    book = sheets(signed_in("settlement1").get("/fund/export/").content)
    head, *rows = book["追回事项"]
    assert len(rows) == 3
    assert [rows[-1][head.index(f"{name}（元）")] for name in SIDES.values()] == [1012.34, 100, 300, 0, 612.34, 0, 0]
    assert Entry.objects.filter(act="导出追回清单").exists()
    assert signed_in("confirmer").get("/fund/export/").status_code == 403
