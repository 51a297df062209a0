"""The versions of knowledge that a site signed: one folder each, `<root>/<division>/<number>`, never changed again.

A folder holds the points that the version adds, changes or ends, in the files of `source`, and `version.json`: who
proposed it, who signed, and the hash of the files. Shipped knowledge stays where it is; versions are laid over it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from fundguard.claims.store import durable
from fundguard.errors import Refusal

TOLD = "version.json"


@dataclass(frozen=True)
class Version:
    """`prefix` is the division by the digits it shares with all in it. `proposal` names what it was signed as, so that
    publishing once more finds it. `valid_from`: the day from which its batch counts, as YYYY-MM-DD."""

    prefix: str
    number: int
    title: str
    batch: str
    valid_from: str
    author: str
    signers: tuple[str, ...]
    proposal: str
    content_hash: str
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.prefix}-{self.number}"


@dataclass(frozen=True)
class Signed:
    """What `keep` is told of a version: two signers, neither of them the author."""

    title: str
    batch: str
    valid_from: str
    author: str
    signers: tuple[str, str]
    proposal: str


def prefix_of(region: str) -> str:
    """The digits that a division shares with all in it: 990000 → 99, 990100 → 9901, 990101 → 990101."""
    code = region
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


def laid(region: str, root: Path) -> tuple[Version, ...]:
    """The versions that hold in a division, in the order in which they are laid: province, city, county; by number."""
    prefixes = [region[:length] for length in (2, 4, 6) if len(region) >= length]
    return tuple(version for prefix in prefixes for version in of_prefix(prefix, root))


def of_prefix(prefix: str, root: Path) -> tuple[Version, ...]:
    """The versions of one division by number. Refuses one whose files are not what was signed."""
    folder = root / prefix
    numbers = sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit()) if folder.is_dir() else []
    return tuple(_read(folder / str(number)) for number in numbers)


def content_hash(folder: Path) -> str:
    """128 bits in hex of the tables in a folder: their names and bytes."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.csv")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:32]


def keep(root: Path, region: str, tables: Path, signed: Signed) -> Version:
    """Copies the tables into the next folder of the division and gives it its name when it is whole.

    The same proposal again gives the version it became. Refuses signatures that are not those of two other people.
    """
    if len({signed.author, *signed.signers}) < 3:
        raise Refusal("签署人不足", where=signed.title, remedy="须由提出人以外的两人分别签署")
    prefix = prefix_of(region)
    with durable.locked(root / "lock", wait=True), durable.refusing_full_disk(root, "知识版本未发布"):
        known = of_prefix(prefix, root)
        for one in known:
            if one.proposal == signed.proposal:
                return one
        number = known[-1].number + 1 if known else 1
        beside = root / prefix / f"{number}.part"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        for path in sorted(tables.glob("*.csv")):
            durable.write(beside / path.name, path.read_bytes())
        told = asdict(signed) | {"prefix": prefix, "number": number, "content_hash": content_hash(beside)}
        durable.write(beside / TOLD, json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode())
        durable.move(beside, root / prefix / str(number))
    return _read(root / prefix / str(number))


def names(versions: Sequence[Version]) -> list[str]:
    """As `run.json` tells them: division, number and hash."""
    return [f"{version.name} {version.content_hash}" for version in versions]


@lru_cache(maxsize=1024)  # a version never changes
def _read(folder: Path) -> Version:
    try:
        told = json.loads((folder / TOLD).read_text("utf-8"))
        told["signers"] = tuple(told["signers"])
        version = Version(**told, folder=folder)
    except (OSError, ValueError, KeyError, TypeError):
        raise _damaged(folder, TOLD) from None
    if (version.prefix, str(version.number)) != (folder.parent.name, folder.name):
        raise _damaged(folder, "编号与所在位置不符")
    if content_hash(folder) != version.content_hash:
        raise _damaged(folder, "内容与签署时的摘要不符")
    return version


def _damaged(folder: Path, seen: str) -> Refusal:
    place = f"知识版本 {folder.parent.name}-{folder.name}"
    return Refusal("已签署的知识版本被改动", where=place, seen=seen, remedy="请从备份恢复该文件夹，再重新运行")
