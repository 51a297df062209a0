"""Files that a step brings, notes among the staff, earlier determinations on the same point."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from fundguard.web.accounts.models import Region, User
from fundguard.web.desk import services as desk
from fundguard.web.desk.models import Draw, Drawn, Recusal, StateRow, StepPaper
from fundguard.web.evidence import comments, services
from fundguard.web.evidence.earlier import earlier
from fundguard.web.evidence.models import Attachment, Comment
from fundguard.web.handling import facts
from fundguard.web.ledger.models import Entry
from fundguard.workflows.papers import PAPERS
from tests.web.desk.conftest import CONFIRM, HOME, NOTIFY, UPHOLD, key_of, row, steps, viewer
from tests.web.desk.test_answering import send
from tests.web.evidence import samples
from tests.web.evidence.conftest import brought, force

pytestmark = pytest.mark.usefixtures("found", "files", "bare")
WANTED = ("reviewer1", "ask_papers", {"papers_wanted": "请提供病历首页"})


def file(content: bytes, name: str = "首页.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def detail(client, name: str = "home") -> str:
    return client.get(reverse("findings:detail", args=[key_of(name)])).text


def test_a_step_brings_its_paper_as_a_file_of_the_case_file(signed_in):
    steps("home", WANTED)
    client = signed_in("hospital")
    answer = send(client, "home", "supply_papers", supporting_papers_file=file(samples.pdf()))
    assert (answer.status_code, row("home").state) == (302, "found")
    one = Attachment.objects.get()
    assert (one.kind, one.side, one.name) == (PAPERS["supporting_papers"].name, "institution", "首页.pdf")
    assert StepPaper.objects.get(code="supporting_papers").text == one.number
    assert f"补充的材料：{one.number}" in detail(signed_in("reviewer1"))


def test_a_step_may_bring_what_the_case_file_has_already(signed_in):
    force("home", "recovering")
    one = brought("hospital", samples.pdf())
    assert send(signed_in("hospital"), "home", "submit_rectification", rectification_report_kept=one.number)
    assert StepPaper.objects.get(code="rectification_report").text == one.number
    answer = signed_in("hospital").post(reverse("evidence:withdraw", args=[one.pk]), {"reason": "上传错了文件"})
    assert (answer.status_code, "已办理的事项以此附件为材料" in answer.text) == (422, True)


def test_of_three_ways_to_bring_a_paper_exactly_one(signed_in):
    steps("home", WANTED)
    client = signed_in("hospital")
    none = send(client, "home", "supply_papers")
    both = send(client, "home", "supply_papers", supporting_papers="首页", supporting_papers_file=file(samples.pdf()))
    typed = send(client, "home", "supply_papers", supporting_papers="FJ-1")
    assert ("请上传附件" in none.text, "只用一种方式" in both.text, "从列表选用" in typed.text) == (True, True, True)
    assert row("home").state == "awaiting_papers"
    assert not Attachment.objects.exists()


def test_a_file_that_cannot_be_kept_is_told_on_the_form_and_no_step_is_taken(signed_in):
    steps("home", WANTED)
    answer = send(signed_in("hospital"), "home", "supply_papers", supporting_papers_file=file(samples.macro()))
    assert (answer.status_code, "附件不能接收" in answer.text, "<form" in answer.text) == (409, True, True)
    assert (row("home").state, Attachment.objects.exists()) == ("awaiting_papers", False)


def test_a_step_that_is_barred_leaves_no_attachment(signed_in):
    steps("home", WANTED)
    client = signed_in("hospital")
    url = reverse("desk:answer_step", args=[key_of("home"), "supply_papers"])
    answer = client.post(url, {"version": 1, "request": "r", "supporting_papers_file": file(samples.pdf())})
    assert (answer.status_code, "WF-201" in answer.text) == (409, True)
    assert (Attachment.objects.exists(), Entry.objects.filter(act="上传附件").exists()) == (False, False)


def test_an_item_whose_attachment_is_gone_is_not_complete(files):
    force("home", "recovering")
    one = brought("hospital", samples.pdf())
    steps("home", ("hospital", "submit_rectification", {"rectification_report": one.number}))

    def complete() -> set[str]:
        from fundguard.web.desk import items

        listed = [row("home")]
        history = {key_of("home"): items.item(listed[0]).history}
        return facts.complete(listed, history)

    assert complete() == {key_of("home")}
    [path] = [path for path in files.rglob("*") if path.is_file()]
    path.unlink()
    assert complete() == set()


def test_a_note_is_for_the_office_and_stays_what_it_was(signed_in):
    steps("home", UPHOLD, CONFIRM, NOTIFY)
    client = signed_in("reviewer1")
    client.post(reverse("evidence:comment", args=[key_of("home")]), {"text": "先看护理记录\n再看医嘱"})
    one = Comment.objects.get()
    assert ("先看护理记录" in detail(signed_in("confirmer")), "先看护理记录" in detail(signed_in("hospital"))) == (
        True,
        False,
    )
    assert "内部备注" not in detail(signed_in("hospital"))
    assert comments.notes(viewer("hospital"), key_of("home")) == ()
    with pytest.raises(TypeError):
        one.save()
    with pytest.raises(TypeError):
        one.delete()
    strike = reverse("evidence:strike", args=[one.pk])
    assert signed_in("confirmer").post(strike).status_code == 422
    assert client.post(strike).status_code == 302
    assert client.post(strike).status_code == 422
    assert "<s>先看护理记录" in detail(client)
    entries = Entry.objects.filter(act__endswith="内部备注").order_by("pk")
    assert [entry.act for entry in entries] == ["写内部备注", "划去内部备注"]
    assert "先看" not in str([entry.detail for entry in entries])


@pytest.mark.parametrize(
    ("username", "text", "status", "said"),
    [
        ("reviewer1", "证件 99010119800101001X", 422, "不要填写证件号码"),
        ("reviewer1", "", 422, "备注没有保存"),
        ("hospital", "备注", 403, "没有权限"),
        ("chief", "请尽快", 302, ""),
    ],
)
def test_who_may_write_a_note_and_what_not(signed_in, username, text, status, said):
    answer = signed_in(username).post(reverse("evidence:comment", args=[key_of("home")]), {"text": text})
    assert (answer.status_code, said in answer.text) == (status, True)
    assert Comment.objects.exists() is (status == 302)


def test_a_blind_reviewer_reads_no_note_and_writes_none(signed_in):
    comments.write(viewer("reviewer1"), key_of("home"), "明显成立")
    frozen = {"share_e4": 500, "keys": [], "size": 1, "frozen_at": row("home").entered_at}
    draw = Draw.objects.create(region="990100", source="示例", commitment="", hash_key="", **frozen)
    sampler = viewer("sampler").user
    Drawn.objects.create(draw=draw, place=1, row=row("home"), first="upheld", first_by="1", reviewer=sampler)
    assert comments.notes(viewer("sampler"), key_of("home")) == ()
    client = signed_in("sampler")
    assert ("明显成立" in detail(client), "内部备注" in detail(client)) == (False, False)
    assert client.post(reverse("evidence:comment", args=[key_of("home")]), {"text": "备注"}).status_code == 404


def test_who_declared_a_conflict_of_interest_writes_no_note(signed_in):
    Recusal.objects.create(person=viewer("reviewer1").user, fixmedins_code=HOME, reason="亲属")
    answer = signed_in("reviewer1").post(reverse("evidence:comment", args=[key_of("home")]), {"text": "备注"})
    assert (answer.status_code, Comment.objects.exists()) == (422, False)


@pytest.fixture
def decided(told):
    """Of three more findings on the same point two are determined: one in the same place, one in the east."""
    told("r2", before={}, east2={"at": "H99010200001"}, open={})
    StateRow.objects.update(point="男性限用女性药品")
    User.objects.filter(username="agreement").update(region=Region.objects.get(code="990100"))
    for name in ("before", "east2"):
        force(name, "objected")
        version = row(name).version
        desk.take(viewer("agreement"), key_of(name), "clear", {"grounds": f"{name} 病历有记载"}, version)


def test_earlier_determinations_on_the_point_are_told_to_the_office(decided, signed_in):
    found = earlier(viewer("chief"), row("home"))
    assert [(one.number, one.what, one.post) for one in found] == [
        (f"YD-{key_of(name)[:10].upper()}", "认定不成立", "协议管理岗") for name in ("before", "east2")
    ]
    assert [one.grounds for one in earlier(viewer("reviewer1"), row("home"))] == ["before 病历有记载"]
    html = detail(signed_in("reviewer1"))
    assert ("同一问题此前的认定" in html, "before 病历有记载" in html) == (True, True)


def test_an_institution_is_told_of_its_own_determinations_without_what_the_office_wrote(decided, signed_in):
    found = earlier(viewer("hospital"), row("home"))
    assert [(one.number, one.post, one.grounds) for one in found] == [(f"YD-{key_of('before')[:10].upper()}", "", "")]
    assert "病历有记载" not in detail(signed_in("hospital"))


def test_another_point_or_no_point_has_no_earlier_determination(decided):
    StateRow.objects.filter(object_id=key_of("home")).update(point="别的")
    assert earlier(viewer("reviewer1"), row("home")) == ()
    StateRow.objects.update(point="")
    assert earlier(viewer("reviewer1"), row("home")) == ()


def test_an_attachment_of_another_institution_stands_for_no_step():
    from fundguard.web.evidence.selectors import missing

    force("home", "notified")
    one = brought("hospital", samples.pdf())
    assert missing([(HOME, one.number), (HOME, "整改报告 2026-3 号")]) == set()
    assert missing([("H-OTHER", one.number), (HOME, "FJ-999")]) == {("H-OTHER", one.number), (HOME, "FJ-999")}
    services.withdraw(viewer("hospital"), one.pk, "上传错了文件")
    assert missing([(HOME, one.number)]) == {(HOME, one.number)}
