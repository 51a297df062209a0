"""Rules as anybody may read them, the one search box, and where a code is used."""

from __future__ import annotations

import pytest

from fundguard.rules import catalogue
from fundguard.web.rulebook import selectors
from fundguard.web.rulebook.sql import highlighted
from tests.audit.conftest import FOR_WOMEN
from tests.web.findings.conftest import viewer


def test_every_rule_has_a_page_with_article_sql_and_limit(signed_in) -> None:
    client = signed_in("expert")
    for code, rule in catalogue.load().items():
        html = client.get(f"/rulebook/{code}/").content.decode()
        told = (rule.name, rule.message, rule.limit_reason or "", "sql-word", *rule.papers)
        assert [word for word in told if word not in html] == [], code


def test_the_list_counts_the_viewers_own_findings(taken) -> None:
    def counts(username: str) -> dict[str, int]:
        return {line.code: line.count for line in selectors.lines(viewer(username)) if line.count}

    assert counts("reviewer1") == {"N67": 3, "L001": 1}
    assert counts("doctor") == counts("knowledge1") == {}  # may not see findings


@pytest.mark.parametrize(
    ("sought", "rules"),
    [
        (FOR_WOMEN, {"N67"}),
        (FOR_WOMEN[:12].lower(), {"N67"}),
        ("艾附暖宫丸", {"N67"}),
        ("afngw", {"N67"}),
        ("", set()),
        ("不存在的名称", set()),
    ],
)
def test_one_search_by_code_name_or_initials(people, signed_in, sought, rules) -> None:
    told = selectors.found(viewer("expert"), sought)
    assert {code for found in told for code, _ in found.rules} >= rules
    assert bool(told) is bool(rules)
    assert signed_in("expert").get("/rulebook/search/", {"q": sought}).status_code == 200


@pytest.mark.parametrize("sought", ["n67", "性别使用", "ypqfxbsy", "GZ10000301004000"])
def test_rules_are_found_by_code_former_code_name_and_initials(sought) -> None:
    assert "N67" in dict(selectors.rules_named(sought))


def test_where_a_code_is_used(taken, signed_in) -> None:
    html = signed_in("reviewer1").get(f"/rulebook/codes/{FOR_WOMEN}/").content.decode()
    assert "/rulebook/N67/" in html
    assert "3 条疑点" in html
    assert signed_in("reviewer1").get("/rulebook/codes/NOTHING/").status_code == 404
    assert signed_in("reviewer1").get("/rulebook/N99/").status_code == 404


def test_examples_read_as_tables() -> None:
    told = selectors.stories("N67")
    assert told[0].lines[-1].answer == "可疑"
    assert "艾附暖宫丸" in told[0].lines[-1].told


def test_sql_is_escaped_before_it_is_coloured() -> None:
    text = "&#x27;&lt;b&gt;&#x27;"
    assert highlighted("SELECT '<b>'") == (f'<span class="sql-word">SELECT</span> <span class="sql-text">{text}</span>')
