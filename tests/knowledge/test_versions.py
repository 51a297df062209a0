"""Signed versions: laid over what is shipped, province before city, never changed again, whole or not there."""

import shutil

import pytest

from fundguard import knowledge
from fundguard.errors import Refusal
from fundguard.knowledge import versions
from fundguard.knowledge.versions import Signed
from tests.knowledge.test_load import CODE, LIMIT, POINT, folder

SIGNED = Signed("女性用药补充", "L-1", "2026-01-01", "author", ("first", "second"), "p1")


@pytest.fixture
def tables(tmp_path):
    (tmp_path / "tables").mkdir()
    return folder(tmp_path / "tables")


def sex_of(known, point_id="D-067-9001"):
    return {row["sex"] for row in known.tables["limit"].to_pylist() if row["point_id"] == point_id}


def test_a_version_holds_in_its_division_and_below_and_nowhere_else(tmp_path, tables):
    site = tmp_path / "site"
    kept = versions.keep(site, "990100", tables, SIGNED)
    assert (kept.name, kept.signers) == ("9901-1", ("first", "second"))
    for region in ("990100", "990101"):
        assert sex_of(knowledge.of_region(region, site)) == {"2"}
    for region in ("990000", "990200", ""):
        assert sex_of(knowledge.of_region(region, site)) == set()
    assert sex_of(knowledge.of_region("990101")) == set()  # the shipped ones stay as they are


def test_the_later_version_and_the_smaller_division_win(tmp_path, tables):
    site, other = tmp_path / "site", tmp_path / "other"
    other.mkdir()
    folder(other, limit=[LIMIT, "D-067-9001,1,,,,,,,,,"])
    versions.keep(site, "990100", other, SIGNED)
    versions.keep(site, "990000", tables, SIGNED)
    assert sex_of(knowledge.of_region("990101", site)) == {"1"}
    assert sex_of(knowledge.of_region("990200", site)) == {"2"}
    again = Signed("更正", "L-2", "2026-02-01", "author", ("first", "second"), "p2")
    assert versions.keep(site, "990100", tables, again).number == 2
    assert sex_of(knowledge.of_region("990101", site)) == {"2"}


def test_the_same_proposal_is_kept_once(tmp_path, tables):
    assert versions.keep(tmp_path / "site", "990100", tables, SIGNED) == versions.keep(
        tmp_path / "site", "990100", tables, SIGNED
    )
    assert len(versions.of_prefix("9901", tmp_path / "site")) == 1


@pytest.mark.parametrize("signers", [("author", "second"), ("first", "first"), ("first", "author")])
def test_nobody_signs_twice_or_his_own(tmp_path, tables, signers):
    with pytest.raises(Refusal, match="签署人不足"):
        versions.keep(tmp_path / "site", "990100", tables, Signed("甲", "L", "2026-01-01", "author", signers, "p"))
    assert not (tmp_path / "site").exists()


def test_a_version_that_was_tampered_with_is_not_used(tmp_path, tables):
    site = tmp_path / "site"
    path = versions.keep(site, "990100", tables, SIGNED).folder / "limit.csv"
    path.write_text(path.read_text("utf-8").replace(",2,", ",1,"), "utf-8")
    versions._read.cache_clear()  # another process reads it
    with pytest.raises(Refusal, match="被改动") as refused:
        knowledge.of_region("990101", site)
    assert refused.value.where == "知识版本 9901-1"


def test_what_a_killed_writer_left_is_no_version(tmp_path, tables):
    site = tmp_path / "site"
    (site / "9901").mkdir(parents=True)
    shutil.copytree(tables, site / "9901" / "1.part")
    assert versions.laid("990101", site) == ()
    assert versions.keep(site, "990100", tables, SIGNED).number == 1


def test_a_point_of_a_site_names_its_division(tmp_path):
    other = tmp_path / "named"
    other.mkdir()
    folder(
        other,
        point=[POINT, "D-067-R9901-0001,N67,甲药,L-1,2026-01-01,,usable,list,,,jy"],
        point_code=[CODE, "D-067-R9901-0001,XA00000000001"],
        limit=[LIMIT, "D-067-R9901-0001,2,,,,,,,,,"],
    )
    assert sex_of(knowledge.load(other), "D-067-R9901-0001") == {"2"}
