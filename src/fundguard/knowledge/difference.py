"""What one state of the knowledge says otherwise than another, point by point and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fundguard.knowledge.base import Knowledge, Point
from fundguard.knowledge.headings import Name, headings, said
from fundguard.knowledge.proposal import Limit, limits_of
from fundguard.knowledge.schema import LIMIT_TABLES

KINDS = {"added": "新增", "changed": "更改", "ended": "终止", "gone": "删除"}
CODES_SHOWN = 5


@dataclass(frozen=True)
class Change:
    """`kind`: a key of `KINDS`. `told`: sentences. `former`: the point that ends where this one begins."""

    kind: str
    point: Point
    told: tuple[str, ...]
    former: str = ""


def difference(before: Knowledge, after: Knowledge) -> list[Change]:
    """The points that differ, by number; a point that ends and its successor are one change."""
    limits = {"before": limits_of(before), "after": limits_of(after)}
    differing = {
        point_id
        for point_id in before.points.keys() | after.points.keys()
        if before.points.get(point_id) != after.points.get(point_id)
        or limits["before"].get(point_id) != limits["after"].get(point_id)
    }
    followed = _successors(before, after, differing)
    former = {new: old for old, new in followed.items()}
    changes = []
    for point_id in sorted(differing - followed.keys()):
        old = before.points.get(former.get(point_id, point_id))
        new = after.points.get(point_id)
        was = limits["before"].get(old.point_id) if old else None
        changes.append(_change((old, was), (new, limits["after"].get(point_id)), after, former.get(point_id, "")))
    return changes


def limit_said(limit: Limit | None, known: Knowledge) -> str:
    """A point's limit in words; what is text only is said so."""
    return said(limit[0], limit[1], _namer(known)) if limit else "仅有文字，不参与核查"


def _successors(before: Knowledge, after: Knowledge, differing: set[str]) -> dict[str, str]:
    """Point that ends → the new point of the same thing that begins on that day."""
    begun: dict[tuple[object, ...], str] = {}
    for point_id in sorted(differing - before.points.keys()):
        one = after.points[point_id]
        begun[(one.rule_code, one.valid_from_day, one.name)] = point_id
        begun[(one.rule_code, one.valid_from_day, one.codes)] = point_id
    found: dict[str, str] = {}
    for point_id in sorted(differing & before.points.keys() & after.points.keys()):
        one = after.points[point_id]
        if one.valid_to_day != before.points[point_id].valid_to_day:
            day = (one.rule_code, one.valid_to_day)
            new = begun.get((*day, one.codes)) or begun.get((*day, one.name))
            if new and new not in found.values():
                found[point_id] = new
    return found


def _change(
    old: tuple[Point | None, Limit | None], new: tuple[Point | None, Limit | None], known: Knowledge, former: str
) -> Change:
    was, now = old[0], new[0]
    if now is None:
        assert was is not None
        return Change("gone", was, (f"原限定：{limit_said(old[1], known)}",))
    if was is None:
        listed = f"编码 {len(now.codes)} 个：{_listed(now.codes)}"
        days = f"自 {now.first_day} 起" + (f"至 {now.end_day} 前" if now.end_day else "")
        return Change("added", now, (limit_said(new[1], known), listed, days))
    told = tuple(_told(was, now, (old[1], new[1]), known))
    if former:
        told += (f"自 {now.first_day} 起按新限定，{former} 同日终止，此前的费用仍按原限定",)
    ended = was.point_id == now.point_id and now.valid_to_day < was.valid_to_day and len(told) == 1
    return Change("ended" if ended else "changed", now, told, former)


def _told(was: Point, now: Point, limits: tuple[Limit | None, Limit | None], known: Knowledge) -> Iterator[str]:
    if limits[0] != limits[1]:
        yield from _limits(*limits, known)
    if added := sorted(set(now.codes) - set(was.codes)):
        yield f"新增编码 {len(added)} 个：{_listed(added)}"
    if gone := sorted(set(was.codes) - set(now.codes)):
        yield f"删除编码 {len(gone)} 个：{_listed(gone)}"
    if was.name != now.name:
        yield f"名称：{was.name} → {now.name}"
    if was.point_id != now.point_id:
        return
    if was.first_day != now.first_day:
        yield f"有效期起：{was.first_day} → {now.first_day}"
    if was.end_day != now.end_day:
        yield f"有效期止：{was.end_day or '长期'} → {now.end_day or '长期'}"
    if (was.derived_by, was.firm) != (now.derived_by, now.firm):
        yield f"限定来源：{_source(was)} → {_source(now)}"


def _limits(was: Limit | None, now: Limit | None, known: Knowledge) -> Iterator[str]:
    """Column by column where both are of one table; else the whole of both."""
    if was is None or now is None or was[0] != now[0]:
        yield f"限定：{limit_said(was, known)} → {limit_said(now, known)}"
        return
    named = _namer(known)
    for column, heading in headings(now[0]).items():
        shown = [heading.shown(limit[1].get(column)) for limit in (was, now)]
        if shown[0] != shown[1]:
            if LIMIT_TABLES[now[0]][column].codes:
                shown = ["、".join(named(code) for code in one.split("|")) if one else "" for one in shown]
            yield f"{heading.label}：{shown[0] or '不限'} → {shown[1] or '不限'}"


def _source(point: Point) -> str:
    if not point.derived_by:
        return "仅有文字"
    return "目录原有" if point.derived_by == "list" else "据文字录入，已签署" if point.firm else "据文字录入，待签署"


def _listed(codes: Mapping[str, str] | list[str] | tuple[str, ...]) -> str:
    shown = "、".join(list(codes)[:CODES_SHOWN])
    return f"{shown} 等" if len(codes) > CODES_SHOWN else shown


def _namer(known: Knowledge) -> Name:
    def named(code: str) -> str:
        return f"{known.items[code].name}（{code}）" if code in known.items else code

    return named


def counted(changes: list[Change]) -> dict[str, int]:
    """Kind in words → how many."""
    return {word: sum(change.kind == kind for change in changes) for kind, word in KINDS.items()}


def tables_touched(changes: list[Change], known: Knowledge) -> list[str]:
    """The limit tables of what differs, in the order in which they are declared."""
    limits = limits_of(known)
    touched = {limits[change.point.point_id][0] for change in changes if change.point.point_id in limits}
    return [name for name in LIMIT_TABLES if name in touched]
