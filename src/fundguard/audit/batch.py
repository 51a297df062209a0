"""One run over a store: the published rules of each region, their findings, and a record of what it stood on."""

from __future__ import annotations

import json
import resource
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from fundguard.audit import kept
from fundguard.audit.engines import EMBEDDED, Ask, Chosen, asking
from fundguard.audit.folder import whole
from fundguard.audit.inputs import inputs, run_id
from fundguard.audit.plans import RegionPlan, RulesOf, Unset, chosen, plans, regions_of, where_published
from fundguard.audit.recalled import Recalled
from fundguard.claims.store import Store
from fundguard.claims.store.manifest import Manifest
from fundguard.claims.store.views import Origin
from fundguard.engines.duckdb import refusal
from fundguard.engines.script import Fault, Progress
from fundguard.errors import Refusal
from fundguard.findings.gate import CHECKS
from fundguard.findings.publish import Published, Stamp, merge, publish
from fundguard.knowledge import Knowledge, of_region
from fundguard.law import Value
from fundguard.rules.compiler import create_answer_tables
from fundguard.rules.rule import Rule

PUBLISHING = "publish"


@dataclass(frozen=True)
class RunResult:
    """A finished run: its folder, per rule what `run.json` tells of it, findings in all, seconds."""

    run_id: str
    out: Path
    rules: Mapping[str, Mapping[str, Any]]
    findings: int
    seconds: float

    @property
    def failed(self) -> tuple[str, ...]:
        """Codes of rules that gave no answer in some region."""
        return tuple(code for code, told in self.rules.items() if told["errors"])


@dataclass
class _Done:
    """What the groups of regions gave, in order."""

    groups: list[tuple[RegionPlan, dict[str, Fault], Published]] = field(default_factory=list)
    steps: list[tuple[str, float]] = field(default_factory=list)


@dataclass(frozen=True)
class _Reader:
    """How the store is opened, and where the rules are asked."""

    store: Store
    known_on: date | None
    origin: Origin
    threads: int
    memory: str
    engine: Chosen

    def connect(self) -> duckdb.DuckDBPyConnection:
        return self.store.connect(known_on=self.known_on, origin=self.origin, threads=self.threads, memory=self.memory)

    def kept(self, connection: duckdb.DuckDBPyConnection, progress: Progress | None) -> frozenset[str]:
        """The steps whose tables are kept; none of data as they were known on a day, and none for another engine."""
        if self.known_on is not None or self.engine.name != "duckdb":
            return frozenset()
        return kept.attach(connection, self.store, self.origin, progress)

    def manifests(self) -> list[Manifest]:
        return [m for m in self.store.manifests() if self.known_on is None or m.received.date() <= self.known_on]


def audit(  # noqa: PLR0913 (the choices of a run)
    store: Store,
    out: Path,
    *,
    rules: Collection[str] | RulesOf | None = None,
    knowledge: Callable[[str], Knowledge] = of_region,
    regions: Collection[str] | None = None,
    known_on: date | None = None,
    origin: Origin = "derived",
    progress: Progress | None = None,
    threads: int = 2,
    memory: str = "1GB",
    recalled: Sequence[Recalled] = (),
    engine: Chosen = EMBEDDED,
) -> RunResult:
    """Runs the published rules of each region over the store and writes the run into the new folder `out`.

    `rules` are codes, all published ones if not given, or a function that tells the rules in force in a region (shipped
    and local, in the versions that hold there); `knowledge` tells what knowledge holds in a region. `regions` are
    divisions or their beginnings: all data are read, findings of these places of treatment are written. `known_on`
    reads what was known at the end of that day. What is `recalled` is not asked there. Another `engine` than DuckDB
    reads the Parquet files, whatever `origin` says, and gives the same findings, evidence and gaps, to the byte.
    The same store, rules, knowledge, law and code give the same bytes in every file but `timing.json`. Raising from
    `progress` cancels. Refuses an `out` that holds anything, unknown rule codes, a store without settlements.
    """
    started = time.monotonic()
    reader = _Reader(store, known_on, origin if engine.name == "duckdb" else "parquet", threads, memory, engine)
    with whole(out) as part:
        try:
            in_force = rules if callable(rules) else where_published(chosen(rules))
            told, done = _run(reader, part, (in_force, knowledge, tuple(recalled)), regions, progress)
        except duckdb.Error as error:
            raise refusal(error, PUBLISHING) from error
        seconds = time.monotonic() - started
        _write(part / "run.json", told)
        _write(part / "timing.json", _timing(seconds, done.steps))
    return RunResult(told["run_id"], out, told["rules"], sum(p.findings for _, _, p in done.groups), seconds)


def _run(
    reader: _Reader,
    part: Path,
    asked: tuple[RulesOf, Callable[[str], Knowledge], Sequence[Recalled]],
    wanted: Collection[str] | None,
    progress: Progress | None,
) -> tuple[dict[str, Any], _Done]:
    rules, knowledge, recalled = asked
    manifests = reader.manifests()
    with reader.connect() as connection:
        law_day = day_of_law(connection, manifests)
        places = regions_of(connection, wanted)
        known = {place: knowledge(place) for place in places}
        contents = {one.version for one in known.values()}
        told = inputs(connection, manifests, law_day=law_day, knowledge=sorted(contents))
        if signed := {name for one in known.values() for name in one.signed}:
            told["knowledge_versions"] = sorted(signed)
        if recalled:
            told["recalled"] = sorted((one.told() for one in recalled), key=str)
        groups = plans(places, rules, knowledge, law_day, recalled)
        if not groups:
            raise Refusal(
                "没有可运行的规则",
                seen=f"地区 {len(places)} 个",
                remedy="请确认数据含有这些地区，且规则已在这些地区发布。",
            )
        ran = {(rule.code, rule.content_hash): rule for group in groups for rule in group.rules}.values()
        number_of_run = run_id(told, ran, places)
        done = _Done()
        ready = reader.kept(connection, progress)
        with asking(reader.engine, reader.store, manifests, progress) as ask:
            for number, group in enumerate(groups):
                target = part if len(groups) == 1 else part / f"group{number}"
                target.mkdir(exist_ok=True)
                everywhere = wanted is None and len(groups) == 1
                stamp = Stamp(number_of_run, group.knowledge_version)
                resting = replace(group, plan=group.plan.resting_on(ready))
                with connection.cursor() as own:  # sees the same claims; its temporary tables end with it
                    _group(own, resting, (target, stamp, everywhere), done, ask)
        told["engine"] |= ask.told  # after the run's id: the engines agree
    if len(groups) > 1:
        folders = [part / f"group{number}" for number in range(len(groups))]
        merge(folders, part)
        for folder in folders:
            shutil.rmtree(folder)
    return {"run_id": number_of_run, "inputs": told, "regions": list(places)} | _answers(ran, done), done


def _group(
    connection: duckdb.DuckDBPyConnection,
    group: RegionPlan,
    target: tuple[Path, Stamp, bool],
    done: _Done,
    ask: Ask,
) -> None:
    folder, stamp, everywhere = target
    connection.execute(create_answer_tables())
    kept.show(connection)
    outcome = ask(connection, group.plan)
    faults = {**group.faults, **outcome.faults}
    able = [rule for rule in group.rules if rule.code not in faults]
    started = time.monotonic()
    regions = None if everywhere else group.regions
    published = publish(connection, folder, able, stamp, limits=group.limits, regions=regions, without=group.without)
    done.steps += [*outcome.seconds, (PUBLISHING, time.monotonic() - started)]
    done.groups.append((group, faults, published))


def day_of_law(connection: duckdb.DuckDBPyConnection, manifests: Sequence[Manifest]) -> date:
    """The last day of settlement in the data, not after the last arrival: law is read as of the acts, not of today."""
    row = connection.execute("SELECT CAST(max(setl_time) AS DATE) FROM setl_d").fetchone()
    if row is None or row[0] is None:
        raise Refusal(
            "数据仓库中没有结算信息，无法核查", remedy="请先用 fundguard import 导入结算、就诊和费用明细数据。"
        )
    last: date = row[0]
    return min(last, manifests[-1].received.date())


def _answers(ran: Iterable[Rule], done: _Done) -> dict[str, Any]:
    versions: dict[str, list[Rule]] = {}
    for rule in sorted(ran, key=lambda one: (one.code, one.version, one.content_hash)):
        versions.setdefault(rule.code, []).append(rule)
    rules = {code: _rule(some, done) for code, some in versions.items()}
    findings = sum(published.findings for _, _, published in done.groups)
    checks = {check.name: sum(published.gate[check.name] for _, _, published in done.groups) for check in CHECKS}
    gated = sum(published.gated for _, _, published in done.groups)
    rate = (gated * 10000 + findings // 2) // findings if findings else 0
    limits = [_limit(value, group.regions) for group, _, _ in done.groups for value in group.limits]
    told = {"findings": findings, "held": gated, "rate_e4": rate, "checks": checks, "limits": limits}
    return {"rules": rules, "findings": findings, "gate": told}


def _limit(value: Value, regions: Sequence[str]) -> dict[str, Any]:
    return {"regions": list(regions), "parameter": value.key, "value": value.value, "flagged": value.flagged}


def _rule(versions: Sequence[Rule], done: _Done) -> dict[str, Any]:
    """What `run.json` tells of a rule: where it gave answers, how many, and where and why it gave none.

    Where several versions ran, each in regions of its own, it says which ran where; the newest stands for the rule.
    """
    rule = versions[-1]
    told: dict[str, Any] = {
        "name": rule.name,
        "version": rule.version,
        "hash": rule.content_hash,
        "article": rule.article,
    }
    told |= {"regions": [], "errors": [], "unset": []}
    if len(versions) > 1:
        told["versions"] = [_version(one, done) for one in versions]
    for group, faults, published in done.groups:
        if rule.code in faults:
            told["errors"].append({"regions": list(group.regions)} | asdict(faults[rule.code]))
        elif rule.code in published.rules:
            told["regions"] += group.regions
            told["unset"] += [_unset(gap, group.regions) for gap in group.unset.get(rule.code, ())]
            for name, number in published.rules[rule.code].items():
                told[name] = told.get(name, 0) + number
    return told


def _version(rule: Rule, done: _Done) -> dict[str, Any]:
    own = [region for group, _, _ in done.groups if rule in group.rules for region in group.regions]
    return {"version": rule.version, "hash": rule.content_hash, "regions": own}


def _unset(gap: Unset, regions: Sequence[str]) -> dict[str, Any]:
    days = {"first": gap.first.isoformat(), "last": gap.last.isoformat()}
    return {"regions": list(regions), "parameter": gap.parameter} | days


def _timing(seconds: float, steps: Sequence[tuple[str, float]]) -> dict[str, Any]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "seconds": round(seconds, 3),
        "peak_memory_mb": peak,
        "steps": [{"name": name, "seconds": round(spent, 3)} for name, spent in steps],
    }


def _write(path: Path, told: dict[str, Any]) -> None:
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
