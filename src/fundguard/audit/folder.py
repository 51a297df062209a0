"""The folder of a run appears whole or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fundguard.errors import Refusal


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """A folder to write into; leaving the block without an error renames it to `out`, with one it is removed.

    Refuses an `out` that holds anything, and a second run that writes to the same `out`. What a killed run left
    beside `out` is removed by the next.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refusal(
            "结果文件夹已有内容", where=out.name, remedy="请换一个新的结果文件夹；已有结果不会被覆盖。", exit_code=2
        )
    part = out.with_name(f".{out.name}.part")
    part.mkdir(parents=True, exist_ok=True)
    lock = os.open(part, os.O_RDONLY)
    try:
        _claim(lock, out)
        _empty(part)
        try:
            yield part
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        _settle(part)
        part.rename(out)
        _sync(out.parent)
    finally:
        os.close(lock)


def _claim(lock: int, out: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Refusal(
            "另一次核查正在写入同一结果文件夹", where=out.name, remedy="请等待其结束，或换一个结果文件夹。"
        ) from error


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _settle(folder: Path) -> None:
    for path in [*folder.iterdir(), folder]:
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
