from datetime import date

import pytest

from fundguard import law
from fundguard.errors import Refusal


@pytest.mark.parametrize(
    ("ref", "cited", "flag"),
    [
        ("条例:38(1)", "《医疗保障基金使用监督管理条例》第三十八条第（一）项", ""),
        ("条例:15(2)", "《医疗保障基金使用监督管理条例》第十五条第二款", ""),
        ("条例:40(第二款)", "《医疗保障基金使用监督管理条例》第四十条第二款", ""),
        ("条例:41", "《医疗保障基金使用监督管理条例》第四十一条", ""),
        ("条例", "《医疗保障基金使用监督管理条例》", ""),
        ("实施细则:23", "《医疗保障基金使用监督管理条例实施细则》第二十三条", "未核实"),
    ],
)
def test_an_article_is_cited_by_number_and_an_unread_text_is_marked(ref, cited, flag):
    found = law.article(ref)
    assert (found.cited, found.flag, found.ref) == (cited, flag, ref)


@pytest.mark.parametrize("ref", ["条例:99", "条例:38(8)", "某办法:1", ""])
def test_an_article_not_on_file_is_refused(ref):
    with pytest.raises(Refusal, match="法律依据未登记"):
        law.article(ref)


@pytest.mark.parametrize(
    ("ref", "day", "in_force"),
    [
        ("条例:38(1)", date(2021, 4, 30), False),
        ("条例:38(1)", date(2021, 5, 1), True),
        ("实施细则:23", date(2026, 3, 31), False),
        ("实施细则:23", date(2026, 4, 1), True),
    ],
)
def test_an_article_applies_from_its_day_in_force(ref, day, in_force):
    assert law.article(ref).in_force(day) is in_force


def test_every_article_has_a_label_of_its_own_and_a_known_tag():
    for found in law.articles():
        assert found.label, found.ref
        assert found.source, found.ref
        assert found.tag in "PES", found.ref
