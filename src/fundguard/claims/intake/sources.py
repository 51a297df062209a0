"""From a path to its sources: files of a folder, members of a zip, sheets of a workbook."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import BinaryIO, cast

from fundguard.claims.intake.chunk import Source
from fundguard.claims.intake.csv_text import csv_source
from fundguard.claims.intake.naming import table_of
from fundguard.claims.intake.tabular import excel_sources, parquet_source, temporary_copy
from fundguard.errors import Refusal

TEXT = frozenset({".csv", ".tsv", ".txt"})
EXCEL = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
PARQUET = frozenset({".parquet", ".pq"})
ARCHIVE = frozenset({".zip", ".gz", ".rar", ".7z", ".tar", ".tgz", ".bz2", ".xz"})
#: A zip may unpack to this much, and to this many times its size once it is larger than RATIO_FROM.
UNPACKED_LIMIT = 256 << 30
RATIO_LIMIT = 200
RATIO_FROM = 64 << 20
MEMBERS_LIMIT = 10_000

Open = Callable[[], BinaryIO]


@dataclass
class Found:
    """What a path holds: readable sources, empty files, names of files of another kind."""

    sources: list[Source] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)


@contextmanager
def open_sources(path: Path, encoding: str | None = None) -> Iterator[Found]:
    """All sources under `path` (file or folder), by name; temporary copies live while the block lasts.

    Raises `Refusal` for a missing path, an unreadable file, a nested, encrypted or exploding zip.
    """
    if not path.exists():
        raise Refusal("找不到要导入的文件或文件夹", where=str(path), remedy="请检查路径是否正确")
    found = Found()
    with TemporaryDirectory(prefix="fundguard-") as folder:
        for file in files_of(path):
            name = name_of(file, path)
            if file.suffix.lower() == ".zip":
                _add_zip(found, file, name, encoding, Path(folder))
            else:
                _add(found, name, partial(_open, file, name), file.stat().st_size, encoding)
        yield found


def files_of(path: Path) -> list[Path]:
    """The files to read, in order of their names; hidden ones and links out of the folder are left out."""
    if path.is_file():
        return [path]
    root = path.resolve()
    inside = (f for f in path.rglob("*") if f.is_file() and f.resolve().is_relative_to(root))
    return sorted(f for f in inside if not any(part.startswith((".", "~$")) for part in f.relative_to(path).parts))


def name_of(file: Path, path: Path) -> str:
    """The name by which users see a file of `path`; a folder that is named as a table stays part of it."""
    return file.relative_to(path.parent if path.is_file() or table_of(path.name) else path).as_posix()


def _open(file: Path, name: str) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError:
        raise Refusal(
            "文件无法打开", where=f"文件 {name}", seen="没有读取权限或已被占用", remedy="请检查权限后重新导入"
        ) from None


def _add(found: Found, name: str, opened: Open, size: int, encoding: str | None) -> None:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in TEXT | EXCEL | PARQUET:
        found.other.append(name)
    elif size == 0:
        found.empty.append(name)
    elif suffix in EXCEL:
        sheets = excel_sources(name, opened, size)
        found.sources.extend(sheets)
        if not sheets:
            found.empty.append(name)
    elif suffix in PARQUET:
        found.sources.append(parquet_source(name, opened, size))
    elif source := csv_source(name, opened, size, encoding=encoding):
        found.sources.append(source)
    else:
        found.empty.append(name)


def _add_zip(found: Found, file: Path, name: str, encoding: str | None, folder: Path) -> None:
    try:
        # A member name without the UTF-8 flag was written by a Chinese system in its own code page.
        archive = zipfile.ZipFile(file, metadata_encoding="gb18030")
        members = [m for m in archive.infolist() if not m.is_dir()]
    except (zipfile.BadZipFile, OSError, UnicodeDecodeError):
        raise Refusal(
            "无法读取的压缩包", where=f"文件 {name}", seen="文件损坏或未传完", remedy="请重新压缩后导入"
        ) from None
    guard_zip(members, file.stat().st_size, name)
    for member in sorted(members, key=lambda m: m.filename):
        inner = f"{name}/{member.filename}"
        opened = partial(_open_member, archive, member, inner)
        if PurePosixPath(member.filename).suffix.lower() in EXCEL | PARQUET and member.file_size:
            with opened() as stream:
                opened = partial(_open, temporary_copy(stream, folder, member.filename), inner)
        _add(found, inner, opened, member.file_size, encoding)


def guard_zip(members: list[zipfile.ZipInfo], size: int, name: str) -> None:
    """Refuse what no honest export is. The sizes are those a member declares: zipfile reads no byte beyond."""
    unpacked = sum(m.file_size for m in members)
    if unpacked > UNPACKED_LIMIT or (unpacked > RATIO_FROM and unpacked > RATIO_LIMIT * size):
        raise Refusal(
            "压缩包解压后异常膨胀",
            where=f"文件 {name}",
            seen=f"{size >> 10} KB 解压为 {unpacked >> 20} MB",
            remedy="请核实来源；确属正常数据的，请解压后按文件夹导入",
        )
    if len(members) > MEMBERS_LIMIT:
        raise Refusal(
            "压缩包内文件过多", where=f"文件 {name}", seen=f"{len(members)} 个", remedy="请分成多个压缩包导入"
        )
    for member in members:
        inner = PurePosixPath(member.filename.replace("\\", "/"))
        if inner.is_absolute() or ".." in inner.parts:
            raise Refusal("压缩包内路径不安全", where=f"文件 {name}", seen="路径指向包外", remedy="请重新压缩后导入")
        if inner.suffix.lower() in ARCHIVE:
            raise Refusal(
                "压缩包内还有压缩包", where=f"文件 {name}/{member.filename}", remedy="请先解开内层压缩包，再导入"
            )
        if member.flag_bits & 0x1:
            raise Refusal("压缩包设有密码", where=f"文件 {name}", remedy="请解密后导入")


class _Member:
    """A zip member that reports damage met while reading as a refusal."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name = stream, name

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError):
            raise Refusal(
                "压缩包内文件损坏", where=f"文件 {self._name}", seen="校验不符", remedy="请重新压缩后导入"
            ) from None

    def seekable(self) -> bool:
        return False

    def __enter__(self) -> _Member:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()


def _open_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> BinaryIO:
    try:
        return cast(BinaryIO, _Member(cast(BinaryIO, archive.open(member)), name))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        raise Refusal(
            "压缩包内文件无法解开", where=f"文件 {name}", seen="压缩方式不支持或已损坏", remedy="请用标准 zip 重新压缩"
        ) from None
