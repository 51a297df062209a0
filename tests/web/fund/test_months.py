"""A closed month stays as it was; the bank's file books every row or none; a book that does not balance is told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.fund import accounts, balance, bank, closing, services
from fundguard.web.fund.models import Booking, Close, Demand
from fundguard.web.ledger.models import Entry
from tests.web.conftest import HOSPITAL
from tests.web.fund.conftest import demand, person, voucher

OCTOBER, NOVEMBER = dt.date(2026, 10, 1), dt.date(2026, 11, 1)
HEAD = ",".join(bank.COLUMNS)


def close(month: dt.date = OCTOBER, by: str = "settlement1") -> Close:
    made = closing.propose(Viewer(person(by)), "990101", month)
    return closing.close(Viewer(person("chief")), made.pk)


def bank_file(*rows: str) -> bytes:
    return "\n".join([HEAD, *rows]).encode()


def test_what_is_booked_for_a_closed_month_counts_in_the_next_one_and_the_closed_one_stays(one) -> None:
    services.book(one.pk, "repaid", 30_000, voucher("回单1"), person("settlement1"))
    chief = Viewer(person("chief"))
    before = accounts.clearing(chief, OCTOBER, "990101")
    statement = accounts.statement(chief, HOSPITAL, OCTOBER, dt.date(2026, 10, 31))
    made = close()
    late = services.book(one.pk, "repaid", 20_000, voucher("回单2"), person("settlement1"))
    assert (late.effective_on, late.carried_to) == (dt.date(2026, 10, 20), NOVEMBER)
    assert accounts.clearing(chief, OCTOBER, "990101") == before
    assert accounts.statement(chief, HOSPITAL, OCTOBER, dt.date(2026, 10, 31)) == statement
    after = accounts.clearing(chief, NOVEMBER, "990101")
    assert sum(one.acts["repaid"] for one in after.sums) == 20_000
    assert made.totals["职工基本医疗保险统筹基金"]["determined"] == 70_001
    assert sum(acts["repaid"] for acts in made.totals.values()) == 30_000


def test_opening_and_movements_are_the_closing_over_closed_months(one) -> None:
    """Whatever is booked when, month follows month without a fen between."""
    close()
    services.book(one.pk, "repaid", 20_000, voucher("回单2"), person("settlement1"))
    chief = Viewer(person("chief"))
    first = accounts.statement(chief, HOSPITAL, OCTOBER, dt.date(2026, 10, 31))
    second = accounts.statement(chief, HOSPITAL, NOVEMBER, dt.date(2026, 11, 30))
    assert first.closing == second.opening
    moved = sum(move.change.open for move in second.movements)
    assert second.opening.open + moved == second.closing.open == 80_000


def test_a_month_is_closed_by_a_second_person_once_and_only_when_it_is_over(one) -> None:
    clerk = Viewer(person("settlement1"))
    made = closing.propose(clerk, "990101", OCTOBER)
    for again, words in ((OCTOBER, "已经提请"), (dt.date(2099, 1, 1), "尚未结束")):
        with pytest.raises(Refusal, match=words):
            closing.propose(clerk, "990101", again)
    with pytest.raises(Refusal, match="不能办理自己"):
        closing.close(clerk, made.pk)
    closing.close(Viewer(person("chief")), made.pk)
    with pytest.raises(Refusal, match="已经关账"):
        closing.close(Viewer(person("chief")), made.pk)
    with pytest.raises(Refusal, match="已经关账"):
        closing.propose(clerk, "990101", dt.date(2026, 9, 1))  # what lies before is closed with it
    with pytest.raises(Refusal, match="选定一个区划"):
        closing.propose(clerk, "990201", OCTOBER)
    acts = Entry.objects.filter(object_kind="月度关账").order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["提请月度关账", "月度关账"]


def test_the_page_asks_for_the_closing_and_the_head_closes(one, signed_in) -> None:
    clerk, chief = signed_in("settlement1"), signed_in("chief")
    address = "/fund/clearing/?month=2026-10&region=990101"
    assert "提请关账" in clerk.get(address).text
    assert clerk.post("/fund/clearing/propose/", {"month": "2026-10", "region": "990101"}).status_code == 302
    made = Close.objects.get()
    assert f"/fund/clearing/{made.pk}/close/" in chief.get(address).text
    assert chief.post(f"/fund/clearing/{made.pk}/close/").status_code == 302
    assert "后补的账目计入以后的月份" in clerk.get(address).text


def test_every_row_of_the_banks_file_is_matched_by_number(one) -> None:
    other = demand()
    rows = (f"{one.number},500.00,2026-10-20,回单1", f"{other.number},0.01,2026-10-21,回单2", ",,,")
    told = bank.book_file(Viewer(person("settlement1")), "到账.csv", bank_file(*rows))
    assert (told.booked, told.fen, told.faults) == (2, 50_001, ())
    assert list(Demand.objects.order_by("pk").values_list("open_fen", flat=True)) == [50_000, 99_999]
    again = bank.book_file(Viewer(person("settlement1")), "到账.csv", bank_file(*rows))
    assert [fault.row for fault in again.faults] == [2, 3]
    assert "已经登记过" in again.faults[0].text


def test_one_faulty_row_leaves_nothing_booked_and_every_fault_is_told(one, signed_in) -> None:
    rows = (
        f"{one.number},500.00,2026-10-20,回单1",
        "ZH-99999999,1.00,2026-10-20,回单2",
        f"{one.number},1.001,2026-10-20,回单3",
        f"{one.number},1.00,二十日,回单4",
        f"{one.number},9999.00,2026-10-20,回单5",
    )
    sent = SimpleUploadedFile("到账.csv", bank_file(*rows))
    answer = signed_in("settlement1").post("/fund/bank/", {"file": sent})
    assert answer.status_code == 422
    for words in ("没有这件追回事项", "至多两位小数", "不是日期", "不超过可办理的余额"):
        assert words in answer.text
    assert Booking.objects.filter(act="repaid").count() == 0


def test_a_workbook_is_read_as_it_was_typed(one, tmp_path: Path) -> None:
    path = tmp_path / "到账.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for at, head in enumerate(bank.COLUMNS):
            sheet.write(0, at, head)
        sheet.write(1, 0, one.number)
        sheet.write_number(1, 1, 0.29)
        sheet.write_datetime(1, 2, dt.datetime(2026, 10, 20), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_number(1, 3, 20261020001)
    told = bank.book_file(Viewer(person("settlement1")), path.name, path.read_bytes())
    assert (told.fen, told.faults) == (29, ())
    assert Booking.objects.get(act="repaid").voucher == "20261020001"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"a,b\n1,2", "缺少需要的列"),
        ("a.xlsx", b"not a workbook", "无法打开"),
        ("a.csv", HEAD.encode(), "没有到账"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(people, name, content, words) -> None:
    with pytest.raises(Refusal, match=words):
        bank.book_file(Viewer(person("settlement1")), name, content)


def test_another_divisions_demand_is_not_matched(people) -> None:
    far = demand(region="990201")
    told = bank.book_file(Viewer(person("settlement1")), "a.csv", bank_file(f"{far.number},1.00,2026-10-20,回单1"))
    assert "没有这件追回事项" in told.faults[0].text


def test_the_check_finds_a_balance_that_is_not_the_sum_of_its_lines(one, capsys) -> None:
    assert balance.verify() == balance.Checked(1, ())
    call_command("verify_ledger")
    with connection.cursor() as cursor:  # past every guard of the application
        cursor.execute("UPDATE fund_standing SET open = open - 1, repaid = repaid + 1 WHERE account = 'employee_pool'")
    assert balance.verify().faults == ((one.number, balance.BOOK),)
    with pytest.raises(SystemExit):
        call_command("verify_ledger")
    assert one.number in capsys.readouterr().out
