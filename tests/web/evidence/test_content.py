"""What may be kept is told by the content: pictures lose what they tell beside the picture, nothing active gets in."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.urls import reverse
from PIL import Image
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from fundguard.errors import Refusal
from fundguard.web.core.uploads import LARGE
from fundguard.web.evidence import names
from fundguard.web.evidence.checking import FORMS, checked
from tests.web.evidence import samples

ALL = tuple(FORMS)


def looked_at(tmp_path: Path, content: bytes, wanted: tuple[str, ...] = ALL) -> tuple[str, bytes]:
    (tmp_path / "came").write_bytes(content)
    kind = checked(tmp_path / "came", tmp_path / "kept", "第 1 个文件", wanted)
    return kind, (tmp_path / "kept").read_bytes()


def refused(tmp_path: Path, content: bytes) -> Refusal:
    with pytest.raises(Refusal) as told:
        looked_at(tmp_path, content)
    assert not (tmp_path / "kept").exists()
    return told.value


@pytest.mark.parametrize("make", [samples.pdf, samples.word, samples.excel, samples.ofd])
def test_a_harmless_document_is_kept_as_it_came(tmp_path, make):
    content = make()
    kind, kept = looked_at(tmp_path, content)
    assert kept == content
    assert FORMS[kind][0] == {"pdf": ".pdf", "word": ".docx", "excel": ".xlsx", "ofd": ".ofd"}[make.__name__]


@pytest.mark.parametrize(("make", "kind"), [(samples.jpeg, "jpeg"), (samples.png, "png")])
def test_a_picture_keeps_its_pixels_and_nothing_that_it_told_beside_them(tmp_path, make, kind):
    content = make()
    assert samples.MAKER in content
    told, kept = looked_at(tmp_path, content)
    assert (told, samples.MAKER in kept) == (kind, False)
    with Image.open(io.BytesIO(kept)) as image:
        assert not dict(image.getexif())
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        with Image.open(io.BytesIO(content)) as before:
            assert image.size == before.size


def test_a_photograph_taken_on_its_side_is_kept_the_right_way_up(tmp_path):
    _, kept = looked_at(tmp_path, samples.jpeg((64, 48), turned=True))
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (48, 64)
        assert image.getpixel((24, 4))[1] < 60  # red on top
        assert image.getpixel((24, 60))[1] > 200


def test_what_hides_behind_a_picture_is_gone(tmp_path):
    content = samples.jpeg() + samples.zipped({"run.exe": b"MZ"}) + b"<script>alert(1)</script>"
    _, kept = looked_at(tmp_path, content)
    assert (b"PK\x03\x04" in kept, b"<script" in kept) == (False, False)


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"", "空的"),
        (b"MZ\x90\0" + b"\0" * 400, "Windows 程序"),
        (b"\x7fELF" + b"\0" * 400, "Linux 程序"),
        (b"#!/bin/sh\nrm -rf /\n", "脚本"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "网页或 SVG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "网页或 SVG"),
        (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "网页或 SVG"),
        (b"GIF89a<script>alert(1)</script>", "GIF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版 Office"),
        ("没有格式的文字".encode(), "不能识别"),
        (b"\xff\xd8\xff\xe0 not a picture", "图片已损坏"),
        (samples.jpeg()[:-200], "图片已损坏"),
        (samples.png_bomb(), "像素"),
        (samples.zipped({"a.exe": b"MZ"}), "压缩包"),
        (samples.macro(), "宏"),
        (samples.template_from_elsewhere(), "外部内容"),
        (samples.changed(samples.word(), word__embeddings__a_dot_bin=b"MZ"), "宏、内嵌对象"),
        (samples.changed(samples.word(), word__media__a_dot_exe=b"MZ"), "不允许的内容"),
        (samples.changed(samples.word(), word__a_dot_xml=b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), "外部引用"),
        (samples.changed(samples.word(), word__a_dot_xml="<a/>".encode("utf-16-le")), "外部引用"),
        (samples.changed(samples.ofd(), Doc_0__run_dot_js=b"alert(1)"), "不允许的内容"),
        (samples.zip_bomb, "展开后过大"),
        (samples.lying_zip_bomb, "损坏"),
        (b"MZ" + samples.word(), "Windows 程序"),
        (samples.word() + samples.pdf(), "同时是两种类型"),
        (samples.pdf_script(), "脚本"),
        (samples.pdf_launch(), "启动命令"),
        (samples.pdf(lambda w: w.add_attachment("a.exe", b"MZ")), "内嵌文件"),
        (samples.pdf(lambda w: w.encrypt("x")), "加密"),
        (samples.pdf() + samples.zipped({"a.exe": b"MZ"}), "还有别的内容"),
        (samples.pdf() + b"<script>alert(1)</script>", "还有别的内容"),
        (b"%PDF-1.7\nnot a document\n%%EOF", "损坏"),
    ],
)
def test_what_could_act_mislead_or_burst_is_refused_in_words(tmp_path, content, seen):
    told = refused(tmp_path, content() if callable(content) else content)
    assert (told.what, told.where) == ("附件不能接收", "第 1 个文件")
    assert seen in told.seen
    assert told.remedy


def test_a_name_written_in_numbers_is_still_the_same_name(tmp_path):
    content = samples.pdf_with(S=NameObject("/JavaScript"), JS=TextStringObject("1"))
    assert b"/JavaScript" not in content
    assert "脚本" in refused(tmp_path, content).seen


def test_an_action_within_another_object_is_found(tmp_path):
    def change(writer):
        action = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("1")}
        )
        writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/Own"): ArrayObject([action])})

    assert "脚本" in refused(tmp_path, samples.packed(samples.pdf(change))).seen


def test_only_the_kinds_that_the_site_allows_are_kept(tmp_path):
    (tmp_path / "came").write_bytes(samples.word())
    with pytest.raises(Refusal, match="附件不能接收"):
        checked(tmp_path / "came", tmp_path / "kept", "第 1 个文件", ("pdf",))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("病历 首页.pdf", "病历 首页.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\数据\\医嘱.PDF", "医嘱.PDF"),
        ("报告\u202efdp.exe", "报告fdp.exe"),
        ("张\r\nSet-Cookie: a.pdf", "张Set-Cookie_ a.pdf"),
        ("99010119800101001X病历.pdf", "＊" * 18 + "病历.pdf"),
        ("电话13900000000.jpg", "电话" + "＊" * 11 + ".jpg"),
        ("...", "附件"),
        ("", "附件"),
    ],
)
def test_a_name_is_what_a_person_can_read_and_nothing_more(given, kept):
    assert names.cleaned(given) == kept


@pytest.mark.parametrize(
    ("name", "suffix", "kept"),
    [
        ("a.JPEG", ".jpg", "a.jpg"),
        ("a.exe", ".pdf", "a.exe.pdf"),
        ("a", ".pdf", "a.pdf"),
        ("长" * 300 + ".pdf", ".pdf", "长" * 80 + ".pdf"),
    ],
)
def test_a_name_ends_as_its_content_asks_for(name, suffix, kept):
    assert names.ending(name, suffix) == kept


def test_pages_that_take_more_than_attachments_exist():
    for name in LARGE:
        assert reverse(name)
