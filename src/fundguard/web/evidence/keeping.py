"""The files themselves: sealed with the store's key, named by the hash of their content, outside every web folder.

A file is on the disk before anything in the database speaks of it, so a crash leaves at most a file that nobody needs.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings

from fundguard.claims.store import durable, keys
from fundguard.errors import Refusal

SEALED_BY = 28  # bytes that sealing adds: nonce and tag


def put(content: bytes) -> str:
    """Keep this content; its SHA-256. The same content again is the same file."""
    sha256 = hashlib.sha256(content).hexdigest()
    target = _place(sha256)
    with durable.refusing_full_disk(settings.EVIDENCE, "附件没有保存"):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, beside = tempfile.mkstemp(prefix="new-", dir=target.parent)
        try:
            with open(handle, "wb") as file:
                file.write(keys.create(settings.STORE).seal_bytes(content, _about(sha256)))
            durable.move(Path(beside), target)
            durable.sync(target.parent.parent)
        finally:
            Path(beside).unlink(missing_ok=True)
    return sha256


def read(sha256: str) -> bytes:
    """The content, compared with its hash; Refusal where the file is gone or is not what it was."""
    try:
        content = keys.load(settings.STORE).open_bytes(_place(sha256).read_bytes(), _about(sha256))
    except FileNotFoundError:
        raise _lost("文件不在附件文件夹中") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _lost("文件内容与登记的散列不符")
    return content


def whole(sha256: str, size: int) -> bool:
    """Whether a file of this size lies in its place; `read` says whether it is still the same."""
    try:
        return os.stat(_place(sha256)).st_size == size + SEALED_BY
    except FileNotFoundError:
        return False


def _place(sha256: str) -> Path:
    return settings.EVIDENCE / sha256[:2] / sha256


def _about(sha256: str) -> str:
    return f"evidence:{sha256}"


def _lost(seen: str) -> Refusal:
    remedy = "请由系统管理员从备份恢复，并运行 fundguard verify 核对"
    return Refusal("附件已损坏或丢失", where="附件", seen=seen, remedy=remedy)
