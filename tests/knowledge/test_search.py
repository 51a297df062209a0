import pytest

from fundguard import knowledge


@pytest.fixture(scope="module")
def known():
    return knowledge.load()


@pytest.mark.parametrize(
    ("text", "name", "codes", "rule_codes"),
    [
        ("003310030080000", "肠粘连松解术", 1, ("N15",)),  # a whole code
        ("001201000070000", "新生儿护理", 1, ("N27", "N80")),  # several rules at once
        ("ＸG04ＣX", "普适泰片", 4, ("N67",)),  # start of a code, full-width
        ("卡前列素", "卡前列素氨丁三醇注射液", 25, ("N02", "N67")),  # part of a name
        ("YMCG", "益母草膏", 122, ("N67",)),  # initials
        ("度拉糖肽", "度拉糖肽注射液", 9, ("N05", "N08", "N12")),  # points without a usable limit are shown too
    ],
)
def test_one_box_finds_every_rule_that_touches_a_code(known, text, name, codes, rule_codes):
    hit = knowledge.search(known, text)[0]
    assert (hit.name, len(hit.codes), hit.rule_codes) == (name, codes, rule_codes)
    assert all(set(hit.codes) & set(point.codes) for point in hit.points)


def test_a_pair_is_found_from_both_its_codes(known):
    pair = known.tables["pair"].to_pylist()[0]
    for code in (pair["code_a"], pair["code_b"]):
        assert pair["point_id"] in {p.point_id for hit in knowledge.search(known, code) for p in hit.points}


@pytest.mark.parametrize("text", ["", "   ", "没有这样的药", "_"])
def test_nothing_is_found_for_nothing(known, text):
    assert knowledge.search(known, text) == []
