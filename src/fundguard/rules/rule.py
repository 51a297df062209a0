"""A rule: a shape, its parameters and knowledge, and what a finding of it may say. Read from one YAML file."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fundguard.errors import Refusal
from fundguard.rules.shape import PARAMETER_TYPES, Parameter, Shape, shapes

VERDICTS = ("明确违规", "可疑", "统计")
STATES = ("draft", "trial", "published", "retired")
CODE = re.compile(r"(N\d\d|L\d\d\d)")
REQUIRED = (
    "code",
    "name",
    "class",
    "shape",
    "verdict",
    "stages",
    "scenes",
    "article",
    "message",
    "papers",
    "state",
    "version",
    "valid_from",
)
OPTIONAL = (
    "former",
    "parameters",
    "verdict_limit",
    "limit_reason",
    "insurance",
    "valid_to",
    "regions",
    "derived_by",
    "notes",
    "institutions",
    "excepted",
)
LISTS = ("stages", "scenes", "papers", "insurance", "regions", "institutions")
DAYS = ("valid_from", "valid_to")
#: What a narrower rule may leave out: knowledge points of its own, institutions.
EXCEPTABLE = ("point", "fixmedins_code")
INT32 = 2**31


@dataclass(frozen=True)
class Rule:
    """One rule as published.

    `verdict` is the gravest a finding of it may say; `verdict_limit` lowers it further where claims cannot decide,
    and `limit_reason` says why. `parameters` values are what the shape declares, or `{law: name}` for a dated
    parameter of `fundguard.law`. `regions` are division prefixes it is published for, empty for all; `institutions`
    those whose conduct it judges, empty for all. `excepted` is what a narrower rule leaves out, by `EXCEPTABLE`.
    """

    code: str
    name: str
    klass: str
    shape: str
    verdict: str
    stages: tuple[str, ...]
    scenes: tuple[str, ...]
    article: str
    message: str
    papers: tuple[str, ...]
    state: str
    version: int
    valid_from: str
    valid_to: str | None
    former: str | None
    insurance: tuple[str, ...]
    regions: tuple[str, ...]
    verdict_limit: str | None
    limit_reason: str | None
    derived_by: str | None
    notes: str | None
    parameters: Mapping[str, Any]
    content_hash: str
    institutions: tuple[str, ...] = ()
    excepted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def subject_kind(self) -> str:
        return shapes()[self.shape].subject

    @property
    def gravest(self) -> str:
        return self.verdict_limit or self.verdict

    def published_in(self, region: str) -> bool:
        """Published, and its regions (any, where none is named) contain this division."""
        return self.state == "published" and (
            not self.regions or any(region.startswith(_prefix(r)) for r in self.regions)
        )


def _prefix(division: str) -> str:
    """The digits a province, city or county shares with everything in it: 990100 → 9901, 990110 → 990110."""
    return re.sub(r"(00)+$", "", division)


def read_rule(data: Mapping[str, Any], where: str) -> Rule:
    """A rule from its YAML mapping; refuses what is undeclared, missing or of the wrong type, naming file and field."""
    missing = [name for name in REQUIRED if name not in data]
    unknown = [name for name in data if name not in REQUIRED + OPTIONAL]
    if missing or unknown:
        raise Refusal(
            "规则文件的字段不合规定",
            where=where,
            seen=f"缺少 {missing}，多出 {unknown}",
            remedy="按 docs/how-to/add-a-rule.md 补齐或删除",
        )
    _typed(data, where)
    _one_of(data["verdict"], VERDICTS, where, "verdict")
    _one_of(data["state"], STATES, where, "state")
    _one_of(data["shape"], tuple(shapes()), where, "shape")
    if data.get("verdict_limit") is not None:
        _one_of(data["verdict_limit"], VERDICTS, where, "verdict_limit")
    if not CODE.fullmatch(data["code"]):
        raise Refusal(
            "规则编码不合规定", where=where, seen=data["code"], remedy="国家规则用 N01…N88，本地规则用 L001 起"
        )
    parameters = _parameters(data.get("parameters") or {}, shapes()[data["shape"]], where)
    content = json.dumps(dict(data), sort_keys=True, ensure_ascii=False, default=str)
    return Rule(
        code=data["code"],
        name=data["name"],
        klass=data["class"],
        shape=data["shape"],
        verdict=data["verdict"],
        stages=tuple(data["stages"]),
        scenes=tuple(data["scenes"]),
        article=data["article"],
        message=data["message"],
        papers=tuple(data["papers"]),
        state=data["state"],
        version=int(data["version"]),
        valid_from=str(data["valid_from"]),
        valid_to=str(data["valid_to"]) if data.get("valid_to") else None,
        former=data.get("former"),
        insurance=tuple(data.get("insurance", ())),
        regions=tuple(str(r) for r in data.get("regions", ())),
        verdict_limit=data.get("verdict_limit"),
        limit_reason=data.get("limit_reason"),
        derived_by=data.get("derived_by"),
        notes=data.get("notes"),
        parameters=parameters,
        content_hash=hashlib.sha256(content.encode()).hexdigest()[:32],
        institutions=tuple(data.get("institutions", ())),
        excepted={name: tuple(values) for name, values in sorted((data.get("excepted") or {}).items())},
    )


def with_parameters(rule: Rule, given: Mapping[str, Any]) -> Rule:
    """The rule with some of its parameters changed, as a what-if asks for; refuses what its shape does not take."""
    values = _parameters({**rule.parameters, **given}, shapes()[rule.shape], rule.code)
    content = json.dumps([rule.content_hash, values], sort_keys=True, ensure_ascii=False, default=str)
    return replace(rule, parameters=values, content_hash=hashlib.sha256(content.encode()).hexdigest()[:32])


def _typed(data: Mapping[str, Any], where: str) -> None:
    """Each field of its own type: what a pack or a form brings is as strictly read as what ships."""
    wrong = [name for name, value in data.items() if not _fits(name, value)]
    if wrong:
        raise Refusal(
            "规则字段的类型不对",
            where=f"{where} {wrong[0]}",
            seen=type(data[wrong[0]]).__name__,
            remedy="文字写文字，清单写清单，版本写整数，日期写 2026-01-31",
        )
    strange = [name for name in data.get("excepted") or {} if name not in EXCEPTABLE]
    if strange:
        raise Refusal(
            "不能按这个特征收窄规则", where=f"{where} excepted", seen=str(strange[0]), remedy="可用：知识点、定点机构"
        )


def _fits(name: str, value: Any) -> bool:
    return name in OPTIONAL if value is None else _KINDS.get(name, _is_text)(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < INT32


def _is_mapping(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(name, str) for name in value)


def _is_exception(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_list(one) for one in value.values())


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, dt.date | str) and bool(dt.date.fromisoformat(str(value)))
    except ValueError:
        return False


#: Field → what its value must be; any other is text.
_KINDS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(LISTS, _is_list),
    **dict.fromkeys(DAYS, _is_day),
    "version": _is_number,
    "parameters": _is_mapping,
    "excepted": _is_exception,
}


def _parameters(given: Mapping[str, Any], shape: Shape, where: str) -> dict[str, Any]:
    declared = {p.name: p for p in shape.parameters}
    extra = [name for name in given if name not in declared and name not in EXTRA_TABLES]
    if extra:
        raise Refusal(
            "形状没有这个参数",
            where=f"{where} parameters",
            seen="、".join(extra),
            remedy=f"{shape.name} 可用参数：{'、'.join(declared)}",
        )
    for name in EXTRA_TABLES:
        if not isinstance(given.get(name, []), list) or any(not isinstance(v, int | str) for v in given.get(name, ())):
            raise Refusal("参数类型不对", where=f"{where} parameters.{name}", remedy="应为编码的清单")
    values = {name: _value(p, given, where) for name, p in declared.items()}
    return values | {name: given[name] for name in EXTRA_TABLES if name in given}


#: Lists a rule may carry beside the parameters of its shape; the compiler turns each into a small table.
EXTRA_TABLES = ("insurance_hit", "insurance_clear")


def _value(parameter: Parameter, given: Mapping[str, Any], where: str) -> Any:
    if parameter.name not in given:
        if parameter.required:
            raise Refusal("规则缺少必填参数", where=f"{where} parameters", seen=parameter.name, remedy=parameter.about)
        return parameter.default
    value = given[parameter.name]
    if isinstance(value, dict) and set(value) == {"law"} and isinstance(value["law"], str):
        return value
    if value is not None and (isinstance(value, bool) or not isinstance(value, PARAMETER_TYPES[parameter.type])):
        raise Refusal(
            "参数类型不对",
            where=f"{where} parameters.{parameter.name}",
            seen=type(value).__name__,
            remedy=f"应为 {parameter.type}",
        )
    if isinstance(value, int) and not -INT32 <= value < INT32:
        raise Refusal(
            "参数超出范围", where=f"{where} parameters.{parameter.name}", seen=str(value), remedy="请写较小的整数"
        )
    if parameter.one_of:
        _one_of(value, parameter.one_of, where, f"parameters.{parameter.name}")
    return value


def _one_of(value: Any, allowed: tuple[str, ...], where: str, field: str) -> None:
    if value not in allowed:
        raise Refusal(
            "取值不在允许范围内", where=f"{where} {field}", seen=str(value), remedy=f"可取：{'、'.join(allowed)}"
        )
