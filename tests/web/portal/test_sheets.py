"""Answers by workbook: what it offers, every wrong row by its number, preview, taken once, resumed."""

from __future__ import annotations

import io
import tracemalloc
import zipfile

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from fundguard.errors import Refusal
from fundguard.web.desk.models import StateRow
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Cancelled
from fundguard.web.ledger.models import Entry
from fundguard.web.portal import answering, reading
from fundguard.web.portal.models import Sheet, SheetAnswer, SheetFault
from fundguard.web.portal.sheets import SHEET
from tests.web.desk.conftest import EAST, key_of, row, steps, viewer
from tests.web.portal.conftest import NOTIFIED, cells, downloaded, own_key, say, uploaded, written

REASON = "病历中有说明"
SAID = {
    "one_L1": ("认可", ""),
    "one_L2": ("申诉", REASON),
    "two_L1": ("认可", ""),
    "two_L2": ("认可", ""),
}


@pytest.fixture
def office(notified, signed_in):
    return signed_in("hospital")


def faults() -> list[tuple[int, str]]:
    return list(SheetFault.objects.values_list("row", "what"))


def taken(client, content: bytes, capture) -> Sheet:
    answer = uploaded(client, content)
    assert answer.status_code == 302, answer.text
    with capture(execute=True):
        assert client.post(f"{answer.url}start/").status_code == 302
    return Sheet.objects.get()


def test_the_sheet_has_a_row_a_line_with_own_keys_and_can_be_written_in_two_columns_only(office) -> None:
    own_key("one", ipt_otp_no="ZY-1", medrcdno="BL-1")
    rows = cells(downloaded(office))
    assert sorted(one["line"] for one in rows) == ["one-L1", "one-L2", "two-L1", "two-L2"]
    first = next(one for one in rows if one["line"] == "one-L1")
    assert (first["ipt_otp_no"], first["medrcdno"], first["version"]) == ("ZY-1", "BL-1", "4")
    assert float(first["amount"]) == 60
    content = office.get("/portal/sheet/").content
    xml = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert ("<sheetProtection" in xml, 'type="list"' in xml, '"认可,申诉"' in xml) == (True, True, True)
    assert "没有待答复的疑点" in office.get("/portal/sheet/?rule=N99&q=nothing").text


def test_a_filled_sheet_is_previewed_then_taken_by_the_one_service(office, django_capture_on_commit_callbacks) -> None:
    lines = downloaded(office)
    answer = uploaded(office, written(say(cells(lines), **SAID), lines))
    html = office.get(answer.url).text
    assert ("待提交 1 条，100.00 元" in html, {row("one").state, row("two").state}) == (True, {"notified"})
    with django_capture_on_commit_callbacks(execute=True):
        office.post(f"{answer.url}start/")
    assert (row("one").state, row("two").state) == ("objected", "accepted")
    papers = Entry.objects.get(act="申诉").detail["papers"]
    assert (papers["lines"], papers["accepted_lines"]) == (["one-L2"], ["one-L1"])
    assert "全部答复已经提交" in office.get(answer.url).text
    assert Entry.objects.get(act="提交答复表").detail["待提交"] == 2


def test_the_same_file_again_and_a_second_start_answer_nothing_twice(
    office, django_capture_on_commit_callbacks
) -> None:
    lines = downloaded(office)
    content = written(say(cells(lines), **SAID), lines)
    one = taken(office, content, django_capture_on_commit_callbacks)
    again = uploaded(office, content)
    assert (again.url, Sheet.objects.count()) == (f"/portal/sheet/{one.pk}/", 1)
    assert "已经上传过" in office.get(again.url).text
    assert office.post(f"{again.url}start/").status_code == 422
    assert Entry.objects.filter(act__in=("申诉", "认可")).count() == 2
    saved_again = written(say(cells(lines), **SAID), lines, blank=1)
    uploaded(office, saved_again)
    assert [what.rpartition(" ")[2] for _, what in faults()] == ["目前“已申诉”，不能再答复", "目前“已认可”，不能再答复"]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"answer": "=1+1"}, "含有公式"),
        ({"amount": "61"}, "涉及金额与平台不一致"),
        ({"amount": "=60"}, "含有公式"),
        ({"version": "3"}, "下载以后该疑点有了新的办理"),
        ({"answer": "同意"}, "只能填认可或者申诉"),
        ({"answer": "", "statement": REASON}, "没有填答复"),
        ({"line": "one-L9"}, "不在该疑点之内"),
        ({"line": "one-L2"}, "出现了两次"),
        ({"line": ""}, "不在该疑点之内"),
        ({"key": key_of("east")}, "不是本机构的疑点"),
        ({"key": "0" * 32}, "不是本机构的疑点"),
        ({"key": "x" * 5000}, "不是本机构的疑点"),
        ({"answer": "申诉", "statement": "患者电话 13900000000"}, "不能这样填写"),
        ({"answer": "申诉", "statement": "字" * 4001}, "不能这样填写"),
        ({"answer": "申诉", "statement": ""}, "申诉没有写理由"),
    ],
)
def test_each_wrong_row_is_told_by_its_number_and_the_others_are_taken(told, signed_in, changes, what) -> None:
    told("r1", one={}, two={}, east={"at": EAST})
    for name in ("one", "two"):
        steps(name, *NOTIFIED)
    office = signed_in("hospital")
    lines = downloaded(office)
    rows = say(cells(lines), one_L1=("认可", ""), one_L2=("认可", ""), two_L1=("认可", ""), two_L2=("认可", ""))
    at = next(place for place, one in enumerate(rows) if one["line"] == "one-L1")
    rows[at] = rows[at] | changes
    answer = uploaded(office, written(rows, lines))
    told_ = dict(faults())
    assert any(what in words for words in told_.values()), told_
    assert all(number >= 3 for number in told_)
    html = office.get(answer.url).text
    assert ("有误的行" in html, next(iter(told_.values())).split("：")[0] in html) == (True, True)
    [sheet] = [CalamineWorkbook.from_filelike(io.BytesIO(office.get(f"{answer.url}faults/").content))]
    assert sheet.get_sheet_by_index(0).to_python()[1][0] == min(told_)
    assert list(SheetAnswer.objects.values_list("finding_key", flat=True))[-1:] == [key_of("two")]
    assert "13900000000" not in str(list(Entry.objects.values_list("detail", flat=True)))


def test_a_part_accepted_and_nothing_objected_to_is_a_fault(office) -> None:
    lines = downloaded(office)
    uploaded(office, written(say(cells(lines), one_L1=("认可", "")), lines))
    assert [what for _, what in faults()] == ["只认可了一部分明细，其余没有答复：共 2 条，认可 1 条"]


def test_an_empty_sheet_answers_nothing_and_says_so(office) -> None:
    lines = downloaded(office)
    answer = uploaded(office, written(cells(lines), lines))
    assert (Sheet.objects.get().blank, SheetAnswer.objects.count()) == (4, 0)
    assert "没有填写答复" in office.get(answer.url).text


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"no workbook", "a.xlsx", "无法读取这个文件"),
        (b"PK\x03\x04 broken", "a.xlsx", "无法读取这个文件"),
        (b"", "a.xlsx", "没有可以读取的答复表"),
        (b"PK", "a.xls", "另存为 .xlsx"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words(office, content, name, words) -> None:
    answer = uploaded(office, content, name)
    assert (answer.status_code, words in answer.text) == (422, True)


def test_merged_cells_another_sheet_and_another_head_are_refused(office) -> None:
    lines = downloaded(office)
    rows = cells(lines)
    assert "合并单元格" in uploaded(office, written(rows, lines, merge=(10, 4, 11, 4))).text
    assert "没有名为“答复”的工作表" in uploaded(office, written(rows, lines, sheet="Sheet1")).text
    without = [line for line in lines if line.number != 1]
    assert "不是本平台现在的答复表" in uploaded(office, written(rows, without)).text
    for line in lines:
        line.cells[4] = "别的列" if line.number == 2 else line.cells.get(4, "")
    assert "不是本平台现在的答复表" in uploaded(office, written(rows, lines)).text


def book_of(sheet: str) -> io.BytesIO:
    """A workbook of one sheet with this content and nothing else."""
    relation = '<Relationships><Relationship Id="r1" Target="worksheets/s.xml"/></Relationships>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("xl/workbook.xml", f'<workbook><sheets><sheet name="{SHEET}" r:id="r1"/></sheets></workbook>')
        zipped.writestr("xl/_rels/workbook.xml.rels", relation)
        zipped.writestr("xl/worksheets/s.xml", sheet)
    return made


def test_a_million_blank_rows_cost_no_memory() -> None:
    first = '<row r="1"><c r="A1" t="inlineStr"><is><t>在</t></is></c></row>'
    blank = "".join(f'<row r="{number}"><c r="A{number}" s="1"/></row>' for number in range(2, 1_000_001))
    book = book_of(f"<worksheet><sheetData>{first}{blank}</sheetData></worksheet>")
    del blank
    tracemalloc.start()
    [line] = reading.read(book, SHEET)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (line.number, line.cells) == (1, {0: "在"})
    assert peak < 4 << 20


def test_a_bomb_an_entity_and_too_many_rows_are_refused() -> None:
    many = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, reading.ROWS + 2))
    for sheet, words in (
        (" " * (reading.UNPACKED + 1), "答复表过大"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>', "无法读取"),
        (f"<worksheet><sheetData>{many}</sheetData></worksheet>", "答复表过大"),
    ):
        with pytest.raises(Refusal, match=words):
            reading.read(book_of(sheet), SHEET)


def test_texts_are_read_however_an_office_program_stores_them() -> None:
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:  # shared texts, rich text, a truth value, a stored formula
        page = made.add_worksheet(SHEET)
        page.write_row(0, 0, ["甲", 1.5, True])
        page.write_rich_string(1, 0, "乙", made.add_format({"bold": True}), "丙")
        page.write_formula(1, 2, "=A1", None, "值")
    first, second = reading.read(book, SHEET)
    assert (first.cells, second.cells, second.formulas) == ({0: "甲", 1: "1.5", 2: "1"}, {0: "乙丙", 2: "值"}, {2})


def test_a_job_that_was_cancelled_goes_on_with_what_waits(office, monkeypatch) -> None:
    lines = downloaded(office)
    uploaded(office, written(say(cells(lines), **SAID), lines))
    one = answering.start(viewer("hospital"), Sheet.objects.get().pk)
    monkeypatch.setattr(answering, "BATCH", 1)

    def cancelled(*_: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        answering.perform(one.job, cancelled)
    assert one.answers.filter(state="waiting").count() == 1
    with pytest.raises(Refusal, match="正在提交"):
        answering.start(viewer("hospital"), one.pk)
    Job.objects.update(state=Job.State.CANCELLED)
    assert "继续提交 1 条答复" in office.get(f"/portal/sheet/{one.pk}/").text
    again = answering.start(viewer("hospital"), one.pk)
    assert answering.perform(again.job, lambda *_: None) == {"taken": 2, "refused": 0}
    assert Entry.objects.filter(act__in=("申诉", "认可")).count() == 2


def test_what_was_answered_meanwhile_is_told_and_not_taken(office, django_capture_on_commit_callbacks) -> None:
    lines = downloaded(office)
    answer = uploaded(office, written(say(cells(lines), **SAID), lines))
    steps("one", ("hospital", "accept", {}))
    with django_capture_on_commit_callbacks(execute=True):
        office.post(f"{answer.url}start/")
    assert (row("one").state, row("two").state) == ("accepted", "accepted")
    assert "此项已被他人办理" in office.get(answer.url).text


def test_a_sheet_is_its_owners_alone(office, signed_in) -> None:
    lines = downloaded(office)
    url = uploaded(office, written(say(cells(lines), **SAID), lines)).url
    for address in (url, f"{url}faults/", f"{url}progress/"):
        assert signed_in("chain").get(address).status_code == 404
    assert signed_in("chain").post(f"{url}start/").status_code == 404
    assert signed_in("confirmer").get(url).status_code == 403
    assert StateRow.objects.filter(state="notified").count() == 2
