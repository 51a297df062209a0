"""Mapping files: how a foreign layout becomes national tables. Data only: no expression, no path, no code.

```yaml
mapping: NAME                # shown to users
title: what it maps
constants: {shift: 5110}     # a value used as an argument: `$shift`
sources:
  persons:
    files: "person_*.csv"    # pattern of a source's name, or of the last part of it
    one_row_per: [ID]        # optional: fold rows of one key (all files together) into one
    order: [-file, SEGMENT]  # the first row wins, its gaps filled from the next (`-`: descending, `file`: file name)
tables:
  - table: setl_diag_list_d
    source: persons
    unpivot: {columns: [DX1, DX2], value: code, number: n}   # optional: one row a filled column
    fields:
      diag_code: code                                        # a column
      vali_flag: {value: "1"}                                # a constant
      diag_info_id: {from: [ID, n], do: [{concat: "-"}]}     # functions of `functions.py`, in order
```
"""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from fundguard.claims.intake.functions import FUNCTIONS
from fundguard.claims.tables import tables
from fundguard.errors import Refusal


@dataclass(frozen=True)
class MappedField:
    """A constant `value`, or `columns` put through `steps` (function name, argument)."""

    columns: tuple[str, ...] = ()
    steps: tuple[tuple[str, Any], ...] = ()
    value: str | None = None


@dataclass(frozen=True)
class Unpivot:
    columns: tuple[str, ...]
    value: str
    number: str


@dataclass(frozen=True)
class MappedTable:
    table: str
    source: str
    fields: Dict[str, MappedField]
    unpivot: Unpivot | None = None


@dataclass(frozen=True)
class MappedSource:
    files: str
    one_row_per: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    def takes(self, name: str) -> bool:
        return fnmatchcase(name, self.files) or fnmatchcase(PurePosixPath(name).name, self.files)


@dataclass(frozen=True)
class Mapping:
    name: str
    sources: Dict[str, MappedSource]
    tables: tuple[MappedTable, ...]

    def targets(self, source: str) -> list[MappedTable]:
        return [t for t in self.tables if t.source == source]


def shipped() -> list[str]:
    """Names of the mappings that come with the program."""
    folder = resources.files("fundguard.claims").joinpath("mappings")
    return sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml"))


def load_mapping(name: str | Path) -> Mapping:
    """A shipped mapping by its name, else a file. Raises `Refusal` naming the key that is wrong."""
    if str(name) in shipped():
        text = resources.files("fundguard.claims").joinpath("mappings", f"{name}.yaml").read_text("utf-8")
    else:
        try:
            text = Path(name).read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            known = "、".join(shipped())
            raise _refusal(
                "找不到或无法读取映射文件", str(name), "", f"请给出文件路径，或使用内置映射：{known}"
            ) from None
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"第 {mark.line + 1} 行" if mark else ""
        raise _refusal("映射文件不是有效的 YAML", f"{name} {place}", "", "请检查缩进和冒号") from None
    return _Reader(str(name)).mapping(content)


def _refusal(what: str, where: str, seen: str, remedy: str) -> Refusal:
    return Refusal(what, where=where, seen=seen, remedy=remedy, exit_code=2)


_WORDS = {"dict": "键值表", "list": "列表", "str": "文字", "int": "整数", "bool": "true"}


class _Reader:
    """Reads and checks one mapping; every refusal names the place by its keys (`tables[2].fields.diag_code`)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.constants: Dict[str, Any] = {}

    def mapping(self, content: Any) -> Mapping:
        top = self.keys(content, "", {"mapping", "sources", "tables"}, {"title", "constants"})
        self.constants = self.of(top.get("constants", {}), "constants", dict)
        sources = {
            key: self.source(value, f"sources.{key}") for key, value in self.of(top["sources"], "sources", dict).items()
        }
        mapped = tuple(
            self.table(value, f"tables[{i}]", sources)
            for i, value in enumerate(self.of(top["tables"], "tables", list), 1)
        )
        return Mapping(str(top["mapping"]), sources, mapped)

    def source(self, content: Any, place: str) -> MappedSource:
        keys = self.keys(content, place, {"files"}, {"one_row_per", "order"})
        return MappedSource(
            self.of(keys["files"], f"{place}.files", str),
            self.names(keys.get("one_row_per", []), f"{place}.one_row_per"),
            self.names(keys.get("order", []), f"{place}.order"),
        )

    def table(self, content: Any, place: str, sources: Dict[str, MappedSource]) -> MappedTable:
        keys = self.keys(content, place, {"table", "source", "fields"}, {"unpivot"})
        table = tables().get(keys["table"])
        if table is None:
            raise self.wrong(f"{place}.table", keys["table"], "请使用国家标准表名")
        if keys["source"] not in sources:
            raise self.wrong(f"{place}.source", keys["source"], f"请使用 sources 中的名称：{'、'.join(sources)}")
        known = {f.name for f in table.fields}
        fields = {}
        for name, value in self.of(keys["fields"], f"{place}.fields", dict).items():
            if name not in known:
                raise self.wrong(f"{place}.fields", name, f"{table.name} 没有这个字段，请检查拼写")
            fields[name] = self.field(value, f"{place}.fields.{name}")
        missing = [f.name for f in table.fields if f.required and f.name not in fields]
        if missing:
            raise self.wrong(f"{place}.fields", f"缺少 {'、'.join(missing)}", "请补上必需字段")
        unpivot = self.unpivot(keys["unpivot"], f"{place}.unpivot") if "unpivot" in keys else None
        return MappedTable(table.name, keys["source"], fields, unpivot)

    def unpivot(self, content: Any, place: str) -> Unpivot:
        keys = self.keys(content, place, {"columns", "value", "number"}, set())
        return Unpivot(self.names(keys["columns"], f"{place}.columns"), str(keys["value"]), str(keys["number"]))

    def field(self, content: Any, place: str) -> MappedField:
        if isinstance(content, str):
            return MappedField((content,))
        if isinstance(content, dict) and set(content) == {"value"}:
            return MappedField(value=str(content["value"]))
        keys = self.keys(content, place, {"from"}, {"do"})
        origin = [keys["from"]] if isinstance(keys["from"], str) else keys["from"]
        columns = self.names(origin, f"{place}.from")
        steps = tuple(
            self.step(step, f"{place}.do[{i}]", len(columns) if i == 1 else 1)
            for i, step in enumerate(self.of(keys.get("do", []), f"{place}.do", list), 1)
        )
        if len(columns) > 1 and not steps:
            raise self.wrong(f"{place}.from", "多列", "多列须用 concat、sum 或 first_non_empty 合成一列")
        return MappedField(columns, steps)

    def step(self, content: Any, place: str, columns: int) -> tuple[str, Any]:
        named = isinstance(content, dict) and len(content) == 1
        name, argument = next(iter(content.items())) if named else (content, True)
        function = FUNCTIONS.get(name) if isinstance(name, str) else None
        if function is None:
            raise self.wrong(place, name, f"只能使用这些函数：{'、'.join(FUNCTIONS)}")
        if isinstance(argument, str) and argument.startswith("$"):
            if argument[1:] not in self.constants:
                raise self.wrong(place, argument, "constants 中没有这个常量")
            argument = self.constants[argument[1:]]
        if type(argument) is not function.argument:
            raise self.wrong(place, argument, f"函数 {name} 的参数类型应为{_WORDS[function.argument.__name__]}")
        if columns > 1 and not function.several:
            raise self.wrong(place, name, "这个函数只处理一列")
        if isinstance(argument, dict):
            argument = {str(k): str(v) for k, v in argument.items()}
        return name, argument

    def keys(self, content: Any, place: str, needed: set[str], allowed: set[str]) -> dict[str, Any]:
        keys: dict[str, Any] = self.of(content, place, dict)
        for name in needed - keys.keys():
            raise self.wrong(f"{place}.{name}".strip("."), "缺少", "请补上这一项")
        for name in keys.keys() - needed - allowed:
            raise self.wrong(f"{place}.{name}".strip("."), "多余", "不认识这一项，请删去或检查拼写")
        return keys

    def names(self, content: Any, place: str) -> tuple[str, ...]:
        if not all(isinstance(name, str) for name in self.of(content, place, list)):
            raise self.wrong(place, content, "应为列名的列表")
        return tuple(content)

    def of(self, content: Any, place: str, kind: type) -> Any:
        if not isinstance(content, kind):
            raise self.wrong(place or "全文", type(content).__name__, f"应为{_WORDS[kind.__name__]}")
        return content

    def wrong(self, place: str, seen: object, remedy: str) -> Refusal:
        return _refusal("映射文件有误", f"映射 {self.name}，{place}", str(seen)[:80], remedy)
