"""What a what-if changes: parameters of a rule, or the limits that all its knowledge points state."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from fundguard.errors import Refusal
from fundguard.knowledge import LIMIT_TABLES, Knowledge
from fundguard.knowledge.schema import Column
from fundguard.rules.rule import Rule, with_parameters
from fundguard.rules.shape import shapes

KnowledgeOf = Callable[[str], Knowledge]


@dataclass(frozen=True)
class Setting:
    """`name` is a parameter of the rule's shape, or a column of the limits that its knowledge points state."""

    rule_code: str
    name: str
    value: int | str

    def told(self) -> dict[str, object]:
        return {"rule": self.rule_code, "name": self.name, "value": self.value}


def settable(rule: Rule) -> dict[str, str]:
    """What of a rule may be changed: name → what it is. Parameters first, then the limits of its knowledge."""
    shape = shapes()[rule.shape]
    columns = LIMIT_TABLES.get(shape.knowledge, {})
    limits = {name: f"知识点的 {name}" for name, column in columns.items() if column.number or column.values}
    return limits | {parameter.name: parameter.about for parameter in shape.parameters}


def read_settings(texts: Iterable[str], rules: Sequence[Rule]) -> list[Setting]:
    """`days=30`, or `N31.days=30` where several rules are asked. Refuses what is no setting of these rules."""
    return [_read(text, {rule.code: rule for rule in rules}) for text in texts]


def change(
    rules: Sequence[Rule], knowledge: KnowledgeOf, settings: Iterable[Setting]
) -> tuple[tuple[Rule, ...], KnowledgeOf]:
    """These rules and this knowledge as the settings would have them."""
    given: dict[str, dict[str, int | str]] = {}
    limits: list[Setting] = []
    by_code = {rule.code: rule for rule in rules}
    for one in settings:
        shape = shapes()[by_code[one.rule_code].shape]
        if one.name in {parameter.name for parameter in shape.parameters}:
            given.setdefault(one.rule_code, {})[one.name] = one.value
        else:
            limits.append(one)
    changed = tuple(with_parameters(rule, given[rule.code]) if rule.code in given else rule for rule in rules)
    return changed, _limited(knowledge, limits, by_code) if limits else knowledge


def _limited(knowledge: KnowledgeOf, limits: Sequence[Setting], rules: Mapping[str, Rule]) -> KnowledgeOf:
    made: dict[str, Knowledge] = {}

    def of(region: str) -> Knowledge:
        base = knowledge(region)
        if base.version not in made:
            made[base.version] = _with_limits(base, limits, rules)
        return made[base.version]

    return of


def _with_limits(base: Knowledge, limits: Sequence[Setting], rules: Mapping[str, Rule]) -> Knowledge:
    tables = dict(base.tables)
    for one in limits:
        name = shapes()[rules[one.rule_code].shape].knowledge
        tables[name] = _replaced(tables[name], one)
    content = base.version + repr(sorted((one.rule_code, one.name, str(one.value)) for one in limits))
    return replace(base, tables=tables, version=hashlib.sha256(content.encode()).hexdigest()[:16])


def _replaced(table: pa.Table, one: Setting) -> pa.Table:
    """The column with the new value where the rule's points state one; what they do not state stays unstated."""
    column = table[one.name]
    stated = pc.and_(pc.equal(table["rule_code"], one.rule_code), pc.is_valid(column))
    values = pc.if_else(stated, pa.scalar(one.value, column.type), column)
    return table.set_column(table.column_names.index(one.name), one.name, values)


def _read(text: str, rules: Mapping[str, Rule]) -> Setting:
    named, sign, value = (part.strip() for part in text.partition("="))
    code, dot, name = named.rpartition(".")
    if not sign or not value or not (dot or len(rules) == 1) or (dot and code not in rules):
        raise Refusal(
            "看不懂要改变的参数",
            where="参数",
            seen=text[:60],
            remedy="写成 名称=值；一次试算几条规则的，写成 规则编码.名称=值",
            exit_code=2,
        )
    rule = rules[code] if dot else next(iter(rules.values()))
    if name not in settable(rule):
        raise Refusal(
            "规则没有这个参数",
            where=rule.code,
            seen=name[:60],
            remedy=f"可以改变：{'、'.join(settable(rule)) or '没有'}",
            exit_code=2,
        )
    return Setting(rule.code, name, _typed(rule, name, value))


def _typed(rule: Rule, name: str, value: str) -> int | str:
    shape = shapes()[rule.shape]
    parameter = next((one for one in shape.parameters if one.name == name), None)
    if parameter is not None:
        typed = _whole(value, rule, name) if parameter.type == "int" else value
        with_parameters(rule, {name: typed})  # refuses what the shape does not take
        return typed
    return _limit(rule, name, value, LIMIT_TABLES[shape.knowledge][name])


def _limit(rule: Rule, name: str, value: str, column: Column) -> int | str:
    if column.values and value not in column.values:
        raise Refusal(
            "取值不在允许范围内",
            where=f"{rule.code} {name}",
            seen=value[:60],
            remedy=f"可取：{'、'.join(column.values)}",
        )
    if not column.number:
        return value
    number = _whole(value, rule, name)
    if number < column.least:
        raise Refusal("参数太小", where=f"{rule.code} {name}", seen=value, remedy=f"最小为 {column.least}")
    return number


def _whole(value: str, rule: Rule, name: str) -> int:
    try:
        number = int(value)
    except ValueError:
        number = 2**31
    if abs(number) >= 2**31:
        raise Refusal("参数要写整数", where=f"{rule.code} {name}", seen=value[:60], remedy="请写不太大的整数") from None
    return number
