"""What the templates of the import pages see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fundguard.claims.store.manifest import Counts, Manifest
from fundguard.web.core.tables import titled

CODE, MONTH, TABLE = "fixmedins_code", "month", "table_name"


@dataclass(frozen=True)
class TableTotals:
    title: str
    counts: Counts


@dataclass(frozen=True)
class ArrivalPage:
    """An arrival as its manifest tells it, and, where it came in by this site, who brought it and what was ignored."""

    number: int
    received: datetime
    as_of: datetime | None
    source: str
    files: int
    settings: str
    tables: tuple[TableTotals, ...]
    total: Counts
    who: str = ""
    reasons: tuple[tuple[str, int], ...] = ()
    unrecognised: tuple[str, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()  # source, columns

    @classmethod
    def of(cls, manifest: Manifest, who: str = "", result: Mapping[str, Any] | None = None) -> ArrivalPage:
        told = result or {}
        files = told.get("files", [])
        return cls(
            number=manifest.arrival,
            received=manifest.received,
            as_of=manifest.as_of,
            source=manifest.source,
            files=len(manifest.files),
            settings=manifest.settings.removeprefix("mapping="),
            tables=tuple(TableTotals(titled(name), counts) for name, counts in manifest.tables.items()),
            total=summed(manifest),
            who=who,
            reasons=tuple(sorted(told.get("reasons", {}).items(), key=lambda pair: -pair[1])),
            unrecognised=tuple(told.get("unrecognised", ())),
            ignored=tuple(
                (one["source"], "、".join(one["ignored_columns"])) for one in files if one["ignored_columns"]
            ),
        )


def summed(manifest: Manifest) -> Counts:
    """The counts of all tables together; they add up as those of each table do."""
    names = Counts.__dataclass_fields__
    return Counts(**{name: sum(getattr(counts, name) for counts in manifest.tables.values()) for name in names})


@dataclass(frozen=True)
class SectionPage:
    """One section of the quality report, filtered, one page of its rows. A head or cell is (text, its look)."""

    name: str
    title: str
    note: str
    heads: tuple[tuple[str, str], ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]
