"""What was checked of an encounter and what could not be: told to both sides, from a run's own record."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from fundguard.claims.tables import tables

_NAMED = """
SELECT rule_code, field, sum(count), true FROM read_parquet($file)
WHERE ref_key IS NOT NULL AND list_contains($keys, ref_key) GROUP BY ALL
UNION ALL
SELECT rule_code, field, sum(count), false FROM read_parquet($file)
WHERE ref_key IS NULL AND fixmedins_code = $institution AND list_contains($months, month) GROUP BY ALL
ORDER BY ALL
"""


@dataclass(frozen=True)
class Place:
    """An encounter as the run saw it: keys of its rows (mdtrt_id, setl_id, bkkp_sn …), institution, months yyyymm."""

    keys: Collection[str]
    region: str
    fixmedins_code: str
    months: Collection[str]


@dataclass(frozen=True)
class Gap:
    """A rule that could not be evaluated for want of a field: `count` rows.

    `certain`: rows of this encounter; else rows of its institution in that month, too many to be listed singly, which
    may include this encounter's.
    """

    rule_code: str
    rule_name: str
    field: str
    count: int
    certain: bool

    @property
    def sentence(self) -> str:
        missing = f"缺少“{_meaning(self.field)}”（{self.field}）"
        if self.certain:
            return f"{self.rule_code} {self.rule_name}：{missing}，本次就诊有 {self.count} 处未能核查。"
        return f"{self.rule_code} {self.rule_name}：{missing}，该机构当月有 {self.count} 处未能核查，可能包括本次就诊。"


@dataclass(frozen=True)
class Coverage:
    """Rules (code, name) that gave an answer, the gaps in them, and rules that failed or did not run here."""

    checked: tuple[tuple[str, str], ...]
    gaps: tuple[Gap, ...]
    unchecked: tuple[tuple[str, str], ...]


def coverage(connection: duckdb.DuckDBPyConnection, run: Path, place: Place) -> Coverage:
    """The coverage statement of one encounter from the folder of a run; any connection reads it."""
    told: dict[str, Any] = json.loads((run / "run.json").read_text("utf-8"))
    rules = told["rules"]
    here = {code: place.region in rule["regions"] for code, rule in rules.items()}
    values = {
        "file": str(run / "not_evaluated.parquet"),
        "keys": sorted(place.keys),
        "institution": place.fixmedins_code,
        "months": sorted(place.months),
    }
    rows = connection.execute(_NAMED, values).fetchall()
    return Coverage(
        checked=tuple((code, rule["name"]) for code, rule in rules.items() if here[code]),
        gaps=tuple(
            Gap(code, rules[code]["name"], field, int(count), certain)
            for code, field, count, certain in rows
            if here.get(code)
        ),
        unchecked=tuple((code, rule["name"]) for code, rule in rules.items() if not here[code]),
    )


def _meaning(field: str) -> str:
    """What a national field is called, whichever table has it."""
    found = (f.meaning for table in tables().values() for f in table.fields if f.name == field)
    return next(found, field)
