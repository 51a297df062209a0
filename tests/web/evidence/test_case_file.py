"""The case file: files kept and read by whom, papers of each line, what the ledger says of it."""

from __future__ import annotations

import hashlib
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from fundguard.errors import Refusal
from fundguard.web.desk.models import Recusal
from fundguard.web.evidence import keeping, selectors, services
from fundguard.web.evidence.models import Attachment, CaseFile, LinePaper
from fundguard.web.evidence.verifying import verify
from fundguard.web.findings.models import Finding
from fundguard.web.ledger.models import Entry
from tests.web.desk.conftest import HOME, key_of, row, steps, viewer
from tests.web.evidence import samples
from tests.web.evidence.conftest import LINES, brought, force

pytestmark = pytest.mark.usefixtures("notified", "bare")
KIND = "处方或医嘱"
PAGE = "evidence:case_file"


def page(client, name: str = "home") -> str:
    answer = client.get(reverse(PAGE, args=[key_of(name)]))
    assert answer.status_code == 200
    return answer.text


def send(client, files: dict[str, bytes], **fields: object):
    sent = [SimpleUploadedFile(name, content) for name, content in files.items()]
    return client.post(reverse("evidence:attach", args=[key_of("home")]), {"files": sent, "kind": "病历"} | fields)


def acts() -> list[str]:
    return list(Entry.objects.filter(object_kind=selectors.LEDGER_KIND).order_by("pk").values_list("act", flat=True))


def states(kind: str = KIND) -> dict[str, str]:
    held = LinePaper.objects.filter(file_id=key_of("home"), kind=kind)
    return dict(held.values_list("line", "state"))


def test_a_photograph_is_sealed_by_the_hash_of_what_is_kept_and_both_hashes_stand_in_the_ledger(signed_in, files):
    content = samples.jpeg()
    assert send(signed_in("hospital"), {"现场.jpg": content}).status_code == 302
    one = Attachment.objects.get()
    kept = keeping.read(one.sha256)
    assert (one.form, one.name, one.size) == ("jpeg", "现场.jpg", len(kept))
    assert one.sha256_came == hashlib.sha256(content).hexdigest() != one.sha256 == hashlib.sha256(kept).hexdigest()
    [path] = [path for path in files.rglob("*") if path.is_file()]
    assert path.name == one.sha256
    assert b"JFIF" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    entry = Entry.objects.get(act="上传附件")
    assert (entry.object_id, entry.detail["收到散列"], entry.detail["保存散列"]) == (
        key_of("home"),
        one.sha256_came,
        one.sha256,
    )


def test_reading_a_file_is_a_download_that_no_browser_runs_and_a_row_of_the_ledger(signed_in):
    one = brought("hospital", samples.jpeg())
    Attachment.objects.filter(pk=one.pk).update(name="病历 首页.jpg")
    client = signed_in("reviewer1")
    answer = client.get(reverse("evidence:file", args=[one.pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E7%97%85%E5%8E%86%20")
    assert (answer["X-Content-Type-Options"], "sandbox" in answer["Content-Security-Policy"]) == ("nosniff", True)
    assert "no-store" in answer["Cache-Control"]
    with Image.open(io.BytesIO(answer.content)) as image:
        assert image.size == (64, 48)
    entry = Entry.objects.get(act="查看附件")
    assert (entry.actor.username, entry.detail["附件"], entry.region) == ("reviewer1", one.number, "990101")


@pytest.mark.parametrize(
    ("username", "own", "unshown", "shown"),
    [
        ("hospital", 200, 404, 200),
        ("reviewer1", 200, 200, 200),
        ("chief", 200, 200, 200),
        ("pharmacy", 404, 404, 404),
        ("doctor", 403, 403, 403),
        ("admin", 403, 403, 403),
    ],
)
def test_who_may_read_which_file(signed_in, username, own, unshown, shown):
    files = (
        brought("hospital", samples.pdf()),
        brought("reviewer1", samples.png()),
        brought("reviewer1", samples.word(), shown=True),
    )
    client = signed_in(username)
    told = [client.get(reverse("evidence:file", args=[one.pk])).status_code for one in files]
    assert told == [own, unshown, shown]


def test_the_place_of_insurance_has_no_case_file(told, signed_in):
    Finding.objects.filter(pk=key_of("far")).update(insured_region="990101")
    client = signed_in("reviewer1")
    assert client.get(reverse("findings:detail", args=[key_of("far")])).status_code == 200
    assert client.get(reverse(PAGE, args=[key_of("far")])).status_code == 404
    assert "佐证材料" not in client.get(reverse("findings:detail", args=[key_of("far")])).text


def test_an_institution_reads_nothing_of_the_office_s_people_nor_of_what_was_not_opened_to_it(signed_in):
    hidden, opened = brought("reviewer1", samples.png()), brought("reviewer1", samples.word())
    client = signed_in("reviewer1")
    client.post(reverse("evidence:show", args=[opened.pk]), {"shown": "yes"})
    services.mark(viewer("reviewer1"), key_of("home"), {("home-L1", KIND): "absent"}, 0)
    html = page(signed_in("hospital"))
    assert (hidden.number + "<" in html, opened.number in html, "医保部门" in html) == (False, True, True)
    assert viewer("reviewer1").user.display_name not in html
    assert viewer("reviewer1").user.display_name in page(client)


def test_a_refused_file_refuses_all_says_which_and_why_and_leaves_nothing(signed_in, files):
    answer = send(signed_in("hospital"), {"a.pdf": samples.pdf(), "b.pdf": b"MZ\x90" + b"\0" * 100})
    assert answer.status_code == 422
    assert all(told in answer.text for told in ("附件不能接收", "第 2 个文件", "Windows 程序", "请另存为"))
    assert not Attachment.objects.exists()
    assert acts() == []


def test_a_file_beyond_the_limit_is_refused_while_it_is_read(signed_in, settings, files):
    settings.ATTACHMENT_LIMIT_MB = 1
    answer = send(signed_in("hospital"), {"a.pdf": b"%PDF-" + b"x" * (3 << 20)})
    assert answer.status_code == 400
    assert ("文件超过 1 MB" in answer.text, "请压缩" in answer.text) == (True, True)
    settings.ATTACHMENTS_AT_ONCE_MB = 1
    assert send(signed_in("hospital"), {f"{n}.pdf": b"%PDF-" + b"x" * (900 << 10) for n in range(4)}).status_code == 400
    assert not files.exists()


def test_two_gigabytes_that_are_announced_are_refused_before_they_are_read(signed_in):
    class Endless(io.RawIOBase):
        taken = 0

        def readinto(self, buffer: bytearray) -> int:
            self.taken += len(buffer)
            return len(buffer)

        def readable(self) -> bool:
            return True

    body = Endless()
    answer = signed_in("hospital").generic(
        "POST",
        reverse("evidence:attach", args=[key_of("home")]),
        **{"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(2 << 30), "wsgi.input": body},
    )
    assert (answer.status_code, "没有接收" in answer.text) == (400, True)
    assert body.taken == 0


def test_a_case_file_takes_no_more_than_it_may_hold(signed_in, settings, files):
    settings.FINDING_FILES = 1
    client = signed_in("hospital")
    assert send(client, {"a.pdf": samples.pdf()}).status_code == 302
    answer = send(client, {"b.png": samples.png()})
    assert (answer.status_code, "案卷的附件已满" in answer.text) == (422, True)
    assert len([path for path in files.rglob("*") if path.is_file()]) == 1
    settings.FINDING_FILES, settings.FINDING_LIMIT_MB = 9, 0
    assert send(client, {"b.png": samples.png()}).status_code == 422


def test_a_file_speaks_of_its_lines_and_settles_their_papers(signed_in):
    send(signed_in("hospital"), {"a.pdf": samples.pdf()}, kind=KIND, lines=["home-L2"])
    assert states() == {"home-L2": "present"}
    send(signed_in("hospital"), {"b.pdf": samples.pdf(lambda w: w.add_blank_page(9, 9))}, kind=KIND)
    assert states() == dict.fromkeys(LINES, "present")
    send(signed_in("hospital"), {"c.png": samples.png()}, kind="照片")
    assert states("照片") == {}  # the rule does not ask for it


def test_papers_are_said_to_be_there_or_not_by_line_or_for_all_lines_with_their_history(signed_in):
    client = signed_in("hospital")
    url = reverse("evidence:mark", args=[key_of("home")])
    client.post(url, {"version": 0, "state:0:home-L1": "present", "state:0:home-L2": "absent"})
    assert states() == {"home-L1": "present", "home-L2": "absent"}
    client.post(url, {"version": 1, "all:1": "absent", "state:1:home-L1": "present"})
    assert states("病历中的用药依据") == dict.fromkeys(LINES, "absent")
    assert acts() == [selectors.MARKED] * 2
    first = Entry.objects.filter(act=selectors.MARKED).earliest("pk")
    assert first.detail["情况"] == {f"{KIND} 有": ["home-L1"], f"{KIND} 确认没有": ["home-L2"]}
    html = page(signed_in("reviewer1"))
    assert ("没有或者未提供材料本身不是违规" in html, f"{KIND} 确认没有：1 行" in html) == (True, True)


def test_the_finding_shows_its_lines_to_both_sides_and_its_state_does_not_change_by_a_missing_paper(signed_in):
    services.mark(viewer("hospital"), key_of("home"), {("home-L1", KIND): "absent"}, 0)
    for username in ("hospital", "reviewer1"):
        html = signed_in(username).get(reverse("findings:detail", args=[key_of("home")])).text
        assert f"{KIND}：有 0 行，确认没有 1 行，未提供 1 行" in html
        assert "没有或者未提供材料本身不是违规" in html
    assert (row("home").state, row("home").amount_now_fen) == ("notified", 10000)


def test_of_two_people_who_speak_at_once_the_second_is_told(signed_in):
    services.mark(viewer("reviewer1"), key_of("home"), {("home-L1", KIND): "absent"}, 0)
    answer = signed_in("hospital").post(
        reverse("evidence:mark", args=[key_of("home")]), {"version": 0, "state:0:home-L1": "present"}
    )
    assert (answer.status_code, "他人刚刚更新了材料情况" in answer.text) == (422, True)
    assert states() == {"home-L1": "absent"}


def test_nobody_says_that_a_paper_is_missing_while_its_file_is_there(signed_in):
    one = brought("hospital", samples.pdf(), KIND)
    with pytest.raises(Refusal, match="已有附件"):
        services.mark(viewer("reviewer1"), key_of("home"), {("home-L1", KIND): "absent"}, 1)
    services.withdraw(viewer("hospital"), one.pk, "上传错了文件")
    assert states() == dict.fromkeys(LINES, "open")


def test_withdrawing_leaves_the_row_and_the_file_and_nobody_reads_it_any_more(signed_in, files):
    first, second = brought("hospital", samples.pdf(), KIND), brought("hospital", samples.png(), KIND)
    url = reverse("evidence:withdraw", args=[second.pk])
    assert signed_in("reviewer1").post(url, {"reason": "不应当在这里"}).status_code == 422
    assert signed_in("hospital").post(url, {"reason": "错"}).status_code == 422
    assert signed_in("hospital").post(url, {"reason": "上传错了文件"}).status_code == 302
    assert signed_in("hospital").post(url, {"reason": "上传错了文件"}).status_code == 422
    for username in ("hospital", "reviewer1"):
        answer = signed_in(username).get(reverse("evidence:file", args=[second.pk]))
        assert (answer.status_code, "附件已收回" in answer.text) == (422, True)
    assert set(states().values()) == {"present"}  # the first file still settles them
    assert LinePaper.objects.filter(attachment=first).count() == 2
    assert len([path for path in files.rglob("*") if path.is_file()]) == 2
    assert "上传错了文件" in page(signed_in("reviewer1"))


def test_an_attachment_is_neither_changed_nor_removed():
    one = brought("hospital", samples.pdf())
    one.sha256 = "0" * 64
    with pytest.raises(TypeError):
        one.save()
    with pytest.raises(TypeError):
        one.save(update_fields=["sha256"])
    with pytest.raises(TypeError):
        one.delete()


@pytest.mark.parametrize(("name", "state", "why"), [("home", "closed", "已办结"), ("home", "found", "还在审核中")])
def test_where_nothing_may_be_added_the_page_says_why_and_has_no_form(signed_in, name, state, why):
    force(name, state)
    html = page(signed_in("hospital"), name)
    assert (why in html, 'id="upload"' in html) == (True, False)
    assert send(signed_in("hospital"), {"a.pdf": samples.pdf()}).status_code == 422
    assert not CaseFile.objects.exists()


def test_who_declared_a_conflict_of_interest_adds_nothing(signed_in):
    Recusal.objects.create(person=viewer("reviewer1").user, fixmedins_code=HOME, reason="亲属")
    with pytest.raises(Refusal, match="回避"):
        brought("reviewer1", samples.pdf())


def test_a_changed_a_lost_and_an_exchanged_file_are_named_by_verify(files, signed_in):
    changed, lost, exchanged, whole = (
        brought("hospital", content) for content in (samples.pdf(), samples.png(), samples.word(), samples.excel())
    )
    assert verify().faults == ()
    place = {path.name: path for path in files.rglob("*") if path.is_file()}
    content = bytearray(place[changed.sha256].read_bytes())
    content[40] ^= 1
    place[changed.sha256].write_bytes(content)
    place[lost.sha256].unlink()
    Attachment.objects.filter(pk=exchanged.pk).update(sha256=whole.sha256)
    told = dict(verify().faults)
    assert set(told) == {changed.number, lost.number, exchanged.number}
    assert ("不在附件文件夹" in told[lost.number], "与台账不符" in told[exchanged.number]) == (True, True)
    answer = signed_in("reviewer1").get(reverse("evidence:file", args=[lost.pk]))
    assert (answer.status_code, "已损坏或丢失" in answer.text) == (422, True)


def test_the_same_file_twice_is_one_file_on_the_disk(files):
    assert brought("hospital", samples.pdf()).sha256 == brought("reviewer1", samples.pdf()).sha256
    assert len([path for path in files.rglob("*") if path.is_file()]) == 1
    assert [one.side for one in Attachment.objects.order_by("pk")] == ["institution", "office"]


def test_a_finding_without_charge_lines_has_its_papers_as_a_whole(told, signed_in):
    told("r2", whole={"lines": {}})
    services.mark(viewer("reviewer1"), key_of("whole"), {("", KIND): "present"}, 0)
    assert "整条疑点" in page(signed_in("reviewer1"), "whole")
    assert LinePaper.objects.get().line == ""


def test_a_second_round_of_evidence_shows_its_own_lines(told):
    services.mark(viewer("reviewer1"), key_of("home"), {("home-L1", KIND): "present"}, 0)
    steps("home", ("hospital", "accept", {}))
    table = selectors.table(viewer("reviewer1"), row("home"), 0, 10, {})
    assert [line.line for line in table.lines] == list(LINES)
    assert table.counts[0] == (KIND, 1, 0, 1)
