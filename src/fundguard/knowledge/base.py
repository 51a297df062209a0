"""The knowledge base in memory: points, names of codes, and one Arrow table per kind of limit."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import product
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from fundguard.knowledge.schema import LIMIT_TABLES, OWN_CODES
from fundguard.knowledge.source import OPEN_DAY, Line, Tables, check_together, codes_of, day_number, read_folder

SHIPPED = Path(__file__).parent / "points"
#: What we typed from the published problem list (2025): points of local rules, none of them signed.
PROBLEM_LIST = Path(__file__).parent / "problem_list"
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Point:
    """One knowledge point. Days count from 1970-01-01, half-open [valid_from_day, valid_to_day)."""

    point_id: str
    rule_code: str
    name: str
    batch: str
    valid_from_day: int
    valid_to_day: int
    status: str  # usable | text_only
    derived_by: str  # list | prose | ""
    signed_by: tuple[str, ...]
    initials: str
    codes: tuple[str, ...]

    @property
    def firm(self) -> bool:
        """Stated by the list itself, or typed from its words and signed by two people."""
        return self.derived_by == "list" or len(self.signed_by) == 2

    @property
    def first_day(self) -> str:
        """The first day to which it applies, as YYYY-MM-DD."""
        return (EPOCH + timedelta(days=self.valid_from_day)).isoformat()

    @property
    def end_day(self) -> str:
        """The first day to which it no longer applies; empty while it stands."""
        return "" if self.valid_to_day >= OPEN_DAY else (EPOCH + timedelta(days=self.valid_to_day)).isoformat()


@dataclass(frozen=True)
class Item:
    """A code's name as the lists spell it, with the first letters of its pinyin."""

    med_list_codg: str
    name: str
    initials: str


@dataclass(frozen=True)
class Knowledge:
    """`tables`: as in `schema.LIMIT_TABLES`, usable points only, one row a point and code, sorted by these; columns:

    rule_code point_id · med_list_codg (not in `schema.OWN_CODES`) · the table's own columns (a cell of several codes
    gives a row for each) · firm (1 or 0) · valid_from_day valid_to_day (half-open). Text columns are string, number
    columns and days int64; not stated is NULL.
    `version`: hash of the content; the same rows in any file order give the same.
    """

    points: dict[str, Point]
    items: dict[str, Item]
    phrases: dict[str, str]  # rule code → the list's own phrase for a hit
    tables: dict[str, pa.Table]
    version: str
    signed: tuple[str, ...] = ()  # names of the signed versions that are laid over what is shipped


@lru_cache(maxsize=64)
def load(*overlays: Path) -> Knowledge:
    """The shipped knowledge with the folders of a region on top, later ones win by `point_id` (and by code for names).

    An overlay has the same files, and only those it needs. Raises Refusal for a fault in any of them.
    """
    tables = read_folder(SHIPPED)
    for folder in (PROBLEM_LIST, *overlays):
        tables = _lay_over(tables, read_folder(folder))
    check_together(tables)
    codes = {line["point_id"]: tuple(codes_of(line)) for line in tables["point_code"]}
    codes |= {line["point_id"]: (*codes_of(line, "code_a"), *codes_of(line, "code_b")) for line in tables["pair"]}
    points = {line["point_id"]: _point(line, codes.get(line["point_id"], ())) for line in tables["point"]}
    return Knowledge(
        points=dict(sorted(points.items())),
        items={code: Item(code, line["name"], line["initials"]) for line in tables["item"] for code in codes_of(line)},
        phrases={line["rule_code"]: line["phrase"] for line in tables["phrase"]},
        tables={name: _limit_table(name, tables[name], points) for name in LIMIT_TABLES},
        version=_version(tables),
    )


def _lay_over(below: Tables, above: Tables) -> Tables:
    """A point named above is taken from above alone: its codes and limits below are dropped."""
    renewed = {line["point_id"] for line in above["point"]}
    merged = {}
    for name, lines in below.items():
        kept = [line for line in lines if line.values.get("point_id") not in renewed]
        merged[name] = kept + above[name]
    return merged


def _point(line: Line, codes: tuple[str, ...]) -> Point:
    return Point(
        point_id=line["point_id"],
        rule_code=line["rule_code"],
        name=line["name"],
        batch=line["batch"],
        valid_from_day=day_number(line, "valid_from"),
        valid_to_day=day_number(line, "valid_to"),
        status=line["status"],
        derived_by=line["derived_by"],
        signed_by=tuple(signer for signer in (line["signed_1"], line["signed_2"]) if signer),
        initials=line["initials"],
        codes=codes,
    )


def _limit_table(name: str, lines: list[Line], points: dict[str, Point]) -> pa.Table:
    declared = LIMIT_TABLES[name]
    fields = [("rule_code", pa.string()), ("point_id", pa.string())]
    if name not in OWN_CODES:
        fields.append(("med_list_codg", pa.string()))
    fields += [(column, pa.int64() if kind.number else pa.string()) for column, kind in declared.items()]
    fields += [(column, pa.int64()) for column in ("firm", "valid_from_day", "valid_to_day")]
    rows = []
    for line in sorted(lines, key=lambda line: line["point_id"]):
        point = points[line["point_id"]]
        row: dict[str, str | int | None] = {c: _typed(line[c], kind.number) for c, kind in declared.items()}
        row |= {"rule_code": point.rule_code, "point_id": point.point_id, "firm": int(point.firm)}
        row |= {"valid_from_day": point.valid_from_day, "valid_to_day": point.valid_to_day}
        several = {c: codes_of(line, c) for c, kind in declared.items() if kind.codes and line[c]}
        if name not in OWN_CODES:
            several["med_list_codg"] = sorted(point.codes)
        rows += [row | dict(zip(several, chosen, strict=True)) for chosen in product(*several.values())]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


def _typed(text: str, number: bool) -> str | int | None:
    return (int(text) if number else text) if text else None


def _version(tables: Tables) -> str:
    content = {name: sorted(sorted(line.values.items()) for line in lines) for name, lines in tables.items()}
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def fingerprint(knowledge: Knowledge, point_id: str) -> str:
    """128 bits in hex of what a point says now: its rule, days, codes and limits; empty where there is no such point.

    A name that is spelt otherwise or a signature changes nothing of what it accuses.
    """
    point = knowledge.points.get(point_id)
    if point is None:
        return ""
    own = [table.filter(pc.field("point_id") == point_id).to_pylist() for table in knowledge.tables.values()]
    limits = sorted(json.dumps({k: v for k, v in row.items() if k != "firm"}) for rows in own for row in rows)
    told = [point.rule_code, point.valid_from_day, point.valid_to_day, point.status, sorted(point.codes), limits]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
