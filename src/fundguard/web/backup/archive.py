"""The file of a backup: a tar of files with a manifest of their hashes, written beside its place and renamed."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from fundguard.errors import Refusal

MANIFEST, KEYS = "manifest.json", "keys.locked"
_CHUNK = 1 << 20


class _Hashed:
    """A file that is hashed as it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.sum.update(chunk)
        return chunk


class Writer:
    """Adds files under their names; `files` grows with their sizes and hashes."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            info = tarfile.TarInfo(name)
            info.size = path.stat().st_size
            hashed = _Hashed(file)
            self._tar.addfile(info, hashed)
        self.files[name] = {"size": info.size, "sha256": hashed.sum.hexdigest()}

    def add_bytes(self, name: str, content: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        self._tar.addfile(info, io.BytesIO(content))


@contextmanager
def written(target: Path) -> Iterator[Writer]:
    """A new archive; it has its name only when it is whole."""
    part = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(part, "w") as tar:
            yield Writer(tar)
        part.chmod(0o600)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def heads(path: Path) -> tuple[bytes, bytes]:
    """Manifest and keys of an archive, as they stand there."""
    with _read(path) as tar:
        return _content(tar, MANIFEST), _content(tar, KEYS)


def unpack(path: Path, manifest: bytes, target: Path) -> None:
    """Every file of the manifest below `target`, each compared with its hash; nothing else is taken out."""
    wanted = json.loads(manifest)["files"]
    with _read(path) as tar:
        found = {member.name: member for member in tar.getmembers() if member.isfile()}
        if set(found) != {*wanted, MANIFEST, KEYS}:
            raise damaged("文件与清单不符")
        for name, told in wanted.items():
            place = PurePosixPath(name)
            if place.is_absolute() or ".." in place.parts:
                raise damaged("清单中有不允许的文件名")
            _take(tar, found[name], told, target / place)


def damaged(seen: str) -> Refusal:
    return Refusal("备份已损坏", where="备份", seen=seen, remedy="换一份备份；原数据没有改动")


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, told: dict[str, Any], target: Path) -> None:
    source = tar.extractfile(member)
    if source is None or member.size != told["size"]:
        raise damaged(member.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    hashed = _Hashed(source)
    with target.open("wb") as file:
        while chunk := hashed.read(_CHUNK):
            file.write(chunk)
    if hashed.sum.hexdigest() != told["sha256"]:
        raise damaged(member.name)


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    source = tar.extractfile(name)
    return source.read() if source else b""


@contextmanager
def _read(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except (tarfile.TarError, KeyError, EOFError) as error:
        raise damaged("不是完整的备份文件") from error
    except FileNotFoundError as error:
        raise Refusal("没有这个备份文件", where=str(path), remedy="核对路径", exit_code=2) from error
