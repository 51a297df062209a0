"""What was recalled is not asked again; another version, other content, another place or other days are."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb
import pytest

from fundguard import knowledge
from fundguard.audit.batch import audit
from fundguard.audit.recalled import Recalled, stopped
from fundguard.claims.store import Store
from fundguard.knowledge import fingerprint, of_region, versions
from fundguard.knowledge.base import SHIPPED
from fundguard.knowledge.versions import Signed
from fundguard.rules import catalogue

RULES = ("N67", "N36", "N12")
RULE = catalogue.load()["N67"]


def places(store: Store, out: Path) -> frozenset[str]:
    audit(store, out, rules=RULES)
    return frozenset(json.loads((out / "run.json").read_text("utf-8"))["regions"])


def found(store: Store, out: Path, *recalled: Recalled) -> int:
    return audit(store, out, rules=RULES, recalled=recalled).findings


def test_a_recalled_rule_is_not_asked_and_the_run_says_so(store: Store, tmp_path: Path) -> None:
    regions = places(store, tmp_path / "before")
    recalled = Recalled("N67", RULE.version, regions)
    assert found(store, tmp_path / "out", recalled) == 0
    told = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert "N67" not in told["rules"]
    assert told["inputs"]["recalled"] == [recalled.told()]
    before = json.loads((tmp_path / "before" / "run.json").read_text("utf-8"))
    assert before["run_id"] != told["run_id"]
    assert "recalled" not in before["inputs"]


def test_a_corrected_rule_and_another_region_are_asked(store: Store, tmp_path: Path) -> None:
    regions = places(store, tmp_path / "before")
    assert found(store, tmp_path / "former", Recalled("N67", RULE.version - 1, regions)) == 1
    assert found(store, tmp_path / "elsewhere", Recalled("N67", RULE.version, frozenset({"110101"}))) == 1
    later = replace(RULE, version=RULE.version + 1)
    assert not stopped(later, min(regions), [Recalled("N67", RULE.version, regions)])


def test_recalled_days_are_left_out_and_others_stay(store: Store, tmp_path: Path) -> None:
    regions = places(store, tmp_path / "before")
    findings = f"'{tmp_path / 'before' / 'findings.parquet'}'"
    ((day,),) = duckdb.sql(f"SELECT occurred_from FROM {findings}").fetchall()
    on, after = (day, day), (day + dt.timedelta(days=1), day + dt.timedelta(days=9))
    assert found(store, tmp_path / "on", Recalled("N67", RULE.version, regions, (), *on)) == 0
    assert found(store, tmp_path / "after", Recalled("N67", RULE.version, regions, (), *after)) == 1


def test_a_recalled_point_is_not_asked_while_it_says_the_same(store: Store, tmp_path: Path) -> None:
    regions = places(store, tmp_path / "before")
    evidence = f"'{tmp_path / 'before' / 'evidence.parquet'}'"
    ((points,),) = duckdb.sql(f"SELECT DISTINCT point FROM {evidence} WHERE role = 'accused'").fetchall()
    point = points.split(",")[0]
    now = fingerprint(knowledge.load(), point)
    assert found(store, tmp_path / "same", Recalled("N67", RULE.version, regions, ((point, now),))) == 0
    assert found(store, tmp_path / "corrected", Recalled("N67", RULE.version, regions, ((point, "0" * 32),))) == 1


@pytest.mark.parametrize("change", ["codes", "valid_from_day"])
def test_the_fingerprint_of_a_point_is_what_it_accuses(change: str) -> None:
    known = knowledge.load()
    point = next(one for one in known.points.values() if one.rule_code == "N67")
    was = fingerprint(known, point.point_id)
    other = {"codes": ("OTHER1",), "valid_from_day": 1}[change]
    changed = replace(known, points=known.points | {point.point_id: replace(point, **{change: other})})
    spelt = replace(known, points=known.points | {point.point_id: replace(point, name="别名", signed_by=("甲",))})
    assert fingerprint(changed, point.point_id) != was
    assert fingerprint(spelt, point.point_id) == was
    assert fingerprint(known, "none") == ""


def test_a_run_uses_the_signed_versions_and_names_them(store: Store, tmp_path: Path) -> None:
    site, tables = tmp_path / "site", tmp_path / "tables"
    regions = places(store, tmp_path / "before")
    point = next(iter(points_of(tmp_path / "before")))
    tables.mkdir()
    for name in ("point", "point_code"):
        head, *lines = (SHIPPED / f"{name}.csv").read_text("utf-8").splitlines()
        [own] = [line for line in lines if line.startswith(point)]
        (tables / f"{name}.csv").write_text(
            f"{head}\n{own.replace(',usable,', ',text_only,').replace(',prose,', ',,')}\n"
        )
    signed = Signed("暂停", "L-1", "2026-01-01", "a", ("b", "c"), "p1")
    kept = versions.keep(site, min(regions), tables, signed)
    result = audit(store, tmp_path / "after", rules=RULES, knowledge=partial(of_region, site=site))
    assert result.findings == 0
    told = json.loads((tmp_path / "after" / "run.json").read_text("utf-8"))
    assert told["inputs"]["knowledge_versions"] == [f"{kept.name} {kept.content_hash}"]
    assert "knowledge_versions" not in json.loads((tmp_path / "before" / "run.json").read_text("utf-8"))["inputs"]


def points_of(run: Path) -> set[str]:
    found = duckdb.sql(f"SELECT DISTINCT point FROM '{run / 'evidence.parquet'}' WHERE role = 'accused'").fetchall()
    return {point for (told,) in found for point in told.split(",")}
