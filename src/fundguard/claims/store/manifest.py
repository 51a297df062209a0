"""Manifests: one JSON file per committed arrival. Data files that no manifest names do not exist."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path

from fundguard.claims.store import durable


@dataclass(frozen=True)
class Counts:
    """What became of the rows of one table: the last five add up to `read`.

    `new`: first version of its key. `changed`: another content, or an earlier content that became current again.
    `withdrawn`: the same, with `vali_flag` 0. `unchanged`: already known. `quarantined`: could not be stored.
    """

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    quarantined: int = 0


@dataclass(frozen=True)
class Manifest:
    """One committed arrival. Times are Asia/Shanghai without zone; `pieces` maps a data file to its rows."""

    arrival: int
    source: str
    received: datetime
    as_of: datetime | None
    settings: str
    files: Mapping[str, str]
    schema: int
    tables: dict[str, Counts] = field(default_factory=dict)
    pieces: dict[str, int] = field(default_factory=dict)

    def write(self, root: Path) -> None:
        """Commit: the rename of this file is what makes the arrival exist."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1, default=datetime.isoformat)
        durable.write(root / "arrivals" / f"{self.arrival:06d}.json", text.encode())

    @classmethod
    def read(cls, path: Path) -> Manifest:
        told = json.loads(path.read_bytes())
        told["received"] = datetime.fromisoformat(told["received"])
        told["as_of"] = datetime.fromisoformat(told["as_of"]) if told["as_of"] else None
        told["tables"] = {name: Counts(**counts) for name, counts in told["tables"].items()}
        return cls(**told)


def read_all(root: Path, known_on: date | None = None) -> list[Manifest]:
    """All manifests in order of arrival; with `known_on`, only those received up to the end of that day."""
    found = [Manifest.read(path) for path in sorted((root / "arrivals").glob("*.json"))]
    return [m for m in found if known_on is None or m.received.date() <= known_on]


def last_with_rows(manifests: Iterable[Manifest]) -> int:
    """Number of the last arrival that brought a row, on which all that is derived rests; 0 where none did."""
    return max((m.arrival for m in manifests if any(name.startswith("tables/") for name in m.pieces)), default=0)


def pieces(root: Path, manifests: list[Manifest], folder: str, ending: str = "parquet") -> list[str]:
    """The committed data files of one folder in order of arrival.

    `ending` tells rows (`parquet`) from the notes on repeated keys (`repeated.parquet`).
    """
    names = (Path(name) for m in manifests for name in m.pieces)
    return [str(root / name) for name in names if str(name.parent) == folder and name.name.partition(".")[2] == ending]
