"""A point with its history, where a code is used, disputes, and catalogues of codes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404

from fundguard.errors import Refusal
from fundguard.web.knowledge_base import catalogues, selectors, services
from fundguard.web.knowledge_base.models import Catalogue, Dispute

POINT, CODE = "D-010-0001", "XB01AXA223B004010180963"
DOUBT = "说明书规定的疗程是二十一天"


def test_a_point_tells_its_history_and_what_rests_on_it(published, viewer) -> None:
    published()
    page = selectors.point_page(viewer("knowledge1"), "D-010-R9901-0001")
    assert [state.version for state in page.history] == ["9901-1 支付疗程更新"]
    assert page.limit == "最多天数：7，累计范围：一次就诊"
    assert page.rule_name
    assert page.findings is None  # this post sees no findings
    assert selectors.point_page(viewer("reviewer1"), POINT).findings == 0
    assert [state.version for state in selectors.point_page(viewer("chief"), POINT).history] == ["随软件提供"]
    with pytest.raises(Http404):
        selectors.point_page(viewer("chief"), "D-010-9999")


def test_where_a_code_is_used_and_that_nobody_knows_it(published, viewer, signed_in) -> None:
    published()
    told = selectors.code_page(viewer("knowledge1"), "XA00000000001")
    assert ([point.point_id for point, _ in told.points], [rule for rule, _ in told.rules]) == (
        ["D-010-R9901-0001"],
        ["N10"],
    )
    assert [title for _, title in told.versions] == ["9901-1 支付疗程更新"]
    assert not selectors.code_page(viewer("knowledge1"), "XZ99999999999").known
    assert "知识库和现行目录中都没有" in signed_in("knowledge1").get("/knowledge/where/?q=XZ99999999999").text
    assert "XA00000000001" in signed_in("knowledge1").get("/knowledge/where/?q=甲药片").text


def test_a_dispute_is_raised_shown_to_signers_and_answered_by_another(data, viewer, signed_in) -> None:
    raised = services.dispute(viewer("hospital"), POINT, DOUBT)
    assert (raised.institution, raised.state) == (True, Dispute.State.OPEN)
    assert selectors.disputed(viewer("knowledge1"), [POINT]) == {POINT: 1}
    page = signed_in("knowledge1").get(f"/knowledge/points/{POINT}/").text
    assert DOUBT in page
    assert "机构账号" in page
    services.answer(viewer("knowledge1"), raised.pk, "已核对说明书，按十四天执行")
    with pytest.raises(Refusal, match="已经答复"):
        services.answer(viewer("knowledge2"), raised.pk, "已核对说明书，按十四天执行")
    assert "按十四天执行" in signed_in("hospital").get("/knowledge/disputes/?state=answered").text
    assert selectors.disputed(viewer("knowledge1"), [POINT]) == {}


def test_an_institution_sees_its_own_disputes_only(data, viewer) -> None:
    services.dispute(viewer("reviewer1"), POINT, DOUBT)
    assert selectors.disputes(viewer("hospital")).count() == 0
    assert selectors.disputes(viewer("knowledge1")).count() == 1
    own = services.dispute(viewer("knowledge1"), POINT, DOUBT)
    with pytest.raises(Refusal, match="自己提出"):
        services.answer(viewer("knowledge1"), own.pk, "已核对说明书，按十四天执行")


@pytest.mark.parametrize("text", ["患者电话 13800000000 说不对", "见 11010119900101001X 的病历"])
def test_no_number_of_a_person_is_written_down(data, viewer, text) -> None:
    with pytest.raises(Refusal, match="证件号码"):
        services.dispute(viewer("reviewer1"), POINT, text)
    assert services.dispute(viewer("reviewer1"), POINT, "编码 001102000040000 已停用")


def drugs(text: str, **other) -> tuple[SimpleUploadedFile, dict]:
    told = {"kind": "drug", "title": "示例目录", "day": dt.date(2026, 11, 1)} | other
    return SimpleUploadedFile("drugs.csv", text.encode()), told


def test_a_catalogue_tells_names_and_what_it_changed(data, viewer, tmp_path) -> None:
    chief = viewer("chief")
    first = catalogues.take_over(chief, *drugs("编码,名称\nXZ1AAA,甲片\nXZ2AAA,乙片\n"), tmp_path)
    assert (first.rows, first.added, first.number) == (2, 2, 1)
    second = catalogues.take_over(chief, *drugs("编码,名称\nXZ1AAA,甲分散片\nXZ3AAA,丙片\n"), tmp_path)
    assert (second.added, second.changed, second.gone) == (1, 1, 1)
    assert catalogues.compared(second)["更名"] == [("XZ1AAA", "甲片 → 甲分散片")]
    assert catalogues.names_of("XZ1AAA") == [("药品目录第 2 版", "甲分散片")]
    assert catalogues.names_of("XZ2AAA") == []  # what the catalogue in use does not hold is unknown
    assert ("XZ3AAA", "丙片") in selectors.found(chief, "丙片")
    with pytest.raises(Refusal, match="没有变化"):
        catalogues.take_over(chief, *drugs("编码,名称\nXZ3AAA,丙片\nXZ1AAA,甲分散片\n"), tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("编码,名称\nXZ 1,甲片\n", ("编码不合规范", "第2行 A2")),
        ("编码,名称\nXZ1AAA,甲片\nXZ1AAA,乙片\n", ("两个名称", "第3行 A3")),
        ("编码,名称\nXZ1AAA,\n", ("名称为空", "第2行 B2")),
        ("编码\nXZ1AAA\n", ("缺少列", "第1行")),
        ("编码,名称\n", ("没有编码", "上传的文件")),
    ],
)
def test_a_fault_in_a_catalogue_is_refused_by_cell(data, viewer, tmp_path, text, told) -> None:
    with pytest.raises(Refusal, match=told[0]) as refused:
        catalogues.take_over(viewer("chief"), *drugs(text), tmp_path)
    assert told[1] in refused.value.where
    assert not Catalogue.objects.exists()


def test_diagnoses_have_codes_of_their_own(data, viewer, tmp_path) -> None:
    given = drugs("诊断编码,诊断名称\nA01.000x001,甲病\n", kind="diagnosis")
    assert catalogues.take_over(viewer("chief"), *given, tmp_path).rows == 1


def test_the_pages_of_catalogues(data, signed_in) -> None:
    sent = {"kind": "drug", "title": "示例目录", "day": "2026-11-01"}
    upload, _ = drugs("编码,名称\nXZ1AAA,甲片\n")
    address = signed_in("chief").post("/knowledge/catalogues/import/", sent | {"file": upload}).url
    assert "甲片" in signed_in("knowledge1").get(address).text
    assert "示例目录" in signed_in("reviewer1").get("/knowledge/catalogues/").text
    assert signed_in("reviewer1").get("/knowledge/catalogues/import/").status_code == 403


def test_the_search_of_the_rulebook_leads_to_the_catalogues(data, signed_in) -> None:
    leads = "/knowledge/where/?q="
    assert leads in signed_in("knowledge1").get("/rulebook/search/?q=甲").text
    assert leads not in signed_in("hospital").get("/rulebook/search/?q=甲").text
