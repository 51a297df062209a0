"""An older site comes to this version with everything it recorded, and there is a way back."""

from __future__ import annotations

import json
import lzma
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from fundguard.cli import main
from fundguard.errors import Refusal
from fundguard.web import serve
from fundguard.web.backup.services import restore
from fundguard.web.core.management.commands.prepare_database import refuse_other_version
from tests.web.test_backup import STATE, script, with_words

#: Backups of sites that earlier versions made (`tests.web.made_site`), by version.
SITES = sorted((Path(__file__).parent / "sites").glob("*.tar.xz"))
#: What a site of any version recorded, read without its models.
RECORDED = {
    "ledger_entry": "SELECT id, own_hash FROM ledger_entry ORDER BY id",
    "findings_finding": "SELECT finding_key, amount_fen, state FROM findings_finding ORDER BY finding_key",
    "desk_staterow": "SELECT object_id, state, version, amount_now_fen FROM desk_staterow ORDER BY object_id",
    "desk_notice": "SELECT number, text FROM desk_notice ORDER BY number",
    "fund_line": "SELECT count(*), sum(abs(fen)), sum(fen) FROM fund_line",
    "papers_paper": "SELECT number FROM papers_paper ORDER BY number",
    "accounts_user": "SELECT username, password FROM accounts_user ORDER BY username",
}


def recorded(data: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(data / "app.sqlite3") as base:
        return {table: base.execute(sql).fetchall() for table, sql in RECORDED.items()}


def applied(data: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(data / "app.sqlite3") as base:
        return base.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()


@pytest.fixture(scope="module", params=SITES, ids=lambda path: path.name.removesuffix(".tar.xz"))
def unpacked(request, tmp_path_factory) -> Path:
    """The data folder of an older site, as its own version left it; never written to."""
    folder = tmp_path_factory.mktemp("older")
    (folder / "older.tar").write_bytes(lzma.decompress(request.param.read_bytes()))
    with with_words():
        restore(folder / "older.tar", folder / "site")
    return folder / "site"


@pytest.fixture
def older(unpacked, tmp_path) -> Iterator[Path]:
    """A copy of it."""
    with with_words():
        yield Path(shutil.copytree(unpacked, tmp_path / "site"))


def unknown_change(data: Path) -> None:
    """As if a later version had been here."""
    with sqlite3.connect(data / "app.sqlite3") as base:
        base.execute("INSERT INTO django_migrations VALUES (9999, 'desk', '9999_later', '2030-01-01')")


def test_there_is_an_older_site_of_every_kind_of_record(older) -> None:
    assert all(recorded(older).values())


def test_an_older_site_comes_to_this_version_with_everything_it_recorded(older, tmp_path, capfd) -> None:
    before = recorded(older)
    assert main(["upgrade", str(tmp_path / "before.tar"), "--data", str(older)]) == 0
    told = capfd.readouterr().out
    assert "台账完好" in told
    assert "已升级到版本" in told
    assert recorded(older) == before
    state = json.loads(script(STATE, older))
    assert state[4][0] > 0, "the store is read by this version"
    assert state[5], "the identity opens with the old keys"
    assert main(["upgrade", str(tmp_path / "again.tar"), "--data", str(older)]) == 0  # nothing left to do


def test_the_backup_of_an_upgrade_is_the_way_back(older, tmp_path, capfd) -> None:
    before, made_with = recorded(older), applied(older)
    assert main(["upgrade", str(tmp_path / "before.tar"), "--data", str(older)]) == 0
    shutil.rmtree(older)
    assert main(["restore", str(tmp_path / "before.tar"), "--data", str(tmp_path / "back")]) == 1
    assert "fundguard upgrade" in capfd.readouterr().err  # for this program; the older one goes on with it
    assert recorded(tmp_path / "back") == before
    assert applied(tmp_path / "back") == made_with


def test_a_change_that_fails_leaves_the_backup_and_says_the_way_back(older, tmp_path, capfd) -> None:
    unknown_change(older)
    before = recorded(older)
    assert main(["upgrade", str(tmp_path / "before.tar"), "--data", str(older)]) == 1
    told = capfd.readouterr()
    assert "更新的版本" in told.err
    assert "fundguard restore" in told.out
    assert (tmp_path / "before.tar").exists()
    assert recorded(older) == before


def test_only_upgrade_changes_an_older_database(db) -> None:
    refuse_other_version(upgrade=False)
    MigrationRecorder(connection).record_unapplied("jobs", "0001_initial")
    with pytest.raises(Refusal, match="fundguard upgrade"):
        refuse_other_version(upgrade=False)
    refuse_other_version(upgrade=True)
    MigrationRecorder(connection).record_applied("jobs", "9999_later")
    with pytest.raises(Refusal, match="更新的版本"):
        refuse_other_version(upgrade=True)


def test_a_running_site_is_not_upgraded(older, tmp_path, capsys) -> None:
    held = serve._only_worker(older)
    try:
        assert main(["upgrade", str(tmp_path / "before.tar"), "--data", str(older)]) == 1
    finally:
        os.close(held)
    assert "正在使用" in capsys.readouterr().err
    assert not (tmp_path / "before.tar").exists()
