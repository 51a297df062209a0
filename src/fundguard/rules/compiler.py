"""From rules and knowledge to statements: preconditions once, then one step for all rules of a shape.

The compiler knows no engine. It gives the SQL (portable subset) in the order it must run and the small tables that
the SQL reads; an engine loads the tables, runs `staging`, then each of `shapes`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fundguard import law
from fundguard.errors import Refusal
from fundguard.knowledge import Knowledge, code_ranges
from fundguard.rules import tables
from fundguard.rules.rule import Rule
from fundguard.rules.shape import Shape, created, on_data_alone, shapes, statements_of

#: Columns of the two tables that every shape appends to (docs/explanation/contracts.md, 3).
HIT = (
    ("rule_code", "VARCHAR"), ("point", "VARCHAR"), ("verdict", "VARCHAR"), ("subject_kind", "VARCHAR"),
    ("subject_id", "VARCHAR"), ("anchor", "VARCHAR"), ("ref_table", "VARCHAR"), ("ref_key", "VARCHAR"),
    ("role", "VARCHAR"), ("amount_fen", "BIGINT"), ("seen", "VARCHAR"),
)  # fmt: skip
UNKNOWN = (
    ("rule_code", "VARCHAR"), ("field", "VARCHAR"), ("ref_table", "VARCHAR"), ("ref_key", "VARCHAR"),
    ("fixmedins_code", "VARCHAR"), ("day", "INTEGER"),
)  # fmt: skip
_ARROW = {"int": pa.int32(), "text": pa.string()}


@dataclass(frozen=True)
class Step:
    """Statements that run together, and the rules they serve (none for staging)."""

    name: str
    sql: str
    rules: tuple[str, ...]


#: A limit typed from prose and not yet signed by two people may raise a question, never more.
_CLOSING = Step(
    "unsigned_points",
    "UPDATE hit SET verdict = '可疑' WHERE verdict = '明确违规' "
    "AND EXISTS (SELECT 1 FROM unsigned_point AS u WHERE u.point = hit.point)",
    (),
)


@dataclass(frozen=True)
class Plan:
    """What one run executes: `tables` are loaded, `staging` runs in order, each shape in a transaction, `closing`."""

    staging: tuple[Step, ...]
    shapes: tuple[Step, ...]
    closing: tuple[Step, ...]
    tables: Mapping[str, pa.Table]
    kept: frozenset[str] = frozenset()

    def resting_on(self, kept: frozenset[str]) -> Plan:
        """The same plan where the connection already has the tables of these `data_steps`: it makes them no more."""
        shapes_left = tuple(
            _step(shapes()[step.name], step.rules, _name(shapes()[step.name]), kept=True) if step.name in kept else step
            for step in self.shapes
        )
        return replace(self, staging=staging(kept), shapes=shapes_left, kept=kept) if kept else self

    def alone(self, step: Step) -> tuple[Step, ...]:
        """The same step for each of its rules apart, to find the one that fails."""
        shape = shapes()[step.name]
        return tuple(
            _step(shape, (code,), f"(SELECT * FROM {_name(shape)} WHERE rule_code = '{code}')", step.name in self.kept)
            for code in step.rules
        )


def compile_rules(rules: Sequence[Rule], knowledge: Knowledge, *, region: str, overlays: tuple[Path, ...] = ()) -> Plan:
    """The plan for these rules in this region; of a law parameter each charge reads the value of its own day.

    `overlays` are a bureau's own parameters (`law.parameter`). Refuses a law parameter in a shape that reads no days.
    """
    by_shape: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=lambda r: r.code):
        by_shape.setdefault(rule.shape, []).append(rule)
    used = {name: shapes()[name] for name in sorted(by_shape)}
    loaded = {
        _name(shape): _knowledge(shape, by_shape[name], knowledge, (region, overlays)) for name, shape in used.items()
    }
    return Plan(
        staging=staging(),
        shapes=tuple(_step(shape, tuple(r.code for r in by_shape[name]), _name(shape)) for name, shape in used.items()),
        closing=(_CLOSING,),
        tables=tables.fixed() | _side_tables(rules, loaded) | loaded,
    )


@cache
def staging(kept: frozenset[str] = frozenset()) -> tuple[Step, ...]:
    """The preconditions: valid, settled, netted of refunds, paid by a fund; newborns apart; persons, stays, deaths."""
    steps = []
    for name, text in _staging_texts().items():
        made = len(on_data_alone(text)) if name in kept else 0
        if statements := statements_of(text)[made:]:
            steps.append(Step(name, ";\n".join(statements), ()))
    return tuple(steps)


def data_steps() -> tuple[Step, ...]:
    """What staging and shapes make of the data alone, whatever rules run; each statement one table or view."""
    parts = {name: on_data_alone(text) for name, text in _staging_texts().items()}
    parts |= {name: shape.on_data_alone for name, shape in shapes().items()}
    return tuple(Step(name, ";\n".join(statements), ()) for name, statements in parts.items() if statements)


@cache
def _staging_texts() -> Mapping[str, str]:
    folder = resources.files("fundguard.rules").joinpath("staging")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return {f.name.removesuffix(".sql"): f.read_text("utf-8") for f in files}


def create_answer_tables() -> str:
    """DDL of the empty `hit` and `unknown`."""
    return ";\n".join(
        f"CREATE TEMP TABLE {name} ({', '.join(f'{column} {kind}' for column, kind in columns)})"
        for name, columns in (("hit", HIT), ("unknown", UNKNOWN))
    )


def _name(shape: Shape) -> str:
    return f"k_{shape.name}"


def _step(shape: Shape, codes: tuple[str, ...], source: str, kept: bool = False) -> Step:
    statements = shape.statements[len(shape.on_data_alone) :] if kept else shape.statements
    drops = [f"DROP TABLE IF EXISTS {table}" for table in created(statements)]
    sql = ";\n".join([*drops, *statements]).replace("{knowledge}", source)
    return Step(shape.name, sql, codes)


def _knowledge(
    shape: Shape, rules: Sequence[Rule], knowledge: Knowledge, where: tuple[str, tuple[Path, ...]]
) -> pa.Table:
    """Knowledge rows of these rules, one row a rule where none are needed, with the rules' parameters as columns.

    `gravest` is the verdict that the rule may say.

    A row stands once for each span of days on which its parameters keep their values: [from_day, to_day).
    """
    codes = pa.array([r.code for r in rules], pa.string())
    if shape.knowledge == "none":
        always = {
            name: pa.array([day] * len(rules), pa.int64()) for name, day in (("from_day", _EVER), ("to_day", _ON))
        }
        table = pa.table({"rule_code": codes, **always})
    else:
        whole = knowledge.tables[shape.knowledge]
        renamed = whole.rename_columns([_RENAMED.get(name, name) for name in whole.column_names])
        table = renamed.filter(pc.is_in(renamed["rule_code"], value_set=codes))
    terms = {rule.code: _terms(shape, rule, *where) for rule in rules}
    rows: list[int] = []
    spans: list[tuple[int, int]] = []
    values: list[Mapping[str, Any]] = []
    stated = (table[name].to_pylist() for name in ("rule_code", "from_day", "to_day"))
    for row, (code, first, last) in enumerate(zip(*stated, strict=True)):
        for term in terms[code]:
            span = max(first, term.first), min(last, term.last)
            if span[0] < span[1]:
                rows.append(row)
                spans.append(span)
                values.append(term.values)
    table = table.take(pa.array(rows, pa.int64())).drop_columns(["from_day", "to_day"])
    for place, name in enumerate(("from_day", "to_day")):
        table = table.append_column(name, pa.array([span[place] for span in spans], pa.int64()))
    gravest = {rule.code: rule.gravest for rule in rules}
    said = [gravest[code] for code in table["rule_code"].to_pylist()]
    table = table.append_column("gravest", pa.array(said, pa.string()))
    for parameter in shape.parameters:
        column = pa.array([value[parameter.name] for value in values], _ARROW[parameter.type])
        table = table.append_column(parameter.name, column)
    return table


_RENAMED = {"point_id": "point", "med_list_codg": "item", "valid_from_day": "from_day", "valid_to_day": "to_day"}
_EPOCH = dt.date(1970, 1, 1)
_EVER, _ON = -(10**6), 10**6  # days before and after all others


@dataclass(frozen=True)
class _Term:
    """The parameters of a rule on the days [first, last)."""

    first: int
    last: int
    values: Mapping[str, Any]


def _terms(shape: Shape, rule: Rule, region: str, overlays: tuple[Path, ...]) -> list[_Term]:
    """The rule's parameters by days; days on which one of them has no value are left out."""
    terms = [_Term(_EVER, _ON, {})]
    for parameter in shape.parameters:
        given = rule.parameters[parameter.name]
        if not isinstance(given, dict):
            spans = [(_EVER, _ON, given)]
        elif shape.by_day:
            spans = [_span(period) for period in law.periods(given["law"], region=region, overlays=overlays)]
        else:
            raise Refusal(
                "该形状不按日取值，不能用法定参数",
                where=rule.code,
                seen=parameter.name,
                remedy="请先让形状按费用发生日选取参数",
            )
        terms = [
            _Term(max(t.first, first), min(t.last, last), {**t.values, parameter.name: value})
            for t in terms
            for first, last, value in spans
            if max(t.first, first) < min(t.last, last)
        ]
    return terms


def _span(period: law.Period) -> tuple[int, int, int]:
    last = (period.until - _EPOCH).days if period.until else _ON
    return (period.since - _EPOCH).days, last, period.value.value


def _side_tables(rules: Iterable[Rule], loaded: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    hit = [(r.code, i) for r in rules for i in r.parameters.get("insurance_hit", ())]
    clear = [(r.code, m) for r in rules for m in r.parameters.get("insurance_clear", ())]
    unsigned = {
        row["point"]
        for t in loaded.values()
        if "firm" in t.column_names
        for row in t.select(["point", "firm"]).to_pylist()
        if row["firm"] == 0
    }
    return {
        "unsigned_point": tables.text_table({"point": sorted(unsigned)}),
        **_triggers(loaded),
        "insurance_hit": tables.text_table({"rule_code": [c for c, _ in hit], "insutype": [str(i) for _, i in hit]}),
        "insurance_clear": tables.text_table(
            {"rule_code": [c for c, _ in clear], "med_type": [str(m) for _, m in clear]}
        ),
        **_code_tables(loaded),
        "way_allowed": _ways(loaded.get("k_attribute_limit")),
    }


def _code_tables(loaded: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The codes each point names as half-open ranges, and what the points about persons say of theirs."""
    ranges: set[tuple[str, str, str, str]] = set()
    persons: dict[str, Mapping[str, Any]] = {}
    for table in loaded.values():
        if "codes" not in table.column_names:
            continue
        for row in table.to_pylist():
            rule, point = row["rule_code"], row["point"]
            ranges.update((rule, point, *span) for span in code_ranges(row["codes"], point))
            if "source" in row:
                persons[point] = row
    names = ("rule_code", "point", "from_code", "to_code")
    told = [persons[point] for point in sorted(persons)]
    columns = {name: [row[name] for row in told] for name in ("point", "source", "sex")}
    years = {name: pa.array([row[name] for row in told], pa.int64()) for name in ("age_from_years", "age_to_years")}
    person_code = tables.text_table(columns)
    for name, column in years.items():
        person_code = person_code.append_column(name, column)
    return {
        "code_range": tables.text_table(
            {name: [row[place] for row in sorted(ranges)] for place, name in enumerate(names)}
        ),
        "person_code": person_code,
    }


def _ways(limits: pa.Table | None) -> pa.Table:
    """Which ways of treatment a point allows; buying in a pharmacy counts as outpatient."""
    served = {
        "allow_inpatient": ("inpatient",),
        "allow_emergency": ("emergency",),
        "allow_outpatient": ("outpatient", "pharmacy"),
    }
    points: list[str] = []
    ways: list[str] = []
    for row in limits.select(["point", *served]).to_pylist() if limits is not None else ():
        for flag, names in served.items():
            if row[flag] == 1:
                points.extend([row["point"]] * len(names))
                ways.extend(names)
    pairs = sorted(set(zip(points, ways, strict=True)))
    return tables.text_table({"point": [p for p, _ in pairs], "way": [w for _, w in pairs]})


def _triggers(loaded: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """What makes a charge or a person worth reading: an item of its own, a daily cap, a pair, a number of visits.

    What counts within a day is found on the day; items that count over a longer time are read wherever charged.
    """
    items: set[str] = set()
    caps: dict[str, int] = {}
    pairs: set[tuple[str, str]] = set()
    for table in loaded.values():
        columns = set(table.column_names)
        if "cap_e4" in columns:
            for row in table.select(["item", "cap_e4", "window", "per"]).to_pylist():
                if row["window"] == "day" and row["per"] is None:
                    caps[row["item"]] = min(row["cap_e4"], caps.get(row["item"], row["cap_e4"]))
                else:
                    items.add(row["item"])
        elif "code_a" in columns:
            for row in table.select(["code_a", "code_b", "window"]).to_pylist():
                if row["window"] in ("day", "session"):
                    pairs.add((row["code_a"], row["code_b"]))
                else:
                    items.update((row["code_a"], row["code_b"]))
        elif "item" in columns:
            items.update(table["item"].to_pylist())
    often = loaded["k_frequency"].filter(pc.field("way") != "inpatient") if "k_frequency" in loaded else None
    visits = often["limit"].to_pylist() if often is not None else []  # every stay is read anyway
    return {
        "known_item": tables.text_table({"item": sorted(items)}),
        "daily_cap": pa.table(
            {
                "item": pa.array(sorted(caps), pa.string()),
                "cap_e4": pa.array([caps[i] for i in sorted(caps)], pa.int64()),
            }
        ),
        "item_pair": tables.text_table(
            {"code_a": [a for a, _ in sorted(pairs)], "code_b": [b for _, b in sorted(pairs)]}
        ),
        "visit_limit": pa.table({"visits": pa.array(visits, pa.int64())}),
        "kind_limit": _kind_limits(loaded.get("k_kinds")),
        "supply_limit": _supply_limit(loaded.get("k_supply_days")),
    }


def _kind_limits(kinds: pa.Table | None) -> pa.Table:
    """The lowest number of kinds that is too many, by what is counted and each first letter of its codes."""
    least: dict[str, int] = {}
    for row in kinds.select(["counts", "limit"]).to_pylist() if kinds is not None else ():
        least[row["counts"]] = min(row["limit"], least.get(row["counts"], row["limit"]))
    rows = [(counts, letter, least[counts]) for counts in sorted(least) for letter in _LETTERS[counts]]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    kinds_of = {"counts": pa.string(), "letter": pa.string(), "kinds": pa.int64()}
    return pa.table({n: pa.array(c, kind) for (n, kind), c in zip(kinds_of.items(), columns, strict=True)})


def _supply_limit(supply: pa.Table | None) -> pa.Table:
    """The shortest limits of days of supply by way of treatment, in 10^-4 as charged; no row where no rule asks."""
    rows = supply.to_pylist() if supply is not None else []
    ways = {"chronic": ("chronic",), "emergency": ("emergency",), "other": ("outpatient", "take_home")}
    ways["least"] = tuple(name for names in ways.values() for name in names)
    least = {way: [10**4 * min(row[name] for row in rows for name in names)] for way, names in ways.items() if rows}
    return pa.table({way: pa.array(least.get(way, []), pa.int64()) for way in ways})


#: First letters of the codes of western drugs, patent Chinese drugs and herbs.
_LETTERS = {"drug": ("X", "Z"), "herb": ("T",)}
