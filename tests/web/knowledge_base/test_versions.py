"""A version needs three people; what they sign is what holds; what is wrong is refused and leaves nothing."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404

from fundguard import knowledge
from fundguard.errors import Refusal
from fundguard.knowledge.templates import write_template
from fundguard.knowledge.versions import of_prefix
from fundguard.web.accounts.models import User
from fundguard.web.core.known import of_region
from fundguard.web.knowledge_base import selectors, services
from fundguard.web.knowledge_base.models import Proposal
from fundguard.web.ledger.models import Entry
from tests.knowledge.books import CODES, changed
from tests.knowledge.test_load import GOOD as TABLES
from tests.web.knowledge_base.conftest import WHY, asked

NEW = "D-010-R9901-0001"


def acts() -> list[str]:
    return list(Entry.objects.filter(object_kind=services.LEDGER_KIND).order_by("pk").values_list("act", flat=True))


def test_two_others_sign_and_then_the_version_holds_in_its_division(handed_in, viewer) -> None:
    one = handed_in()
    assert one.counts == {"新增": 2, "更改": 0, "终止": 0, "删除": 0}
    assert NEW not in of_region("990101").points  # nothing holds before it is published
    services.sign(viewer("knowledge1"), one.pk, "已核对")
    with pytest.raises(Refusal, match="不在这一环节"):
        services.publish(viewer("chief"), one.pk)
    assert services.sign(viewer("knowledge2"), one.pk, "").state == Proposal.State.SIGNED
    done = services.publish(viewer("chief"), one.pk)
    assert (done.state, done.version) == (Proposal.State.PUBLISHED, 1)
    for region in ("990100", "990101"):
        point = of_region(region).points[NEW]
        assert (point.name, point.first_day, point.signed_by) == ("甲药片", "2026-12-01", ("knowledge1", "knowledge2"))
        assert point.firm  # read from words, and two people signed it
    assert NEW not in of_region("990200").points
    assert acts() == ["提出知识库版本", "签署知识库版本", "签署知识库版本", "发布知识库版本"]


def test_nobody_signs_his_own_or_twice(handed_in, viewer) -> None:
    one = handed_in()
    services.sign(viewer("knowledge1"), one.pk, "")
    with pytest.raises(Refusal, match="不能签署两次"):
        services.sign(viewer("knowledge1"), one.pk, "")
    Proposal.objects.update(author=User.objects.get(username="knowledge2"))
    with pytest.raises(Refusal, match="不能签署自己的"):
        services.sign(viewer("knowledge2"), one.pk, "")


def test_two_accounts_of_one_person_are_one_person(handed_in, viewer) -> None:
    one = handed_in()
    User.objects.filter(username__in=("knowledge1", "knowledge2")).update(staff_no="same")
    services.sign(viewer("knowledge1"), one.pk, "")
    with pytest.raises(Refusal, match="不能签署两次"):
        services.sign(viewer("knowledge2"), one.pk, "")


def test_a_version_is_sent_back_with_a_reason_and_never_holds(handed_in, viewer) -> None:
    one = handed_in()
    with pytest.raises(Refusal, match="须写明理由"):
        services.reject(viewer("knowledge1"), one.pk, "不同意")
    services.reject(viewer("knowledge1"), one.pk, "与公布的批次原文不一致")
    with pytest.raises(Refusal, match="不在这一环节"):
        services.sign(viewer("knowledge2"), one.pk, "")
    assert of_prefix("9901", settings.KNOWLEDGE) == ()


def test_what_was_compared_must_still_hold(handed_in, published, viewer) -> None:
    first = handed_in()
    published(changed(CODES, 5, 3, "XA00000000009"))
    with pytest.raises(Refusal, match="已经更新"):
        services.sign(viewer("knowledge1"), first.pk, "")


def test_tables_that_were_tampered_with_are_not_signed(handed_in, viewer) -> None:
    one = handed_in()
    path = one.path / "course.csv"
    path.write_text(path.read_text("utf-8").replace(",7,", ",70,"), "utf-8")
    with pytest.raises(Refusal, match="与提出时不同"):
        services.sign(viewer("knowledge1"), one.pk, "")


def test_publishing_that_was_cut_off_is_done_once_more_to_the_same(published, viewer) -> None:
    one = published()
    Proposal.objects.update(state=Proposal.State.SIGNED, version=None)  # the folder was there, its row was not
    assert services.publish(viewer("chief"), one.pk).version == 1
    assert len(of_prefix("9901", settings.KNOWLEDGE)) == 1


def test_another_region_is_neither_handed_in_nor_signed_nor_seen(handed_in, viewer) -> None:
    with pytest.raises(Refusal, match="管理范围"):
        handed_in(region="990200")
    one = handed_in()
    User.objects.filter(username="knowledge1").update(region=viewer("reviewer1").user.region)  # a county's
    with pytest.raises(Http404):
        services.sign(viewer("knowledge1"), one.pk, "")
    assert selectors.proposal(viewer("knowledge1"), one.pk) == one  # it would hold there too
    Proposal.objects.update(region="990200")
    with pytest.raises(Http404):
        selectors.proposal(viewer("chief"), one.pk)


@pytest.mark.parametrize(
    ("sheets", "what"),
    [(changed(CODES, 5, 3, "XA0000 0000001"), "编码不合规范"), (changed(CODES, 4, 3, "甲"), "缺少列")],
)
def test_a_fault_leaves_nothing(handed_in, sheets, what) -> None:
    with pytest.raises(Refusal, match=what):
        handed_in(sheets)
    assert not Proposal.objects.exists()
    assert not [path for path in settings.KNOWLEDGE.rglob("*") if path.is_file()]


def test_the_same_once_more_is_no_version(published, handed_in) -> None:
    published()
    with pytest.raises(Refusal, match="没有变化"):
        handed_in()


def test_a_file_that_is_no_workbook_is_refused(data, viewer) -> None:
    for content in (b"MZ program", b"PK\x03\x04", b"name,code\n"):
        with pytest.raises(Refusal):
            services.hand_in(viewer("chief"), SimpleUploadedFile("a.xlsx", content), asked(), "甲", WHY)


def packed(**files: str) -> SimpleUploadedFile:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return SimpleUploadedFile("t.zip", made.getvalue())


def test_tables_in_a_package_are_read_and_signatures_in_them_do_not_count(data, viewer) -> None:
    files = {f"{name}__csv": "\n".join(lines) + "\n" for name, lines in TABLES.items()}
    told = asked(form="folder", rule_code="")
    one = services.hand_in(viewer("chief"), packed(**files), told, "性别补充", WHY)
    assert one.counts["新增"] == 1
    assert "甲,乙" not in (one.path / "point.csv").read_text("utf-8")
    with pytest.raises(Refusal, match="不认识的文件") as refused:
        services.hand_in(viewer("chief"), packed(run__py="import os"), told, "性别补充", WHY)
    assert refused.value.seen == "run.py"


def test_a_template_comes_back_as_a_version(data, viewer, tmp_path) -> None:
    write_template(tmp_path / "t.xlsx", "course", knowledge.load())
    upload = SimpleUploadedFile("t.xlsx", (tmp_path / "t.xlsx").read_bytes())
    one = services.hand_in(viewer("chief"), upload, asked(form="template", rule_code=""), "签署", WHY)
    assert {row["told"][0] for row in one.changes} == {"限定来源：据文字录入，待签署 → 据文字录入，已签署"}


def test_the_pages_lead_from_upload_to_publication(data, signed_in, workbook) -> None:
    chief = signed_in("chief")
    sent = {"form": "official", "rule_code": "N10", "title": "支付疗程", "batch": "L-1", "valid_from": "2026-12-01"}
    sent |= {"region": "990100", "reason": WHY}
    page = chief.post("/knowledge/hand-in/", sent | {"file": workbook(changed(CODES, 5, 3, ""))})
    assert page.status_code == 422
    assert "第5行 C5" in page.text
    address = chief.post("/knowledge/hand-in/", sent | {"file": workbook()}).url
    shown = chief.get(address).text
    assert "最多天数：7" in shown
    assert "签署前请逐条核对" not in shown  # the author signs nothing
    for username in ("knowledge1", "knowledge2"):
        assert signed_in(username).post(f"{address}sign/", {"opinion": "已核对"}).status_code == 302
    assert chief.post(f"{address}publish/").status_code == 302
    assert "第 1 版" in chief.get("/knowledge/").text
    history = signed_in("hospital").get(f"/knowledge/points/{NEW}/")
    assert "9901-1 支付疗程" in history.text
    assert signed_in("hospital").get(address).status_code == 403
    assert "甲药片" in signed_in("knowledge1").get("/rulebook/N10/?q=甲药片").text  # the rulebook tells the same


@pytest.mark.parametrize("address", ["/knowledge/{}/file/", "/knowledge/forms/course/", "/knowledge/tables/course/"])
def test_what_is_exported_is_a_workbook(published, signed_in, address) -> None:
    answer = signed_in("knowledge1").get(address.format(published().pk))
    assert answer.content[:2] == b"PK"
    assert signed_in("knowledge1").get("/knowledge/tables/nothing/").status_code == 404


def test_a_run_of_the_site_names_the_version(upload, started, published) -> None:
    published()
    upload()
    assert started().status_code == 302
    [told] = [json.loads(path.read_text("utf-8")) for path in settings.RUNS.glob("*/run.json")]
    [version] = of_prefix("9901", settings.KNOWLEDGE)
    assert told["inputs"]["knowledge_versions"] == [f"9901-1 {version.content_hash}"]
