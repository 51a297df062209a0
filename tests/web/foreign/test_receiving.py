"""A list comes in: matched exactly, probably or not at all; nothing twice; what stands already is not asked again."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from fundguard.web.desk.models import StateRow
from fundguard.web.findings.models import Finding
from fundguard.web.foreign.models import ReceivedList, ReceivedRow, RowLink
from fundguard.web.jobs.models import Job
from fundguard.web.ledger.models import Entry
from tests.web.foreign.conftest import finding, rows_of
from tests.web.small_claims import FOR_WOMEN, NEIGHBOUR, YUNLING

pytestmark = pytest.mark.django_db
WOMAN = {"setl": "S-戊", "yuan": "40", "no": "1", "words": "同日两次"}


def states(one: ReceivedList) -> list[str]:
    return list(one.rows.order_by("place").values_list("state", flat=True))


def test_a_row_with_a_known_settlement_becomes_a_finding_in_the_queue(claims, sent) -> None:
    one = sent(WOMAN)
    assert (one.state, states(one)) == ("ready", ["exact"])
    made = finding(rule_code="W01")
    assert (made.setl_id, made.amount_fen, made.fund_amount_fen) == ("S-戊", 4000, 2800)
    assert (made.verdict, made.institution_name, made.region) == ("可疑", "示例云岭医院", "990101")
    row = StateRow.objects.get(object_id=made.pk)
    assert (row.state, row.point, row.due_term) == ("found", "重复收费", "初审期限")
    assert Entry.objects.filter(act="生成疑点", object_id=made.pk).exists()


def test_a_line_that_our_own_rule_accuses_is_linked_and_no_second_finding_is_made(claims, sent, row_of) -> None:
    own = finding(rule_code="N67", mdtrt_id="M-甲")
    one = sent({"line": "L-甲", "rule": "限性别用药", "no": "7"})
    link = RowLink.objects.get(row=row_of(one, 1))
    assert (link.finding_key, link.made, link.lines) == (own.pk, False, ["L-甲"])
    assert not Finding.objects.filter(rule_code="W01").exists()


def test_a_whole_settlement_on_which_a_finding_stands_is_a_person_s_to_decide(claims, sent, row_of) -> None:
    one = sent({"setl": "S-甲", "rule": "分解住院"})
    assert states(one) == ["probable"]
    assert "已有疑点" in row_of(one, 1).reason
    assert not Finding.objects.filter(rule_code="W01").exists()


def test_an_item_of_a_settlement_is_its_line(claims, sent, row_of) -> None:
    one = sent({"setl": "S-戊", "item": FOR_WOMEN, "yuan": "30"})
    assert row_of(one, 1).lines == {"L-戊": 3000}
    assert StateRow.objects.get(rule_code="W01").lines == {"L-戊": 3000}


def test_a_sender_s_amount_beyond_the_line_is_cut_to_what_is_in_scope(claims, sent, row_of) -> None:
    one = sent({"line": "L-戊", "yuan": "900"})
    assert row_of(one, 1).lines == {"L-戊": 10000}
    assert finding(rule_code="W01").amount_fen == 10000


@pytest.mark.parametrize(
    ("row", "state", "said"),
    [
        ({"setl": "S-无"}, "none", "结算编号在本地数据中没有"),
        ({"setl": "S-丁"}, "elsewhere", "其他统筹区"),
        ({"setl": "S-无", "place": "H00000000000"}, "no_institution", "定点机构编号"),
        ({"setl": "S-戊", "place": NEIGHBOUR}, "probable", "机构不一致"),
        ({"setl": "S-戊", "person": "psn-甲"}, "probable", "人员不一致"),
        ({"setl": "S-戊", "visit": "M-甲"}, "probable", "就诊编号与其他编号不是同一次"),
        ({"setl": "S-戊", "item": "X000"}, "probable", "没有所列项目"),
        ({"line": "L-无", "setl": "S-戊"}, "probable", "明细编号在本地数据中没有"),
        ({"place": YUNLING, "person": "psn-戊", "day": "2026-05-10"}, "probable", "按机构、人员、日期"),
        ({"place": YUNLING, "person": "psn-戊", "day": "2026-06-10"}, "none", "没有此人的就诊"),
        ({"place": YUNLING, "person": "psn-戊"}, "none", "无法查找"),
        ({"setl": "S-戊", "rule": ""}, "unreadable", "没有规则或问题名称"),
        ({"setl": "S-戊", "yuan": "四十"}, "unreadable", "涉及金额"),
        ({"setl": "S-戊", "yuan": "-5"}, "unreadable", "为负数"),
        ({"setl": "S-戊", "day": "昨天"}, "unreadable", "发生日期"),
    ],
    ids=lambda given: str(given)[:40],
)
def test_what_is_not_certain_makes_no_finding_and_says_why(claims, sent, row_of, *, row, state, said) -> None:
    one = sent(row)
    told = row_of(one, 1)
    assert told.state == state
    assert said in told.reason
    assert not Finding.objects.filter(rule_code="W01").exists()


def test_nothing_of_another_pool_s_charges_is_kept(claims, sent, row_of) -> None:
    told = row_of(sent({"setl": "S-丁"}), 1)
    assert (told.candidates, told.match_mdtrt_id, told.lines) == ([], "", {})


def test_a_row_twice_in_a_list_counts_once(claims, sent, row_of) -> None:
    one = sent(WOMAN, WOMAN | {"no": "2"}, {"setl": "S-无"})
    assert states(one) == ["exact", "repeated", "none"]
    assert row_of(one, 2).repeats == row_of(one, 1)
    assert finding(rule_code="W01").amount_fen == 4000


def test_the_same_line_under_two_names_is_one_finding(claims, sent, row_of) -> None:
    one = sent({"line": "L-戊", "yuan": "30"}, {"line": "L-戊", "rule": "超限定支付", "yuan": "60"})
    links = [RowLink.objects.get(row=row_of(one, place)) for place in (1, 2)]
    assert [link.made for link in links] == [True, False]
    assert links[0].finding_key == links[1].finding_key
    assert Finding.objects.filter(rule_code="W01").count() == 1


def test_the_same_file_or_content_is_not_received_twice(claims, sent) -> None:
    sent(WOMAN, {"setl": "S-无"})
    answer = sent.post(WOMAN, {"setl": "S-无"})
    assert answer.status_code == 422
    assert "已经接收" in answer.text
    again = sent({"setl": "S-无"}, WOMAN)
    assert (again.state, again.rows.count()) == ("failed", 0)
    assert "已经接收" in again.error


def test_a_row_that_an_earlier_list_told_is_not_accused_again(claims, sent, row_of) -> None:
    first = sent(WOMAN)
    second = sent(WOMAN, {"setl": "S-无"}, document="示例〔2026〕2号")
    assert states(second) == ["repeated", "none"]
    assert row_of(second, 1).repeats == row_of(first, 1)
    assert Finding.objects.filter(rule_code="W01").count() == 1


def test_another_source_with_the_same_line_is_linked_to_the_first(claims, sent, row_of) -> None:
    sent({"line": "L-戊"})
    other = sent({"line": "L-戊"}, source="W02", sender="示例局")
    assert RowLink.objects.get(row=row_of(other, 1)).made is False
    assert not Finding.objects.filter(rule_code="W02").exists()


def test_a_later_run_of_the_rules_withdraws_nothing_foreign(claims, sent, started) -> None:
    sent(WOMAN)
    started(region="990100")
    assert finding(rule_code="W01").state == "open"
    assert StateRow.objects.get(rule_code="W01").state == "found"


def test_a_second_list_withdraws_nothing_of_the_first(claims, sent) -> None:
    sent(WOMAN)
    sent({"setl": "S-无"}, {"visit": "M-戊", "rule": "其他", "line": "L-戊"}, document="2号")
    assert all(one.state == "open" for one in Finding.objects.filter(rule_code="W01"))


def test_the_gate_lowers_what_rests_on_a_default_doctor(upload, started, sent) -> None:
    given = sent_claims({"bilg_dr_code": "D9999"})
    upload(given)
    started(region="990100")
    sent({"line": "L-戊"})
    made = finding(rule_code="W01")
    assert (made.cause, made.dr_code) == ("默认值", "")
    assert "医师编码疑为默认值" in made.message


def sent_claims(more: dict[str, str]) -> dict[str, bytes]:
    from tests.web import small_claims

    made = small_claims.files(bad=False)
    lines = made["fee_list_d.csv"].decode().splitlines()
    head = ",".join([lines[0], *more])
    made["fee_list_d.csv"] = "\n".join([head, *(",".join([line, *more.values()]) for line in lines[1:])]).encode()
    return made


def workbook(*rows: list[object], formula: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("清单")
        sheet.write(0, 0, "示例省医保局下发疑点清单")
        for line, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                sheet.write(line, place, cell)
        if formula:
            sheet.write_formula(2, 1, formula, None, "重复收费")
    return out.getvalue()


def test_an_excel_with_a_title_and_a_formula_is_read_by_its_values(claims, sent, row_of) -> None:
    content = workbook(["序号", "规则名称", "结算ID", "金额"], [1, "", "S-戊", 40], formula='="重复"&"收费"')
    one = sent(content=content, name="清单.xlsx")
    assert (row_of(one, 1).named, row_of(one, 1).amount_fen) == ("重复收费", 4000)


def test_a_text_that_looks_like_a_formula_stays_text_all_the_way(claims, sent, signed_in) -> None:
    one = sent(WOMAN | {"rule": "=1+1"})
    answer = signed_in("chief").get(f"/foreign/{one.pk}/excel/")
    told = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert told[2][2] == "=1+1"
    assert b"<f>" not in answer.content


def test_numbers_of_persons_are_not_kept(claims, sent, row_of, data) -> None:
    clear = "99010119800101001X"
    one = sent(WOMAN | {"words": f"身份证{clear}，电话13900000000", "person": "psn-戊", "name": "测不存在"})
    told = row_of(one, 1)
    assert told.psn_key.startswith("P")
    kept = str(vars(told)) + str([entry.detail for entry in Entry.objects.all()])
    for secret in (clear, "13900000000", "psn-戊", "测不存在"):
        assert secret not in kept
    assert list((data / "uploads").glob("list-*")) == []


def test_columns_are_remembered_for_the_sender(claims, sent, signed_in) -> None:
    heads = "甲列,乙列\n重复收费,S-戊\n".encode()
    assert sent.post(content=heads).status_code == 302
    one = ReceivedList.objects.latest("pk")
    page = signed_in("chief").get(f"/foreign/{one.pk}/columns/")
    assert page.context["form"].initial == {}
    refused = signed_in("chief").post(f"/foreign/{one.pk}/columns/", {"named": "甲列"})
    assert "没有能找到费用的列" in refused.text
    signed_in("chief").post(f"/foreign/{one.pk}/columns/", {"named": "甲列", "setl_id": "乙列"})
    sent.post(content=heads + "其他,S-甲\n".encode())
    later = ReceivedList.objects.latest("pk")
    guessed = signed_in("chief").get(f"/foreign/{later.pk}/columns/").context["form"].initial
    assert guessed == {"named": "甲列", "setl_id": "乙列"}


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "list.csv", "提交的是空文件"),
        (b"\n\n", "list.csv", "没有清单"),
        (b"PK\x03\x04 no zip", "list.xlsx", "无法读取"),
        (b"a,b\n1,2\n", "list.exe", "不支持的文件类型"),
    ],
)
def test_what_is_no_list_is_refused(claims, sent, data, *, content, name, said) -> None:
    answer = sent.post(content=content, name=name)
    assert answer.status_code in (200, 422)
    assert said in answer.text
    assert not ReceivedList.objects.exists()
    assert list((data / "uploads").glob("list-*")) == []


def test_a_list_that_fails_leaves_no_row(claims, sent, monkeypatch) -> None:
    monkeypatch.setattr("fundguard.web.foreign.reading.MOST_ROWS", 1)
    one = sent(WOMAN, {"setl": "S-无"})
    assert (one.state, one.rows.count()) == ("failed", 0)
    assert Job.objects.latest("pk").state == "failed"
    monkeypatch.undo()
    assert sent(WOMAN, {"setl": "S-无"}).state == "ready"


def test_a_list_whose_worker_was_killed_is_discarded_and_received_anew(claims, sent, signed_in) -> None:
    one = sent(WOMAN)
    RowLink.objects.all().delete()
    ReceivedList.objects.update(state="reading")
    assert "中途停止" in signed_in("chief").get(f"/foreign/{one.pk}/").text
    assert signed_in("chief").post(f"/foreign/{one.pk}/discard/").status_code == 302
    assert not ReceivedRow.objects.exists()
    assert sent(WOMAN).state == "ready"


def test_what_was_matched_but_not_published_is_published_later(
    claims, sent, signed_in, django_capture_on_commit_callbacks
) -> None:
    one = sent(WOMAN)
    RowLink.objects.all().delete()
    Finding.objects.filter(rule_code="W01").delete()
    StateRow.objects.filter(rule_code="W01").delete()
    with django_capture_on_commit_callbacks(execute=True):
        signed_in("chief").post(f"/foreign/{one.pk}/match/")
    assert Finding.objects.filter(rule_code="W01").exists()


def test_matching_again_finds_what_came_in_later(claims, sent, upload, signed_in, django_capture_on_commit_callbacks):
    from tests.web import small_claims

    one = sent({"setl": "S-己", "line": "L-己"})
    assert states(one) == ["none"]
    upload(small_claims.files({"己": YUNLING}, bad=False))
    with django_capture_on_commit_callbacks(execute=True):
        signed_in("chief").post(f"/foreign/{one.pk}/match/")
    assert states(one) == ["exact"]
    assert ReceivedRow.objects.get().links.get().made is True


def test_a_list_in_gb18030_is_read(claims, sent, row_of) -> None:
    one = sent(content=rows_of(WOMAN).decode().encode("gb18030"))
    assert row_of(one, 1).named == "重复收费"
