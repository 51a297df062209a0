"""Claims placed around the rules' own constants: the stories of the examples, which stand on them, moved by one or not.

Each date, quantity and number of days of a story takes the next of the given steps in turn. Rules that are added later
are taken up with their examples. `placed.json` is a saved set of such moves, for engines that are slow to start.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml

from fundguard.rules import catalogue
from fundguard.rules.catalogue import examples_text
from fundguard.rules.examples import Example, read_story

SAVED = Path(__file__).with_name("placed.json")
DATES = ("开始", "结束", "每日至", "日期", "生日", "死亡", "结算生日")
COUNTS = ("数量", "天数")
#: A story by its place among all, and the steps.
Move = tuple[int, Sequence[int]]


@cache
def told() -> list[tuple[str, dict[str, Any]]]:
    """Every story of visits, with its rule."""
    stories = ((code, one) for code in catalogue.load() for one in yaml.safe_load(examples_text(code)) or [])
    return [(code, story) for code, story in stories if "就诊" in story]


def placed(moves: Iterable[Move]) -> list[Example]:
    """The moved stories; their rows are named so that no two share a key."""
    found = []
    for number, (choice, steps) in enumerate(moves, 1):
        code, story = told()[choice % len(told())]
        found.append(read_story(code, 5000 + number, _moved(story, steps)))
    return found


def _moved(story: dict[str, Any], steps: Sequence[int]) -> dict[str, Any]:
    moved = copy.deepcopy(story)
    step = cycle(steps)
    visits = moved["就诊"]
    charges = (charge for visit in visits for charge in visit.get("费用", ()))
    for given in (*moved.get("人物", {}).values(), *visits, *charges):
        for key in DATES:
            if given.get(key):
                given[key] = str(dt.date.fromisoformat(str(given[key])) + dt.timedelta(days=next(step)))
        for key in COUNTS:
            if given.get(key) and given[key] + (by := next(step)) > 0:
                given[key] += by
    return moved


def saved() -> list[Example]:
    return placed(json.loads(SAVED.read_text("utf-8")))
