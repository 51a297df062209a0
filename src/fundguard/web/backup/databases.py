"""The site's database, out and in: SQLite by its own backup, PostgreSQL by pg_dump. Each tells the ledger's head."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg

from fundguard.errors import Refusal

#: number, head and total of the last seal: the ledger as it stood at that moment
_HEAD = "SELECT number, head, total FROM ledger_seal ORDER BY number DESC LIMIT 1"
_ENTRIES = "SELECT count(*) FROM ledger_entry"


def postgres_url() -> str | None:
    """Where the site's PostgreSQL is; None where the site lives in the data folder."""
    if path := os.environ.get("FUNDGUARD_DATABASE_FILE"):
        return Path(path).read_text().strip()
    return os.environ.get("FUNDGUARD_DATABASE") or None


def dump_sqlite(source: Path, target: Path) -> dict[str, Any]:
    """A copy of one moment, while others go on writing; the ledger's head in it."""
    if not source.exists():
        raise Refusal("数据文件夹里没有网站数据库", where=str(source), remedy="核对 --data", exit_code=2)
    origin, copy = sqlite3.connect(source), sqlite3.connect(target)
    try:
        origin.backup(copy)
        return _told(copy.execute(_HEAD).fetchone(), copy.execute(_ENTRIES).fetchone())
    finally:
        origin.close()
        copy.close()


def dump_postgres(url: str, target: Path) -> dict[str, Any]:
    """A dump of one snapshot; the ledger's head is read in the same."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        _run(url, ["pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={target}"])
        return _told(connection.execute(_HEAD).fetchone(), connection.execute(_ENTRIES).fetchone())


def restore_postgres(url: str, source: Path) -> None:
    """All or nothing, into an empty database."""
    refuse_filled(url)
    _run(
        url,
        ["pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", "--dbname", _name(url), str(source)],
    )


def refuse_filled(url: str) -> None:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if found and found[0]:
        raise Refusal(
            "要恢复到的数据库不是空的", where="FUNDGUARD_DATABASE", seen=f"{found[0]} 个表", remedy="新建一个空数据库"
        )


def head_of(url: str | None, data: Path) -> dict[str, Any]:
    """The ledger's head in the site's database."""
    if url:
        with psycopg.connect(url) as connection:
            return _told(connection.execute(_HEAD).fetchone(), connection.execute(_ENTRIES).fetchone())
    connection = sqlite3.connect(data)
    try:
        return _told(connection.execute(_HEAD).fetchone(), connection.execute(_ENTRIES).fetchone())
    finally:
        connection.close()


def _told(head: tuple[Any, ...] | None, entries: tuple[Any, ...] | None) -> dict[str, Any]:
    number, head_hash, total = head or (0, "", 0)
    return {"number": number, "head": head_hash, "total": total, "entries": entries[0] if entries else 0}


def _run(url: str, command: Sequence[str]) -> None:
    """A program of PostgreSQL; the password goes by the environment, where other users do not see it."""
    parts = urlsplit(url)
    given = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": _name(url),
    }
    environment = os.environ | {name: value for name, value in given.items() if value}
    try:
        subprocess.run(command, env=environment, check=True, capture_output=True)
    except FileNotFoundError as error:
        raise Refusal(f"没有安装 {command[0]}", remedy="安装 PostgreSQL 客户端程序", exit_code=2) from error
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Refusal(
            f"{command[0]} 没有成功",
            where="FUNDGUARD_DATABASE",
            seen="".join(last)[:200],
            remedy="核对数据库地址和权限",
        ) from error


def _name(url: str) -> str:
    return unquote(urlsplit(url).path.lstrip("/"))
