"""Writing that survives a crash: synced files, renames, one lock. A full disk becomes a refusal."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from fundguard.errors import Refusal

_FULL = (errno.ENOSPC, errno.EDQUOT)
#: How DuckDB tells it: in the words of the system, or by the bound it sets itself when little space is left.
_FULL_WORDS = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT), "max_temp_directory_size")


def sync(path: Path) -> None:
    """Force a file or a directory onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def move(source: Path, target: Path) -> None:
    """Give a finished file its final name; after a crash the target is absent or whole."""
    sync(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    sync(target.parent)


def write(target: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a small file whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(target.name + ".new")
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
    move(beside, target)


@contextmanager
def locked(path: Path, wait: bool) -> Iterator[bool]:
    """Hold an exclusive lock on a file; yields whether it was obtained. A killed process frees it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def refusing_full_disk(where: Path, what: str) -> Iterator[None]:
    """Turn "no space left" from any library below into a refusal; `what` says in Chinese what was not done."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        full = getattr(error, "errno", None) in _FULL or any(words in str(error) for words in _FULL_WORDS)
        if not full:
            raise
        raise Refusal(
            f"磁盘空间不足，{what}",
            where=str(where),
            remedy="清理磁盘或扩容后重做；原有数据未受影响",
        ) from error
