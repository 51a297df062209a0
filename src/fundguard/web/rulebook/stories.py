"""The examples beside a rule as small tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from fundguard import knowledge
from fundguard.claims.tables import tables
from fundguard.rules.examples import CLEAR
from fundguard.web.rulebase.lookup import examples_of
from fundguard.web.rulebook.pages import Example, ExampleLine

_JUDGED = ("费用", "预期")


def stories(code: str) -> list[Example]:
    """The examples of one rule: a line for each visit, charge or row, with the expected answer where one is judged."""
    return [_story(raw) for raw in yaml.safe_load(examples_of(code)) or []]


def _story(raw: Mapping[str, Any]) -> Example:
    persons = "；".join(_said(name, given) for name, given in (raw.get("人物") or {}).items())
    lines: list[ExampleLine] = []
    for number, visit in enumerate(raw.get("就诊", ()), 1):
        charges = visit.get("费用", ())
        answer = visit.get("预期", "" if charges else CLEAR)
        if answer or _words(visit):
            lines.append(ExampleLine(f"就诊{number}", _words(visit), answer))
        lines += [
            ExampleLine(f"费用{n}", _words(charge), charge.get("预期", CLEAR)) for n, charge in enumerate(charges, 1)
        ]
    for name, rows in raw.get("表", {}).items():
        lines += [ExampleLine(name, _row(name, row), "") for row in rows]
    lines += [ExampleLine("结果", str(key), answer) for key, answer in (raw.get("预期") or {}).items()]
    return Example(raw["名称"], persons, lines)


def _said(name: str, given: Mapping[str, Any]) -> str:
    told = _words(given)
    return f"{name}：{told}" if told else name


def _words(given: Mapping[str, Any]) -> str:
    return "，".join(f"{key} {_value(key, value)}" for key, value in given.items() if key not in _JUDGED)


def _value(key: str, value: Any) -> str:
    item = knowledge.load().items.get(str(value)) if key == "项目" else None
    return f"{item.name}（{value}）" if item else str(value)


def _row(table: str, row: Mapping[str, Any]) -> str:
    named = {f.name: f.meaning for f in tables()[table].fields}
    return "，".join(f"{named.get(name, name)} {value}" for name, value in row.items())
