"""Guarded reads of runs. A run over a wider region is seen, with the findings of the viewer's own regions only."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import duckdb
from django.db.models import Q, QuerySet

from fundguard.claims.tables import tables
from fundguard.findings.changes import CHANGES
from fundguard.findings.gate import CHECKS
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.selectors import above, own_regions, owned
from fundguard.web.core import store
from fundguard.web.core.tables import titled
from fundguard.web.runs.models import Run
from fundguard.web.runs.pages import Cause, Gate, Missing, Result, RuleError, RuleLine, step_name

CERTAIN, SUSPECTED = "明确违规", "可疑"
_BY_RULE = """
SELECT rule_code, count(*), count(*) FILTER (verdict = $certain), count(*) FILTER (verdict = $suspected),
  coalesce(sum(counted_fen), 0)::BIGINT
FROM read_parquet($file) WHERE list_contains($regions, coalesce(region, '')) GROUP BY ALL
"""
_BY_CAUSE = """
SELECT cause, count(*) FROM read_parquet($file) WHERE list_contains($regions, coalesce(region, ''))
GROUP BY ALL ORDER BY 2 DESC, 1
"""
_MISSING = """
SELECT rule_code, field, count(DISTINCT fixmedins_code), sum(count)::BIGINT
FROM read_parquet($file) WHERE list_contains($institutions, fixmedins_code) GROUP BY ALL ORDER BY 4 DESC, 1, 2
"""
_LIST = "SELECT * FROM read_parquet($file) WHERE list_contains($regions, coalesce(region, '')) ORDER BY finding_key"


_SET_IT = "由医保部门设定该日有效的参数后重新核查。"


def runs(viewer: Viewer) -> QuerySet[Run]:
    """Runs of the viewer's regions, of the divisions above, and over everything; newest first."""
    regions = viewer.regions | above(viewer)
    return Run.objects.filter(Q(region__in=regions) | Q(region="")).select_related("created_by", "job", "former")


def latest_published(viewer: Viewer) -> Run | None:
    """The newest published run that looked at all of the viewer's home region with all rules."""
    wide = above(viewer) | {"", viewer.user.region.code if viewer.user.region else ""}
    return runs(viewer).filter(published=True, rules=[], region__in=wide).first()


def result(viewer: Viewer, run: Run) -> Result:
    """What the run found in the viewer's regions. One statement a table of the page."""
    told = json.loads((run.path / "run.json").read_text("utf-8"))
    timing = json.loads((run.path / "timing.json").read_text("utf-8"))
    reach = owned(viewer)
    seen = [region for region in told["regions"] if region in reach]
    with duckdb.connect() as connection:
        values = {"file": str(run.path / "findings.parquet"), "regions": seen}
        verdicts = {"certain": CERTAIN, "suspected": SUSPECTED}
        counts = {code: rest for code, *rest in connection.execute(_BY_RULE, values | verdicts).fetchall()}
        causes = tuple(Cause(*row) for row in connection.execute(_BY_CAUSE, values).fetchall())
        values = {"file": str(run.path / "not_evaluated.parquet"), "institutions": institutions(viewer)}
        missing = connection.execute(_MISSING, values).fetchall()
    unknown: Counter[str] = Counter()
    for code, _, _, number in missing:
        unknown[code] += number
    spent: dict[str, float] = {}
    for step in timing["steps"]:
        spent[step_name(step["name"])] = spent.get(step_name(step["name"]), 0.0) + step["seconds"]
    names = {region.code: region.name for region in own_regions(viewer)}
    changed: Counter[str] = Counter()
    for region in reach:
        changed.update(run.changes.get(region, {}))
    return Result(
        rules=tuple(_rule(code, rule, counts.get(code), unknown[code]) for code, rule in told["rules"].items()),
        errors=tuple(_errors(told["rules"], seen)),
        missing=tuple(
            Missing(code, _rule_name(told, code), field_name(field), *rest) for code, field, *rest in missing
        ),
        causes=causes,
        changes=tuple((change, changed[change]) for change in CHANGES) if run.former else (),
        gate=_gate(told["gate"]) if len(seen) == len(told["regions"]) else None,
        regions=tuple(f"{names.get(code, '')}{code}" or "未注明" for code in seen),
        rows=tuple((titled(name), told["inputs"]["rows"][name]) for name in ("setl_d", "mdtrt_d", "fee_list_d")),
        arrivals=len(told["inputs"]["arrivals"]),
        law_day=told["inputs"]["law_day"],
        steps=tuple(spent.items()),
    )


def institutions(viewer: Viewer) -> list[str]:
    """Codes of the institutions in the viewer's regions."""
    statement = "SELECT DISTINCT fixmedins_code FROM fixmedins_b ORDER BY 1"
    return store.remembered(
        viewer, "codes", lambda connection: [code for (code,) in connection.execute(statement).fetchall()]
    )


def listed(viewer: Viewer, run: Run) -> Iterator[dict[str, Any]]:
    """The findings of the viewer's regions, in order of their keys, a thousand at a time."""
    with duckdb.connect() as connection:
        values = {"file": str(run.path / "findings.parquet"), "regions": sorted(owned(viewer))}
        cursor = connection.execute(_LIST, values)
        names = [column[0] for column in cursor.description]
        while rows := cursor.fetchmany(1000):
            yield from (dict(zip(names, row, strict=True)) for row in rows)


def rule_names(run: Run) -> dict[str, str]:
    told = json.loads((run.path / "run.json").read_text("utf-8"))
    return {code: rule["name"] for code, rule in told["rules"].items()}


def field_name(field: str) -> str:
    """A national field with what it means."""
    found = (f.meaning for table in tables().values() for f in table.fields if f.name == field)
    meaning = next(found, "")
    return f"{meaning} {field}" if meaning else field


def _rule(code: str, rule: dict[str, Any], counts: list[int] | None, unknown: int) -> RuleLine:
    return RuleLine(code, rule["name"], rule["article"], *(counts or (0, 0, 0, 0)), unknown, ran=bool(rule["regions"]))


def _errors(rules: dict[str, Any], seen: list[str]) -> Iterator[RuleError]:
    for code, rule in rules.items():
        for error in rule["errors"]:
            if set(error["regions"]) & set(seen):
                yield RuleError(code, rule["name"], error["what"], error["seen"], error["remedy"])
        for gap in rule.get("unset", ()):
            if set(gap["regions"]) & set(seen):
                days = f"{gap['first']} 至 {gap['last']}"
                yield RuleError(code, rule["name"], "部分日期没有设定参数，这些日期的行为不判", days, _SET_IT)


def _rule_name(told: dict[str, Any], code: str) -> str:
    return told["rules"].get(code, {}).get("name", "")


def _gate(told: dict[str, Any]) -> Gate:
    titles = {check.name: check.says for check in CHECKS}
    return Gate(
        findings=told["findings"],
        held=told["held"],
        rate=told["held"] * 100 / max(told["findings"], 1),
        checks=tuple((titles[name], n) for name, n in told["checks"].items() if n),
        demo=any(limit["flagged"] for limit in told.get("limits", ())),
    )
