"""The rules, one YAML file each with its examples beside it, in a folder a class."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from fundguard.errors import Refusal
from fundguard.rules.rule import Rule, read_rule


@cache
def load() -> Mapping[str, Rule]:
    """All shipped rules by code, sorted by code; a code that appears twice is refused."""
    found: dict[str, Rule] = {}
    for path in _files(".yaml"):
        if path.name.endswith(".examples.yaml"):
            continue
        rule = read_rule(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader), where=path.name)
        if rule.code in found or path.name != f"{rule.code}.yaml":
            raise Refusal(
                "规则编码重复或与文件名不一致", where=path.name, seen=rule.code, remedy="一条规则一个文件，文件名即编码"
            )
        found[rule.code] = rule
    return dict(sorted(found.items()))


@cache
def examples_text(code: str) -> str:
    """The YAML text of the examples beside a rule, empty where there are none."""
    return next((p.read_text("utf-8") for p in _files(".yaml") if p.name == f"{code}.examples.yaml"), "")


def data(code: str) -> dict[str, Any]:
    """A shipped rule as the data its file holds; days as text."""
    text = next(p.read_text("utf-8") for p in _files(".yaml") if p.name == f"{code}.yaml")
    held = yaml.load(text, Loader=yaml.CSafeLoader)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in held.items()}


def _files(suffix: str) -> list[Traversable]:
    root = resources.files("fundguard.rules.catalogue")
    folders = [entry for entry in root.iterdir() if entry.is_dir()]
    return sorted((f for folder in folders for f in folder.iterdir() if f.name.endswith(suffix)), key=lambda f: f.name)
