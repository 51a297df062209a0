"""Making a backup and putting one back. What a backup holds is of one moment: no arrival can end while it is drawn."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fundguard import __version__
from fundguard.claims.store import durable, keys, manifest
from fundguard.errors import Refusal
from fundguard.web.backup import archive, databases, passphrase

FORMAT = 1
SQLITE, POSTGRES = "database.sqlite3", "database.dump"
#: What can be made again, must not leave the machine in clear, or is handled on its own.
LEFT_OUT = frozenset({"store", "runs", "heads", "keys", "uploads", "exports", "static", "evidence"})
SHA256 = 64  # digits
SECRET = "secret.key"  # noqa: S105 (its name)


def backup(data: Path, target: Path) -> dict[str, Any]:
    """Write everything into one file; what its manifest tells."""
    words = passphrase.told()
    if target.exists():
        raise Refusal("备份文件已存在", where=str(target), remedy="换一个文件名；备份从不覆盖", exit_code=2)
    url = databases.postgres_url()
    store = data / "store"
    with (
        tempfile.TemporaryDirectory(prefix="fundguard-", dir=_beside(target)) as folder,
        archive.written(target) as out,
    ):
        copy = Path(folder) / (POSTGRES if url else SQLITE)
        with durable.locked(store / "lock", wait=True):
            files = list(_files(data))
            head = databases.dump_postgres(url, copy) if url else databases.dump_sqlite(data / "app.sqlite3", copy)
        out.add(copy.name, copy)
        files += _attachments(data)  # after the database: whatever it speaks of is on the disk, and never goes
        for name, path in files:
            out.add(name, path)
        told = {
            "format": FORMAT,
            "version": __version__,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "ledger": head,
            "files": out.files,
        }
        written = json.dumps(told, indent=1).encode()
        out.add_bytes(archive.MANIFEST, written)
        out.add_bytes(archive.KEYS, passphrase.locked(_keys(data), words, written))
    return told


def restore(source: Path, data: Path) -> dict[str, Any]:
    """Put a backup into an empty place, after every hash was compared; what its manifest tells.

    Until the last step nothing stands in the data folder; a PostgreSQL database is filled in one transaction.
    """
    words = passphrase.told()
    url = databases.postgres_url()
    if data.exists() and any(data.iterdir()):
        raise Refusal("要恢复到的文件夹不是空的", where=str(data), remedy="换一个空文件夹；恢复从不覆盖", exit_code=2)
    written, locked = archive.heads(source)
    secrets = passphrase.opened(locked, words, written)
    told: dict[str, Any] = json.loads(written)
    _refuse_other(told, url)
    staging = data.with_name(data.name + ".restoring")
    shutil.rmtree(staging, ignore_errors=True)
    try:
        archive.unpack(source, written, staging)
        _put_keys(secrets, staging)
        if url:
            databases.restore_postgres(url, staging / POSTGRES)
            (staging / POSTGRES).unlink()
        else:
            (staging / SQLITE).rename(staging / "app.sqlite3")
        if databases.head_of(url, staging / "app.sqlite3") != told["ledger"]:
            raise archive.damaged("数据库中的台账与清单不符")
        if data.exists():
            data.rmdir()
        staging.rename(data)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return told


def _files(data: Path) -> Iterator[tuple[str, Path]]:
    """Name in the archive and path of every file: the committed ones of the store, whole runs, heads, other folders."""
    store = data / "store"
    if (store / "store.json").exists():
        names = {name for one in manifest.read_all(store) for name in one.pieces}
        names |= {f"arrivals/{path.name}" for path in (store / "arrivals").glob("*.json")}
        yield from ((f"store/{name}", store / name) for name in sorted({"store.json", *names}))
    whole = sorted(path.parent for path in (data / "runs").glob("*/run.json"))
    told = Path(os.environ.get("FUNDGUARD_LEDGER_HEADS") or data / "heads")
    others = [path for path in sorted(data.iterdir()) if path.is_dir() and path.name not in LEFT_OUT]
    for prefix, folder in [
        *((f"runs/{run.name}", run) for run in whole),
        ("heads", told),
        *((o.name, o) for o in others),
    ]:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield f"{prefix}/{path.relative_to(folder).as_posix()}", path


def _attachments(data: Path) -> Iterator[tuple[str, Path]]:
    """Sealed as they lie there; a file that is only being written has another name."""
    for path in sorted((data / "evidence").glob("??/*")):
        if len(path.name) == SHA256:
            yield f"evidence/{path.parent.name}/{path.name}", path


def _keys(data: Path) -> dict[str, bytes]:
    """The store's keys, and the demonstration's secret where there is one."""
    found = {path.name: path.read_bytes() for path in sorted(keys.folder(data / "store").glob("*.key"))}
    if (data / SECRET).exists():
        found[SECRET] = (data / SECRET).read_bytes()
    return found


def _put_keys(secrets: dict[str, bytes], staging: Path) -> None:
    place = keys.folder(staging / "store")
    for name, content in secrets.items():
        path = staging / SECRET if name == SECRET else place / name
        if path.exists() and path.read_bytes() != content:
            raise Refusal("密钥文件夹里已有别的密钥", where=str(place), remedy="用 FUNDGUARD_KEYS 指明一个空文件夹")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        durable.write(path, content, mode=0o600)


def _refuse_other(told: dict[str, Any], url: str | None) -> None:
    if told["format"] != FORMAT:
        raise Refusal("备份的格式与本程序不符", seen=f"格式 {told['format']}", remedy="用做备份的版本恢复，再升级")
    if (POSTGRES if url else SQLITE) not in told["files"]:
        raise Refusal(
            "备份与数据库设置不符",
            where="FUNDGUARD_DATABASE",
            seen="备份来自 " + ("SQLite" if url else "PostgreSQL"),
            remedy="恢复 PostgreSQL 的备份须指明一个空数据库，恢复 SQLite 的备份则不能指明",
            exit_code=2,
        )


def _beside(target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.parent
