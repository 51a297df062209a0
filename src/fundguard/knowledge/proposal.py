"""From drafts to a version: what of them is new, changed or the same against the knowledge that holds now.

A point whose limit or codes change ends on the batch's day and a new one begins, so that earlier charges are judged as
before; a point that is named by its number is corrected in place. The result is the overlay of these points alone.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fundguard.errors import Refusal
from fundguard.knowledge.base import EPOCH, Knowledge, Point
from fundguard.knowledge.draft import Batch, Draft
from fundguard.knowledge.prose import initials
from fundguard.knowledge.schema import LIMIT_TABLES, OWN_CODES, POINT_COLUMNS
from fundguard.knowledge.source import PLAIN_TABLES

#: Tables in which a code of a rule has one limit at a time; in the others it may stand in several points.
ONE_AT_A_TIME = frozenset({"limit", "quantity", "course", "cycle", "herb", "price", "stay_quantity", "drug_grade"})
#: Stands for the two who will have signed a limit read from words; `signed` puts their names there.
SIGNERS = {"signed_1": "第一签署人", "signed_2": "第二签署人"}
Limit = tuple[str, Mapping[str, str]]
CONTENTS_KEPT = 16
_limits: dict[str, dict[str, Limit]] = {}


@dataclass
class Overlay:
    """Rows by table as the files hold them. `places`: new or corrected point → where it was read. `same`: how many
    drafts say what holds already."""

    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    same: int = 0

    def add(self, table: str, row: dict[str, str]) -> None:
        self.rows.setdefault(table, []).append(row)

    @property
    def empty(self) -> bool:
        return not self.rows.get("point")

    def write(self, folder: Path) -> None:
        """The files of a version; names of codes beside them."""
        folder.mkdir(parents=True, exist_ok=True)
        headers = PLAIN_TABLES | {name: ("point_id", *columns) for name, columns in LIMIT_TABLES.items()}
        for name, rows in self.rows.items():
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, headers[name], lineterminator="\n", restval="")
                writer.writeheader()
                writer.writerows(sorted(rows, key=lambda row: str(row.get("point_id", row.get("name")))))


def signed(folder: Path, target: Path, signers: tuple[str, str]) -> None:
    """A copy of a proposal's files in `target`, with the names of those who signed it."""
    shutil.copytree(folder, target)
    path = target / "point.csv"
    if path.exists():
        named = dict(zip(SIGNERS.values(), signers, strict=True))
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [{column: named.get(cell, cell) for column, cell in row.items()} for row in csv.DictReader(stream)]
        Overlay({"point": rows}).write(target)


def propose(drafts: Sequence[Draft], known: Knowledge, batch: Batch, prefix: str) -> Overlay:
    """The overlay that makes `known` say what the drafts say. `prefix`: the division whose numbers new points get.

    Refuses drafts that say two things of one code, and points that are named but are not there.
    """
    limits = limits_of(known)
    standing = _standing(known, limits, batch)
    numbers = _Numbers(known, prefix)
    made, met = Overlay(), set()
    seen: dict[tuple[object, ...], Draft] = {}
    for draft in drafts:
        key = _key(draft)
        if key in seen:
            raise Refusal(
                "同一知识点列了两次", where=draft.place, seen=f"与{seen[key].place}相同", remedy="请删除重复的一行"
            )
        seen[key] = draft
        former = _named(draft, known) if draft.point_id else standing.get(key)
        if former is not None:
            met.add(former.point_id)
            if _same(draft, former, limits.get(former.point_id)):
                made.same += 1
                continue
        _put(made, draft, (former, limits), batch, numbers)
    for point in known.points.values():
        if point.rule_code in batch.whole and point.point_id not in met and _stands(point, batch):
            _end(made, point, limits.get(point.point_id), batch.day.isoformat())
    _name_codes(made, drafts, known)
    return made


def limits_of(known: Knowledge) -> dict[str, Limit]:
    """Point → its limit table and stated columns as the files hold them: several codes in one cell, in order. Told once
    for each content of the knowledge."""
    if known.version not in _limits:
        if len(_limits) >= CONTENTS_KEPT:
            _limits.pop(next(iter(_limits)))
        _limits[known.version] = _collected(known)
    return _limits[known.version]


def _collected(known: Knowledge) -> dict[str, Limit]:
    found: dict[str, Limit] = {}
    for table, columns in LIMIT_TABLES.items():
        cells: dict[str, dict[str, set[str]]] = {}
        for row in known.tables[table].to_pylist():
            told = cells.setdefault(row["point_id"], {})
            for column in columns:
                if row[column] is not None:
                    told.setdefault(column, set()).add(str(row[column]))
        for point_id, told in cells.items():
            found[point_id] = (table, {column: "|".join(sorted(values)) for column, values in told.items()})
    return found


def refuse_contradictions(known: Knowledge, changed: Iterable[str], places: Mapping[str, str]) -> None:
    """Refuses a changed point whose code has another limit of the same rule on the same days."""
    limits = limits_of(known)
    asked = {point for point in changed if limits.get(point, ("", {}))[0] in ONE_AT_A_TIME}
    rules = {known.points[point].rule_code for point in asked}
    by_code: dict[tuple[str, str], list[Point]] = {}
    for point in known.points.values():
        if point.rule_code in rules and point.status == "usable":
            for code in point.codes:
                by_code.setdefault((point.rule_code, code), []).append(point)
    for (_, code), points in by_code.items():
        for number, one in enumerate(points):
            for other in points[number + 1 :]:
                if {one.point_id, other.point_id} & asked and _overlap(one, other):
                    raise _contradiction(one, other, code, limits, places)


def _contradiction(
    one: Point, other: Point, code: str, limits: Mapping[str, Limit], places: Mapping[str, str]
) -> Refusal:
    what = "同一编码的限定互相矛盾" if limits[one.point_id] != limits[other.point_id] else "同一编码的有效期重叠"
    named = [places.get(point.point_id) or f"知识点 {point.point_id}" for point in (one, other)]
    days = [f"{point.first_day} 至 {point.end_day or '长期'}" for point in (one, other)]
    return Refusal(
        what,
        where="；".join(sorted(named)),
        seen=f"{code}：{'；'.join(days)}",
        remedy="一条规则对同一编码在同一天只能有一个限定，请改正限定或者有效期",
    )


def _overlap(one: Point, other: Point) -> bool:
    return one.valid_from_day < other.valid_to_day and other.valid_from_day < one.valid_to_day


def _standing(known: Knowledge, limits: Mapping[str, Limit], batch: Batch) -> dict[tuple[object, ...], Point]:
    """The points that hold on the batch's day or later, by what makes a draft the same point."""
    return {
        _identity((p.rule_code, p.point_id[0]), p.name, p.codes, limits.get(p.point_id, ("", {}))): p
        for p in known.points.values()
        if _stands(p, batch)
    }


def _key(draft: Draft) -> tuple[object, ...]:
    if draft.point_id:
        return (draft.point_id,)
    return _identity((draft.rule_code, draft.letter), draft.name, draft.codes, (draft.table, draft.limit))


def _identity(kind: tuple[str, str], name: str, codes: Iterable[str], limit: Limit) -> tuple[object, ...]:
    """A service is known by its code, other things by name; where a code stands in several points, by all it says."""
    rule_code, letter = kind
    table, columns = limit
    if table and table not in ONE_AT_A_TIME:
        return (rule_code, *sorted(codes), *sorted(columns.items()))
    return (rule_code, *sorted(codes)) if letter == "S" else (rule_code, name)


def _stands(point: Point, batch: Batch) -> bool:
    return point.valid_to_day > (batch.day - EPOCH).days


def _named(draft: Draft, known: Knowledge) -> Point:
    point = known.points.get(draft.point_id)
    if point is None or point.rule_code != draft.rule_code:
        raise Refusal(
            "没有这个知识点", where=draft.place, seen=draft.point_id, remedy="更正时填写本规则已有的编号，新增时留空"
        )
    return point


def _same(draft: Draft, point: Point, limit: Limit | None) -> bool:
    """Says what holds already. A point named by its number is also handed in to be signed, where it is not yet firm."""
    if draft.point_id and not (point.firm and draft.derived_by == point.derived_by):
        return False
    days = (draft.valid_from or point.first_day, draft.valid_to or point.end_day)
    told = (draft.table, dict(draft.limit)) if draft.table else None
    held = (limit[0], dict(limit[1])) if limit else None
    return set(draft.codes) == set(point.codes) and told == held and days == (point.first_day, point.end_day)


def _put(
    made: Overlay, draft: Draft, former: tuple[Point | None, Mapping[str, Limit]], batch: Batch, numbers: _Numbers
) -> None:
    """A named point anew under its number; else the former one ends and the draft is a point of its own."""
    point, limits = former
    since = draft.valid_from or batch.day.isoformat()
    if point is not None and (draft.point_id or since <= point.first_day):
        point_id, since = point.point_id, draft.valid_from or point.first_day
    else:
        if point is not None:
            _end(made, point, limits.get(point.point_id), since)
        point_id = numbers.next(draft)
    row = dict.fromkeys(POINT_COLUMNS, "")
    row |= {"point_id": point_id, "rule_code": draft.rule_code, "name": draft.name, "batch": batch.name}
    row |= {"valid_from": since, "valid_to": draft.valid_to, "status": "usable" if draft.table else "text_only"}
    row |= {"derived_by": draft.derived_by if draft.table else "", "initials": initials(draft.name)}
    if row["derived_by"] == "prose":
        row |= SIGNERS
    if draft.valid_to and draft.valid_to <= since:
        raise Refusal(
            "知识点的有效期不成立",
            where=draft.place,
            seen=f"{since} 至 {draft.valid_to}",
            remedy="有效期止须晚于有效期起；没有填写有效期起的，从本批次的发布日起",
        )
    made.places[point_id] = draft.place
    _lines(made, row, draft.codes, (draft.table, draft.limit) if draft.table else None)


def _end(made: Overlay, point: Point, limit: Limit | None, day: str) -> None:
    """The point as it stands, up to this day."""
    signed = (*point.signed_by, "", "")
    row = {"point_id": point.point_id, "rule_code": point.rule_code, "name": point.name, "batch": point.batch}
    row |= {"valid_from": point.first_day, "valid_to": day, "status": point.status, "derived_by": point.derived_by}
    row |= {"signed_1": signed[0], "signed_2": signed[1], "initials": point.initials}
    _lines(made, row, point.codes, limit)


def _lines(made: Overlay, row: dict[str, str], codes: Sequence[str], limit: Limit | None) -> None:
    point_id = row["point_id"]
    made.add("point", row)
    if limit is None or limit[0] not in OWN_CODES:
        made.add("point_code", {"point_id": point_id, "med_list_codg": "|".join(sorted(codes))})
    if limit is not None:
        made.add(limit[0], {"point_id": point_id, **limit[1]})


def _name_codes(made: Overlay, drafts: Sequence[Draft], known: Knowledge) -> None:
    """Names of codes that nobody knew."""
    by_name: dict[str, list[str]] = {}
    told: dict[str, str] = {}
    for draft in drafts:
        for code, name in draft.names.items():
            if code not in known.items and told.setdefault(code, name) == name:
                by_name.setdefault(name, []).append(code)
    for name, codes in sorted(by_name.items()):
        cell = "|".join(sorted(set(codes)))
        made.add("item", {"name": name, "initials": initials(name), "med_list_codg": cell})


class _Numbers:
    """Numbers of new points, after the last one of kind, rule and division."""

    def __init__(self, known: Knowledge, prefix: str) -> None:
        self._prefix = prefix
        self._last: dict[str, int] = {}
        for point_id in known.points:
            series, _, number = point_id.rpartition("-")
            self._last[series] = max(self._last.get(series, 0), int(number))

    def next(self, draft: Draft) -> str:
        series = f"{draft.letter}-{int(draft.rule_code[1:]):03d}-R{self._prefix}"
        self._last[series] = self._last.get(series, 0) + 1
        return f"{series}-{self._last[series]:04d}"
