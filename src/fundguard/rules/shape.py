"""A shape: one portable SQL pipeline that serves every rule of its kind.

A shape is one file `shapes/<name>.sql`: a YAML head in a comment (what it needs, what it may be told), then
statements that fill `hit` and `unknown`. `{knowledge}` stands for the table of knowledge rows joined with the
parameters of the rules that run (made by the compiler). The SQL keeps to the portable subset (`linter.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from fundguard.errors import Refusal

#: Ends the statements of a file that read nothing but national and fixed tables and each other (a test says so): their
#: answers may be kept until the data change.
ON_DATA_ALONE = "-- Above: from the data alone."
SCOPES = ("line", "encounter", "patient_window", "cross_patient", "population")
PARAMETER_TYPES = {"int": int, "text": str}


@dataclass(frozen=True)
class Parameter:
    """One thing a rule may tell its shape; `default` is used where the rule is silent (REQUIRED: it may not be)."""

    name: str
    type: str
    about: str
    required: bool
    default: Any
    one_of: tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    name: str
    title: str
    about: str
    scope: str
    window: str
    lookback_days: int
    subject: str
    knowledge: str
    parameters: tuple[Parameter, ...]
    statements: tuple[str, ...]
    on_data_alone: tuple[str, ...]

    @property
    def real_time(self) -> bool:
        """Can it be judged on one person's history alone?"""
        return self.scope in ("line", "encounter", "patient_window")

    @property
    def by_day(self) -> bool:
        """Does it read of its knowledge only the rows in force on the day of what it judges?"""
        return any(".from_day" in s and "{knowledge}" in s for s in self.statements)


@cache
def shapes() -> dict[str, Shape]:
    """All shapes by name."""
    folder = resources.files("fundguard.rules").joinpath("shapes")
    found = (_read(path.name, path.read_text("utf-8")) for path in folder.iterdir() if path.name.endswith(".sql"))
    return {shape.name: shape for shape in sorted(found, key=lambda s: s.name)}


def statements_of(text: str) -> tuple[str, ...]:
    """The statements of an SQL file without comments that stand on lines of their own."""
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return tuple(part.strip() for part in code.split(";") if part.strip())


def created(statements: Iterable[str]) -> tuple[str, ...]:
    """Tables that these statements create, to be dropped before they run again."""
    return tuple(s.split()[3] for s in statements if s.startswith("CREATE TEMP TABLE"))


def on_data_alone(text: str) -> tuple[str, ...]:
    """The statements of an SQL file above its mark `ON_DATA_ALONE`; none where it has no mark."""
    above, mark, _ = text.partition(ON_DATA_ALONE)
    return statements_of(above) if mark else ()


def _read(file_name: str, text: str) -> Shape:
    head, _, body = text.removeprefix("/*").partition("*/")
    data = yaml.load(head, Loader=yaml.CSafeLoader)
    if data["scope"] not in SCOPES or data["name"] + ".sql" != file_name:
        raise Refusal(
            "形状文件的名称或范围不合规定",
            where=file_name,
            seen=str(data.get("scope")),
            remedy=f"范围取 {'、'.join(SCOPES)} 之一",
        )
    return Shape(
        name=data["name"],
        title=data["title"],
        about=data["about"],
        scope=data["scope"],
        window=data["window"],
        lookback_days=data["lookback_days"],
        subject=data["subject"],
        knowledge=data["knowledge"],
        parameters=tuple(_parameter(name, spec) for name, spec in (data.get("parameters") or {}).items()),
        statements=statements_of(body),
        on_data_alone=on_data_alone(body),
    )


def _parameter(name: str, spec: dict[str, Any]) -> Parameter:
    return Parameter(
        name=name,
        type=spec["type"],
        about=spec["about"],
        required="default" not in spec,
        default=spec.get("default"),
        one_of=tuple(spec.get("one_of", ())),
    )
