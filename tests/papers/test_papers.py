"""Papers: typed values become a text, the text the same bytes each time, and no template can execute anything."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import docx
import pytest

from fundguard import law
from fundguard.errors import Refusal
from fundguard.papers import Fonts, Heading, check_layout, compose, kinds, to_pdf, to_word
from fundguard.papers.kind import HEAD, TYPES
from fundguard.papers.pdf import FAMILIES, SYSTEM
from fundguard.papers.word import LAYOUT
from tests.papers.examples import HEADING, KIND, RECOVERY, URL, layout, paper, values

#: Text that a template engine, Word or Typst might take for something else.
HOSTILE = '{fund} {{ 7*7 }} {% for x in y %} #read("/etc/hosts") $x$ *b* <w:p> & \x07 \''
needs_font = pytest.mark.skipif(not any(folder.is_dir() for folder in SYSTEM), reason="no Chinese font here")


def shown(content: bytes) -> str:
    made = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in made.paragraphs] + cells)


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_kind_composes_and_shows_each_of_its_fields(kind) -> None:
    told = kinds()[kind]
    made = compose(told, HEADING, values(kind))
    text = "\n".join([made.title, *made.paragraphs])
    places = "".join([told.title, *told.paragraphs])
    assert "{" not in text
    assert all(f"{{{name}}}" in places for name in told.fields if name not in HEAD)
    assert set(told.fields.values()) <= set(TYPES)
    assert all(len(row) == len(table.columns) for table in made.tables for row in table.rows)
    assert all(law.article(ref).cited in "".join(made.basis) for ref in told.basis)
    content = to_word(made, verify_url=URL)
    assert all(part in shown(content) for part in (made.title, *made.paragraphs, *made.basis, made.check_code))


def test_words_of_numbers_differ_and_only_the_statement_has_none() -> None:
    numbered = {name: kind.word for name, kind in kinds().items() if kind.word}
    assert set(kinds()) - set(numbered) == {"statement"}
    assert len(set(numbered.values())) == len(numbered)


def test_money_and_days_are_written_out() -> None:
    made = paper()
    assert "应退回医疗保障基金 1,234.56 元" in made.paragraphs[0]
    assert "请于2026年12月11日（演示值）前" in made.paragraphs[0]
    assert made.tables[0].rows == (("职工统筹", "1,000.00"), ("医疗救助", "234.56"))
    assert compose(kinds()["revocation"], HEADING, values("revocation") | {"returned": -5}).paragraphs[1].count("-0.05")


@pytest.mark.parametrize(
    "wrong",
    [
        {"fund": "1234.56"},
        {"fund": 12.5},
        {"fund": True},
        {"due_on": "2026-12-11"},
        {"extra": "x"},
        {"accounts": [{"account": "职工统筹"}]},
        {"accounts": [{"account": "职工统筹", "fen": "1"}]},
    ],
)
def test_a_wrong_or_extra_value_is_refused(wrong) -> None:
    with pytest.raises(Refusal, match="内容不全或类型不符"):
        paper(**wrong)


def test_a_missing_value_or_an_article_not_in_force_is_refused() -> None:
    with pytest.raises(Refusal, match="内容不全"):
        compose(kinds()["recovery"], HEADING, {k: v for k, v in RECOVERY.items() if k != "payee"})
    before = Heading("1号", dt.date(2020, 1, 1), "甲", "乙")
    with pytest.raises(Refusal, match="无效"):
        compose(kinds()["recovery"], before, RECOVERY)


def test_the_hash_changes_with_every_part_of_the_text() -> None:
    changes = ({}, {"fund": 123_457}, {"payee": "示例专户2"}, {"accounts": RECOVERY["accounts"][:1]})
    hashes = {paper(**change).content_hash for change in changes}
    hashes.add(compose(kinds()["recovery"], Heading(*(*vars(HEADING).values(),)[:3], "另一家"), RECOVERY).content_hash)
    assert len(hashes) == len(changes) + 1
    assert paper().check_code.replace("-", "").lower() == paper().content_hash[:16]


AGAIN = """
import hashlib, sys, time
sys.path[:0] = sys.argv[1:2]
from tests.papers.examples import URL, paper
from fundguard.papers import to_pdf, to_word
for make in (to_word, to_pdf)[: int(sys.argv[2])]:
    print(hashlib.sha256(make(paper(), verify_url=URL)).hexdigest())
"""


def test_the_same_text_gives_the_same_bytes_in_another_process_another_day() -> None:
    makers = [to_word, to_pdf] if any(folder.is_dir() for folder in SYSTEM) else [to_word]
    here = [hashlib.sha256(make(paper(), verify_url=URL)).hexdigest() for make in makers]
    root = str(Path(__file__).resolve().parents[2])
    told = os.environ | {"TZ": "America/Lima", "PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "1"}
    command = [sys.executable, "-c", AGAIN, root, str(len(makers))]
    done = subprocess.run(command, env=told, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == here
    assert to_word(paper(), verify_url=URL) != to_word(paper(payee="另一户"), verify_url=URL)


def test_a_word_file_tells_no_time_and_no_machine() -> None:
    with zipfile.ZipFile(io.BytesIO(to_word(paper()))) as package:
        assert {part.date_time for part in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        properties = package.read("docProps/core.xml").decode()
    assert "2000-01-01T00:00:00Z" in properties
    assert not [year for year in ("2025", "2026", "2027") if year in properties]


@needs_font
def test_a_pdf_is_an_archive_file_with_its_fonts_and_tells_no_time() -> None:
    made = to_pdf(paper(), verify_url=URL)
    assert made.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>2</pdfaid:part>" in made
    assert b"/FontFile" in made
    assert b"D:2000" in made
    assert not [mark for mark in (b"D:2025", b"D:2026", b"D:2027") if mark in made]
    assert len(to_pdf(paper())) < len(made)  # without the picture


def test_hostile_text_is_shown_as_it_stands(tmp_path) -> None:
    made = paper(payee=HOSTILE)
    clean = HOSTILE.replace("\x07", "")
    assert f"收款账户：{clean}。汇款时请注明本通知文号。" in made.paragraphs
    assert clean in shown(to_word(made))
    if any(folder.is_dir() for folder in SYSTEM):
        assert to_pdf(made).startswith(b"%PDF")


def test_a_pdf_without_a_chinese_font_is_refused_and_says_what_to_do(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("fundguard.papers.pdf.SYSTEM", ())
    with pytest.raises(Refusal, match="没有中文字体") as refused:
        to_pdf(paper(), fonts=Fonts(tmp_path))
    assert "FUNDGUARD_FONTS" in refused.value.remedy


@needs_font
def test_the_bureaus_own_font_comes_first(tmp_path) -> None:
    from fundguard.papers.pdf import _found

    families = {family: _found(Fonts(None, family))[1] for family in FAMILIES}
    assert families[FAMILIES[0]] == FAMILIES[0]
    assert _found(Fonts(tmp_path, "不存在的字体"))[1] == FAMILIES[0]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('"{a}"', '"{b}"'), "未登记"),
        (('"{a}"', '"{a.__class__}"'), "未登记"),
        (('"{a}"', '"{a!r}"'), "未登记"),
        (('"{a}"', '"{0}"'), "未登记"),
        (('"{a}"', '"{"'), "未登记"),
        (("a: text", "a: code"), "未登记"),
        (("fields", "script"), "不合规范"),
        (("paragraphs", "paragraph"), "不合规范"),
        (("word: 自", 'basis: ["条例:999"]'), "法律依据未登记"),
    ],
)
def test_a_bureaus_own_kind_may_hold_places_only(tmp_path, change, fault) -> None:
    (tmp_path / "own.yaml").write_text(KIND, "utf-8")
    assert compose(kinds((tmp_path,))["own"], HEADING, {"a": "{a} {number}"}).paragraphs == ("{a} {number}",)
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    (wrong / "own.yaml").write_text(KIND.replace(*change), "utf-8")
    with pytest.raises(Refusal, match=fault):
        kinds((wrong,))


def test_a_bureaus_own_layout_is_used_when_it_only_shows(tmp_path) -> None:
    check_layout(LAYOUT)
    own = layout(tmp_path, ("{{ issuer }}", "（本局）{{ issuer }}"))
    assert "（本局）云岭区医疗保障事务中心" in shown(to_word(paper(), layout=own))


@pytest.mark.parametrize(
    "place",
    [
        "{{ title.__class__ }}",
        "{{ title.upper() }}",
        "{{ title|upper }}",
        "{{ 7*7 }}",
        "{{ tables[0] }}",
        "{{ cycler }}{{ cycler() }}",
        "{% set x = title %}",
        "{% include 'x' %}",
        "{% if title %}{% endif %}",
        "{{ 'a' ~ title }}",
        "{% macro x() %}{% endmacro %}",
    ],
)
def test_a_layout_that_does_more_than_show_is_refused(tmp_path, place) -> None:
    with pytest.raises(Refusal, match="只能显示内容"):
        to_word(paper(), layout=layout(tmp_path, ("{{ issuer }}", place)))


@pytest.mark.parametrize(
    "extra",
    [
        {"word/vbaProject.bin": b"x"},
        {"word/header1.xml": b"<x>{{ title }}</x>"},
        {"word/_rels/settings.xml.rels": b'<R TargetMode="External" Target="http://x"/>'},
        {"word/embeddings/oleObject1.bin": b"x"},
        {"big.bin": b"0" * (21 * 1024 * 1024)},
    ],
)
def test_a_layout_with_macros_links_or_places_elsewhere_is_refused(tmp_path, extra) -> None:
    with pytest.raises(Refusal, match="只能显示内容"):
        check_layout(layout(tmp_path, extra=extra))


def test_a_file_that_is_no_word_file_is_refused(tmp_path) -> None:
    path = tmp_path / "own.docx"
    path.write_bytes(b"MZ")
    with pytest.raises(Refusal, match="不能读取"):
        check_layout(path)
    shutil.make_archive(str(tmp_path / "empty"), "zip", tmp_path)
    with pytest.raises(Refusal, match="不能读取"):
        check_layout(tmp_path / "empty.zip")
