"""Parameters with a day in force, an article and a region: looked up for a day the caller names, never for today."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from fundguard.errors import Refusal
from fundguard.law.calendar import TABLE as WORKDAYS
from fundguard.law.citation import FOLDER as ARTICLES
from fundguard.law.citation import TAGS, UNVERIFIED

FOLDER = Path(__file__).parent / "parameters"
UNITS = ("fen", "e4", "count", "days", "working_days", "months", "years")
APPLIES_ON = ("conduct", "step", "report", "settlement")
FLAGS = {"demo": "演示值", "agreement": ""}  # set_by → the mark to show
ENTRY_KEYS = {"from", "to", "region", "value", "tag", "set_by", "article"}


@dataclass(frozen=True)
class Value:
    """A parameter on one day in one region. `flagged` is the mark that every use must show, empty when none is."""

    key: str
    value: int
    unit: str
    applies_on: str
    article: str  # a ref for `law.article`, empty where no article sets it
    tag: str
    flagged: str


@dataclass(frozen=True)
class Period:
    """A value and the days it is in force on: from `since` on, before `until` (None: without end)."""

    since: date
    until: date | None
    value: Value


@dataclass(frozen=True)
class _Entry:
    since: date
    until: date | None
    region: str
    value: int | None
    tag: str
    set_by: str
    article: str


@dataclass(frozen=True)
class _Parameter:
    name: str
    unit: str
    applies_on: str
    entries: tuple[_Entry, ...]


def parameter(key: str, *, day: date, region: str = "", overlays: tuple[Path, ...] = ()) -> Value:
    """The value of `key` on `day`: of the region (six-digit division code), else its city, its province, the nation.

    `day` is the day of the conduct, step, report or settlement, as the parameter's `applies_on` says. `overlays` are
    folders of a bureau's own files in the same form; for the same region the later folder wins.
    Refusal where the key is unknown, no value is in force that day, or the value in force is not set ([M], [X]).
    """
    declared = _known(key, overlays)
    entry = _entry_of(declared, region, day)
    if entry is None:
        raise Refusal(
            f"参数“{declared.name}”在该日无有效值", where=key, seen=str(day), remedy="请登记该日有效的值及其依据"
        )
    value = _value(key, declared, entry)
    if value is None:
        raise Refusal(
            f"参数“{declared.name}”未设定",
            where=key,
            seen=f"依据等级 {entry.tag}",
            remedy="请由医保部门设定该值，并注明依据",
        )
    return value


def periods(key: str, *, region: str = "", overlays: tuple[Path, ...] = ()) -> tuple[Period, ...]:
    """All values of `key` in a region in the order of time, looked up for each day as `parameter` does.

    Days on which none is in force, or the one in force is not set, lie in no period. Refusal where the key is unknown.
    """
    declared = _known(key, overlays)
    reach = places(region)
    edges = sorted({day for e in declared.entries if e.region in reach for day in (e.since, e.until) if day})
    found: list[Period] = []
    for since, until in zip(edges, [*edges[1:], None], strict=True):
        entry = _entry_of(declared, region, since)
        value = _value(key, declared, entry) if entry else None
        if value is None:
            continue
        goes_on = found and (found[-1].until, found[-1].value) == (since, value)
        found.append(Period(found.pop().since if goes_on else since, until, value))
    return tuple(found)


def parameter_keys(overlays: tuple[Path, ...] = ()) -> tuple[str, ...]:
    """All declared parameters."""
    return tuple(sorted(_parameters(overlays)))


def parameter_units(overlays: tuple[Path, ...] = ()) -> dict[str, str]:
    """The unit of every declared parameter."""
    return {key: declared.unit for key, declared in _parameters(overlays).items()}


def version(overlays: tuple[Path, ...] = ()) -> str:
    """Hash of the files that articles, parameters and working days are read from."""
    digest = hashlib.sha256(WORKDAYS.read_bytes())
    for folder in (ARTICLES, FOLDER, *overlays):
        for path in sorted(folder.glob("*.yaml")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _known(key: str, overlays: tuple[Path, ...]) -> _Parameter:
    declared = _parameters(overlays).get(key)
    if declared is None:
        raise Refusal("参数未登记", seen=key, remedy="请核对参数名，或在 law/parameters 中登记")
    return declared


def _entry_of(declared: _Parameter, region: str, day: date) -> _Entry | None:
    """The entry in force on a day: of the region, else of what contains it."""
    found = (_in_force(declared.entries, place, day) for place in places(region))
    return next((entry for entry in found if entry), None)


def _value(key: str, declared: _Parameter, entry: _Entry) -> Value | None:
    if entry.value is None:
        return None
    flagged = FLAGS[entry.set_by] if entry.set_by else ("" if entry.tag in ("P", "E") else UNVERIFIED)
    return Value(key, entry.value, declared.unit, declared.applies_on, entry.article, entry.tag, flagged)


def places(region: str) -> list[str]:
    """Where a value for a region may stand, nearest first: 330602 → 330602, 330600, 330000, nation."""
    found = [region, region[:4].ljust(6, "0"), region[:2].ljust(6, "0")] if region else []
    return [*dict.fromkeys(found), ""]


def _in_force(entries: tuple[_Entry, ...], region: str, day: date) -> _Entry | None:
    """The latest entry begun by `day` (of two begun together the one read last), unless it has ended."""
    begun = [e for e in entries if e.region == region and e.since <= day]
    if not begun:
        return None
    latest = max(enumerate(begun), key=lambda pair: (pair[1].since, pair[0]))[1]
    return latest if latest.until is None or day < latest.until else None


@cache
def _parameters(overlays: tuple[Path, ...]) -> dict[str, _Parameter]:
    found: dict[str, _Parameter] = {}
    for folder in (FOLDER, *overlays):
        for path in sorted(folder.glob("*.yaml")):
            for key, declared in yaml.safe_load(path.read_text("utf-8")).items():
                found[key] = _merge(found.get(key), _declared(f"{path.name} {key}", declared))
    return found


def _merge(below: _Parameter | None, above: _Parameter) -> _Parameter:
    entries = (*(below.entries if below else ()), *above.entries)
    return _Parameter(above.name, above.unit, above.applies_on, entries)


def _declared(where: str, raw: dict[str, Any]) -> _Parameter:
    if raw.get("unit") not in UNITS or raw.get("applies_on") not in APPLIES_ON or not raw.get("name"):
        raise Refusal(
            "参数的名称、单位或适用日不合规范", where=where, remedy=f"单位为 {'、'.join(UNITS)} 之一，并写明适用日"
        )
    return _Parameter(raw["name"], raw["unit"], raw["applies_on"], tuple(_entry(where, e) for e in raw["values"]))


def _entry(where: str, raw: dict[str, Any]) -> _Entry:
    if (
        not isinstance(raw.get("from"), date)
        or not isinstance(raw.get("value", 0), int)
        or not raw.keys() <= ENTRY_KEYS
    ):
        raise Refusal(
            "参数值的写法不合规范",
            where=where,
            seen=",".join(raw),
            remedy="须有起始日 from，value 为整数，其余见文件首部说明",
        )
    entry = _Entry(
        since=raw["from"],
        until=raw.get("to"),
        region=raw.get("region", ""),
        value=raw.get("value"),
        tag=raw.get("tag", ""),
        set_by=raw.get("set_by", ""),
        article=raw.get("article", ""),
    )
    if entry.tag not in TAGS or (entry.set_by and entry.set_by not in FLAGS):
        raise Refusal(
            "参数的依据等级或设定方不合规范", where=where, seen=f"{entry.tag} {entry.set_by}", remedy="见文件首部说明"
        )
    if entry.tag in ("M", "X") and not entry.set_by and entry.value is not None:
        raise Refusal("依据未查到的参数不得自带数值", where=where, remedy="请写明由谁设定（set_by），或删去数值")
    return entry
