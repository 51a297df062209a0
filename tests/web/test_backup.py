"""One file holds the whole site of one moment; put back elsewhere, the ledger and the findings are what they were."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from fundguard.cli import main
from fundguard.errors import Refusal
from fundguard.web.backup import archive, passphrase
from fundguard.web.backup.services import backup, restore
from tests.web.made_site import WORDS

TEST_DB = os.environ.get("FUNDGUARD_TEST_DB")
MAKE = "import django; django.setup(); from tests.web import made_site; made_site.make()"
STATE = """
import json
import django
django.setup()
from fundguard.web.accounts.models import User
from fundguard.web.core import store
from fundguard.web.findings.models import Finding
from fundguard.web.ledger.models import Entry, Seal
with store.opened().connect(origin="parquet") as connection:
    lines = connection.execute("SELECT count(*), sum(inscp_amt) FROM fee_list_d").fetchone()
persons = sorted(Finding.objects.values_list("psn_key", flat=True))[-1]
print(json.dumps([
    list(Finding.objects.order_by("pk").values_list("pk", "amount_fen")),
    list(Entry.objects.order_by("pk").values_list("own_hash", flat=True)),
    Seal.objects.latest("number").head,
    User.objects.get(username="chief").password,
    [int(one) for one in lines],
    store.opened().identity().of("person", persons),
]))
"""


def environment(data: Path, **more: str) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("FUNDGUARD", "DJANGO"))}
    profile = "production" if "FUNDGUARD_DATABASE" in more else "demo"
    root = Path(__file__).resolve().parents[2]
    return (
        inherited
        | more
        | {
            "FUNDGUARD_DATA": str(data),
            "DJANGO_SETTINGS_MODULE": f"fundguard.web.settings.{profile}",
            "PYTHONPATH": os.pathsep.join((str(root / "src"), str(root))),
        }
    )


def script(code: str, data: Path, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(data, **more), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The site's data folder; never written to."""
    data = tmp_path_factory.mktemp("made") / "data"
    script(MAKE, data)
    return data


@contextmanager
def with_words() -> Iterator[None]:
    """The passphrase in the environment, and nothing else of ours."""
    with pytest.MonkeyPatch.context() as own:
        for name in [name for name in os.environ if name.startswith("FUNDGUARD")]:
            own.delenv(name)
        own.setenv(passphrase.VARIABLE, WORDS)
        yield


@pytest.fixture(scope="module")
def backed_up(made, tmp_path_factory):
    """A backup of it, made once: the passphrase is stretched for about a second each time."""
    target = tmp_path_factory.mktemp("backed") / "backup.tar"
    with with_words():
        backup(made, target)
    return target


@pytest.fixture
def words():
    with with_words():
        yield


@pytest.fixture
def site(made, words, tmp_path):
    """A copy of the site."""
    return shutil.copytree(made, tmp_path / "site")


@pytest.fixture
def kept(backed_up, words, tmp_path):
    """A copy of the backup, and no site."""
    (tmp_path / "kept").mkdir()
    return shutil.copy(backed_up, tmp_path / "kept" / "backup.tar")


def test_a_restored_site_has_the_findings_the_ledger_the_store_and_its_keys(site, tmp_path, capfd):
    before = json.loads(script(STATE, site))
    assert len(before[0]) > 0
    assert before[5], "the identity opens with the keys"
    assert main(["backup", str(tmp_path / "backup.tar"), "--data", str(site)]) == 0
    shutil.rmtree(site)
    assert main(["restore", str(tmp_path / "backup.tar"), "--data", str(tmp_path / "new")]) == 0
    assert "台账完好" in capfd.readouterr().out
    assert json.loads(script(STATE, tmp_path / "new")) == before
    assert not list(tmp_path.glob("*.restoring"))


def test_nothing_that_can_be_made_again_or_names_persons_in_clear_is_kept(site, tmp_path):
    (site / "uploads" / "x").mkdir(parents=True)
    (site / "uploads" / "x" / "raw.csv").write_text("测")
    (site / "papers").mkdir()
    (site / "papers" / "notice.pdf").write_bytes(b"%PDF")
    told = backup(site, tmp_path / "backup.tar")
    tops = {name.split("/")[0] for name in told["files"]}
    assert tops == {"database.sqlite3", "store", "runs", "heads", "papers"}
    assert not [name for name in told["files"] if "derived" in name or name.endswith((".key", "lock"))]
    secret = (site / "store" / "keys" / "sealing.key").read_bytes()
    assert secret not in (tmp_path / "backup.tar").read_bytes()
    assert (tmp_path / "backup.tar").stat().st_mode & 0o077 == 0


def test_a_run_that_is_not_finished_and_a_piece_no_manifest_names_stay_out(site, tmp_path):
    (site / "runs" / "half").mkdir()
    (site / "runs" / "half" / "findings.parquet").write_bytes(b"PAR1")
    (site / "store" / "tables" / "setl_d" / "999999.parquet").write_bytes(b"PAR1")
    names = backup(site, tmp_path / "backup.tar")["files"]
    assert not [name for name in names if "half" in name or "999999" in name]


def inside(part: str):
    """Change one byte in the middle of the first file whose name has this part."""

    def change(path: Path) -> None:
        with tarfile.open(path) as tar:
            member = next(m for m in tar.getmembers() if part in m.name)
        content = bytearray(path.read_bytes())
        content[member.offset_data + member.size // 2] ^= 1
        path.write_bytes(content)

    return change


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def rewritten(path: Path, change) -> None:
    """The archive once more, each member as `change(name, content)` gives it; None leaves it out."""
    with tarfile.open(path) as old:
        members = [(m.name, old.extractfile(m).read()) for m in old.getmembers()]
    with archive.written(path) as out:
        for name, content in members:
            if (given := change(name, content)) is not None:
                out.add_bytes(name, given)


def without_a_piece(path: Path) -> None:
    rewritten(path, lambda name, content: None if "fee_list_d" in name else content)


def with_a_changed_manifest(path: Path) -> None:
    rewritten(
        path, lambda name, content: content.replace(b'"total": ', b'"total": 9') if "manifest" in name else content
    )


@pytest.mark.parametrize(
    "damage", [inside("database"), inside("fee_list_d"), inside("keys"), cut, without_a_piece, with_a_changed_manifest]
)
def test_a_damaged_backup_is_refused_and_nothing_is_written(kept, tmp_path, damage):
    damage(kept)
    with pytest.raises(Refusal, match=r"损坏|打不开"):
        restore(kept, tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept"]


def test_a_wrong_passphrase_is_refused(kept, tmp_path, monkeypatch):
    monkeypatch.setenv(passphrase.VARIABLE, WORDS + "!")
    with pytest.raises(Refusal, match="打不开"):
        restore(kept, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_neither_a_backup_nor_a_site_is_written_over(site, tmp_path):
    target = tmp_path / "backup.tar"
    backup(site, target)
    with pytest.raises(Refusal, match="已存在"):
        backup(site, target)
    with pytest.raises(Refusal, match="不是空的"):
        restore(target, site)


def test_without_a_passphrase_nothing_begins(site, tmp_path, monkeypatch):
    monkeypatch.setenv(passphrase.VARIABLE, "short")
    with pytest.raises(Refusal, match="备份密码"):
        backup(site, tmp_path / "backup.tar")
    assert not (tmp_path / "backup.tar").exists()


def test_a_backup_that_fails_leaves_nothing_behind(site, tmp_path):
    (site / "app.sqlite3").unlink()
    with pytest.raises(Refusal, match="没有网站数据库"):
        backup(site, tmp_path / "out" / "backup.tar")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_backup_of_the_other_database_is_refused(kept, tmp_path, monkeypatch):
    monkeypatch.setenv("FUNDGUARD_DATABASE", "postgres://nobody@127.0.0.1/none")
    with pytest.raises(Refusal, match="不符"):
        restore(kept, tmp_path / "new")


@pytest.mark.skipif(not TEST_DB, reason="needs PostgreSQL")
def test_postgresql_comes_back_in_an_empty_database_only(tmp_path, monkeypatch):
    server, _, _ = str(TEST_DB).rpartition("/")
    names = [f"fundguard_backup_{secrets.token_hex(4)}" for _ in range(2)]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name}")
    first, second = (f"{server}/{name}" for name in names)
    more = {"FUNDGUARD_SECRET": "s" * 60, "FUNDGUARD_HOSTS": "localhost", passphrase.VARIABLE: WORDS}
    for name, value in (more | {"FUNDGUARD_DATABASE": first}).items():
        monkeypatch.setenv(name, value)
    try:
        script(MAKE, tmp_path / "site", **more, FUNDGUARD_DATABASE=first)
        before = json.loads(script(STATE, tmp_path / "site", **more, FUNDGUARD_DATABASE=first))
        backup(tmp_path / "site", tmp_path / "backup.tar")
        with pytest.raises(Refusal, match="不是空的"):
            restore(tmp_path / "backup.tar", tmp_path / "new")
        assert not (tmp_path / "new").exists()
        monkeypatch.setenv("FUNDGUARD_DATABASE", second)
        assert main(["restore", str(tmp_path / "backup.tar"), "--data", str(tmp_path / "new")]) == 0
        after = json.loads(script(STATE, tmp_path / "new", **more, FUNDGUARD_DATABASE=second))
        assert after == before
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            for name in names:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
