"""Taking a new batch over: ids stay, a changed limit is a new point, a vanished one ends. Texts here are made up."""

import csv
import runpy
import sys
from pathlib import Path

import pytest

from fundguard import knowledge

SCRIPT = Path(__file__).parents[2] / "scripts/take_over_knowledge.py"
SHARED = Path(__file__).parents[2].parent / "shared/knowledge"
HEADERS = {
    "drug_limits": "rule,name,constraint,detect,n_codes,codes",
    "service_limits": "rule,code,name,constraint,detect",
    "service_sex_child": "rule,code,name,limit_sex,basis",
    "pairs": "rule,code_a,name_a,code_b,name_b,window,basis",
    "surgery_groups": "rule,code,name,same_incision_group",
}
COURSE = "药品限支付疗程,甲药,不超过{}天,,2,XA00000000001|XA00000000002"
INJURY = "药品限工伤保险,乙药,限工伤,,1,XA00000000003"
SEX = "药品区分性别使用,{},{},,1,XA0000000000{}"


@pytest.fixture
def take_over(tmp_path, monkeypatch):
    """Runs the script on these drug lines and gives the resulting points by name, then `(id, valid_to, status)`."""
    source, out = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    out.mkdir()

    def run(*drugs: str, withdrawn_on: str = "") -> dict[str, list[tuple[str, str, str]]]:
        for name, header in HEADERS.items():
            lines = drugs if name == "drug_limits" else ()
            (source / f"{name}.csv").write_text("\n".join([header, *lines]) + "\n", "utf-8")
        monkeypatch.setattr(sys, "argv", [SCRIPT.name, str(source), "--withdrawn-on", withdrawn_on])
        script = runpy.run_path(str(SCRIPT))
        script["main"].__globals__["OUT"] = out
        script["main"]()
        found: dict[str, list[tuple[str, str, str]]] = {}
        with (out / "point.csv").open(encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                found.setdefault(row["name"], []).append((row["point_id"], row["valid_to"], row["status"]))
        return found

    return run


def test_the_same_lists_again_change_nothing(take_over):
    first = take_over(COURSE.format(14), INJURY)
    assert first == take_over(INJURY, COURSE.format(14))  # another order of lines neither
    assert first == {"甲药": [("D-010-0001", "", "usable")], "乙药": [("D-001-0001", "", "usable")]}


def test_a_changed_limit_is_a_new_point_and_a_vanished_point_ends(take_over):
    take_over(COURSE.format(14), INJURY)
    with pytest.raises(SystemExit, match="2 points"):
        take_over(COURSE.format(7))
    assert take_over(COURSE.format(7), withdrawn_on="2026-08-01") == {
        "甲药": [("D-010-0001", "2026-08-01", "usable"), ("D-010-0002", "", "usable")],
        "乙药": [("D-001-0001", "2026-08-01", "usable")],
    }
    assert take_over(COURSE.format(7), INJURY)["乙药"][1] == (
        "D-001-0002",
        "",
        "usable",
    )  # an ended id is not used again


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("月经不调", "usable"),
        ("前列腺增生", "usable"),
        ("绝经后乳腺癌", "text_only"),
        ("前列腺炎和阴道炎", "text_only"),
        ("腰酸乏力，神经痛", "text_only"),
    ],
)
def test_a_sex_is_concluded_only_from_words_of_one_sex(take_over, words, status):
    assert take_over(SEX.format("丙药", words, 4))["丙药"][0][2] == status


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="reference lists ../shared/knowledge are not beside the checkout")
def test_the_shipped_tables_are_what_the_lists_give(take_over, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", [SCRIPT.name, str(SHARED)])
    script = runpy.run_path(str(SCRIPT))
    shipped = script["OUT"]
    script["main"].__globals__["OUT"] = tmp_path / "out"
    script["main"]()
    for name in ("point", "point_code", "item", *knowledge.LIMIT_TABLES):
        assert (tmp_path / f"out/{name}.csv").read_bytes() == (shipped / f"{name}.csv").read_bytes(), name
