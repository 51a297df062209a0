"""The problem list says of each item what checks it, and what is missing where nothing can yet."""

from __future__ import annotations

from fundguard.web.rulebook import problems


def test_an_item_is_checked_only_where_the_nations_knowledge_and_parameters_are_enough() -> None:
    states = {number: problems.of_number(number).state for number in ("16", "55", "59", "80", "11", "3", "71", "药18")}
    assert states == {
        "16": problems.CHECKED,
        "55": problems.CHECKED,
        "59": problems.LOCAL,
        "80": problems.LOCAL,
        "11": problems.UNCODED,
        "3": problems.RECORDS,
        "71": problems.ON_SITE,
        "药18": problems.CHECKED,
    }


def test_the_page_counts_every_row_once(signed_in) -> None:
    assert sum(one.rows for one in problems.counts()) == len(problems.listed())
    page = signed_in("hospital").get("/rulebook/problems/?state=待本地知识或参数").text
    assert "L110" in page
    assert "遥测心电监护" not in page
