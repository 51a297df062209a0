"""Kept tables: made of the data alone, made once, made anew when the data change, and never needed."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from fundguard.audit.batch import audit
from fundguard.audit.kept import KEEPING, prepare
from fundguard.claims.store import Store
from fundguard.claims.tables import tables as national
from fundguard.rules import tables
from fundguard.rules.compiler import Step, data_steps
from tests.audit.conftest import WHEN, bring, visit

RULES = ("N43", "N67", "L004")
STATEMENTS = [(step.name, text) for step in data_steps() for text in step.sql.split(";\n")]


def kept(store: Store) -> list[Path]:
    return sorted((store.root / "derived").glob("*.*.duckdb"))


def findings(out: Path) -> bytes:
    return b"".join((out / f"{name}.parquet").read_bytes() for name in ("findings", "evidence", "not_evaluated"))


@pytest.mark.parametrize("place", range(len(STATEMENTS)), ids=lambda place: STATEMENTS[place][1].split()[3])
def test_a_statement_on_the_data_alone_reads_nothing_else(place: int) -> None:
    known = {*national(), *tables.fixed(), *(text.split()[3] for _, text in STATEMENTS[:place])}
    body = STATEMENTS[place][1].partition(" AS\n")[2]
    assert "{knowledge}" not in body
    assert {table.name for table in sqlglot.parse_one(body, read="duckdb").find_all(exp.Table)} <= known


def test_they_are_made_once_and_a_run_without_them_finds_the_same(store: Store, tmp_path: Path) -> None:
    audit(store, tmp_path / "first", rules=RULES)
    (made,) = kept(store)
    before = made.stat()
    audit(store, tmp_path / "again", rules=RULES)
    assert (made.stat().st_ino, made.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    audit(store, tmp_path / "parquet", rules=RULES, origin="parquet")
    made.unlink()
    audit(store, tmp_path / "known", rules=RULES, known_on=store.manifests()[-1].received.date())
    assert kept(store) == []
    audit(store, tmp_path / "anew", rules=RULES, origin="parquet")
    assert kept(store) == [made]
    assert len({findings(tmp_path / name) for name in ("first", "again", "parquet", "known", "anew")}) == 1


def test_the_import_makes_them_for_the_first_run_and_tells_its_progress(store: Store, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    prepare(store, lambda done, total, name: told.append((done, total, name)))
    (made,) = kept(store)
    before = made.stat()
    assert [done for done, _, _ in told] == list(range(len(data_steps()))) == list(range(told[0][1]))
    audit(store, tmp_path / "first", rules=RULES)
    assert (made.stat().st_ino, made.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_run_cancelled_while_they_are_made_leaves_none(store: Store, tmp_path: Path) -> None:
    def cancel(done: int, total: int, name: str) -> None:
        if (name, done) == (KEEPING, 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audit(store, tmp_path / "out", rules=RULES, progress=cancel)
    assert list((store.root / "derived").glob("*.making")) == kept(store) == []


def test_what_arrives_later_is_in_them(store: Store, tmp_path: Path) -> None:
    before = audit(store, tmp_path / "before", rules=RULES)
    (old,) = kept(store)
    bring(store, WHEN.replace(day=12), **visit("late"))
    after = audit(store, tmp_path / "after", rules=RULES)
    (new,) = kept(store)
    assert (after.findings, new != old) == (before.findings + 1, True)


def test_what_was_known_on_a_day_is_read_without_them(store: Store, tmp_path: Path) -> None:
    day = store.manifests()[-1].received.date()
    assert audit(store, tmp_path / "out", rules=RULES, known_on=day).findings == 1
    assert kept(store) == []


def test_where_they_cannot_be_made_the_run_does_without(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = (Step("1_person", "CREATE TEMP TABLE person AS\nSELECT 1 // 'x'", ()),)
    monkeypatch.setattr("fundguard.audit.kept.data_steps", lambda: broken)
    assert audit(store, tmp_path / "out", rules=RULES).findings == 1
    assert list((store.root / "derived").glob("*.making")) == kept(store) == []
