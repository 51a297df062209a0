"""What-ifs as background work: a change of parameters, a replay of a version, the rules on trial; each run apart."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fundguard.audit.backtest import Side, backtest, read_comparison
from fundguard.audit.plans import RulesOf, chosen
from fundguard.audit.settings import change, read_settings
from fundguard.audit.versions import everywhere
from fundguard.errors import Refusal
from fundguard.knowledge import Knowledge
from fundguard.knowledge import of_region as knowledge_of
from fundguard.rules.rule import Rule
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.accounts.selectors import below
from fundguard.web.core import store
from fundguard.web.core.known import of_region
from fundguard.web.jobs import selectors as job_selectors
from fundguard.web.jobs import services as jobs
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Report
from fundguard.web.knowledge_base.models import Proposal
from fundguard.web.ledger.services import record
from fundguard.web.rulebase import in_force
from fundguard.web.rulebase.lookup import rule, rule_of
from fundguard.web.rulebase.models import Version, WhatIf
from fundguard.web.runs.pages import step_name
from fundguard.web.scorecard.narrowing import determined

KIND, LEDGER_KIND = "what_if", "规则试算"
Kind = WhatIf.Kind


@dataclass(frozen=True)
class Change:
    """What a what-if changes: parameters as `N31.days=30`, and a version of the knowledge that is not published yet."""

    codes: Sequence[str]
    settings: Sequence[str] = ()
    proposal: Proposal | None = None
    versions: Sequence[Version] = ()
    note: str = ""


def try_change(viewer: Viewer, region: str, asked: Change) -> WhatIf:
    """Change parameters or knowledge and see. Refuses what is no setting of these rules, before anything is queued."""
    given = [text.strip() for text in asked.settings if text.strip()]
    if not asked.codes or not (given or asked.proposal):
        raise Refusal("须写明规则和要改变的内容", where="试算", remedy="选一条以上规则，写参数或者选知识库版本")
    read_settings(given, _base_rules(asked.codes))
    where = (region, below(viewer, region))
    return _queue(viewer.user, Kind.WHAT_IF, where, replace(asked, settings=given))


def replay(viewer: Viewer, version: Version, region: str) -> WhatIf:
    """A version over the whole history against what is in force, and against what people determined."""
    where = (region, below(viewer, region))
    return _queue(viewer.user, Kind.REPLAY, where, Change([version.rule_code], versions=[version]))


def run_trials(folder: Path | None = None) -> list[WhatIf]:
    """Each version on trial, over its region; follows every published run, whose folder it is told."""
    started: list[WhatIf] = []
    if folder is not None and not json.loads((folder / "run.json").read_text("utf-8"))["rules"]:
        return started  # findings that came from elsewhere: no rule ran
    for placed in in_force.trials():
        regions = in_force.below(placed.region)
        queued = WhatIf.objects.filter(
            kind=Kind.TRIAL, region=placed.region, versions=placed.version, job__state=Job.State.WAITING
        )
        if not queued.exists():
            where = (placed.region, regions)
            started.append(_queue(None, Kind.TRIAL, where, Change([placed.rule_code], versions=[placed.version])))
    return started


def perform(job: Job, report: Report) -> dict[str, Any]:
    """The job: both runs and their comparison. A published finding is neither read nor touched."""
    one = WhatIf.objects.get(job_id=job.pk)
    shutil.rmtree(one.path, ignore_errors=True)
    one.path.parent.mkdir(parents=True, exist_ok=True)
    regions = job.parameters["regions"]
    as_is, changed, given = _sides(one, regions)
    with tempfile.TemporaryDirectory(prefix="fundguard-") as scratch:
        judged = Path(scratch) / "judged.parquet"
        _write_judged(judged, determined(one.rules, regions))
        backtest(
            store.opened(),
            one.path,
            as_is,
            changed,
            settings=given,
            regions=regions,
            judged=judged,
            progress=lambda done, total, name: report(done, total, step_name(name)),
        )
    told = read_comparison(one.path)
    one.told = {"rules": dict(told.rules), "total": dict(told.total)}
    one.finished_at = timezone.now()
    one.save(update_fields=["told", "finished_at"])
    moved = {move: numbers["findings"] for move, numbers in told.total["moved"].items()}
    record(one.created_by, f"{one.get_kind_display()}完成", LEDGER_KIND, one.number, region=one.region, detail=moved)
    return {"what_if": one.pk}


def _sides(one: WhatIf, regions: Collection[str]) -> tuple[Side | None, Side, Sequence[Any]]:
    """What is in force, and what it is compared with."""
    base = in_force.with_points(of_region)
    standing = in_force.rules_in_force(one.rules)
    as_is = Side(standing, base) if any(standing(region) for region in regions) else None
    versions = list(one.versions.all())
    if versions:
        trial = {placed.version_id: tuple(placed.institutions) for placed in in_force.trials()}
        own = [rule_of(version, trial.get(version.pk, ()) if one.kind == Kind.TRIAL else ()) for version in versions]
        return as_is, Side(everywhere(own), in_force.with_points(of_region, versions)), ()
    rules = _base_rules(one.rules)
    given = read_settings(one.settings, rules)
    proposed = in_force.with_points(partial(_proposed, one.proposal)) if one.proposal else base
    own, knowledge = change(rules, proposed, given)
    return (
        as_is,
        Side(_changed(standing, given) if as_is else everywhere(own), knowledge),
        given,
    )


def _changed(standing: RulesOf, given: Sequence[Any]) -> RulesOf:
    """The rules in force, each version with the settings on top."""

    def of(region: str) -> Sequence[Rule]:
        here = standing(region)
        own = [one for one in given if one.rule_code in {rule.code for rule in here}]
        return change(here, of_region, own)[0]

    return of


def _proposed(folder: str, region: str) -> Knowledge:
    """What would hold in a region after a version of the knowledge; what holds now where it does not reach."""
    proposal = Proposal.objects.get(folder=folder)
    if region not in in_force.below(proposal.region):
        return of_region(region)
    return knowledge_of(region, settings.KNOWLEDGE, proposal.path)


def _base_rules(codes: Sequence[str]) -> list[Rule]:
    found = [rule(code) for code in codes]
    return [one for one in found if one is not None] if all(found) else list(chosen(codes))


def _queue(user: User | None, kind: str, where: tuple[str, Collection[str]], asked: Change) -> WhatIf:
    region, regions = where
    if not regions:
        raise Refusal("区划不在本账号的管理范围内", where="区划", remedy="请选择本级或者下级区划")
    store.opened()
    with transaction.atomic():
        if kind != Kind.TRIAL and job_selectors.any_active(KIND):
            raise Refusal("已有一次试算正在进行", where="规则试算", remedy="请等待其完成或先取消，再发起新的试算。")
        title = f"{Kind(kind).label} {'、'.join(asked.codes[:3])}"
        job = jobs.start(KIND, title, user, region=region, regions=sorted(regions))
        made = WhatIf.objects.create(
            kind=kind,
            folder=f"what-if-{job.pk:06d}",
            job=job,
            region=region,
            rules=list(asked.codes),
            settings=list(asked.settings),
            proposal=asked.proposal.folder if asked.proposal else "",
            note=asked.note.strip()[:200],
            created_by=user,
        )
        made.versions.set(asked.versions)
        changed = [*asked.settings, *map(str, asked.versions), *([asked.proposal.number] if asked.proposal else [])]
        detail = {"规则": "、".join(asked.codes), "改变": "；".join(changed)}
        record(user, f"发起{Kind(kind).label}", LEDGER_KIND, made.number, region=region, detail=detail)
    return made


def _write_judged(target: Path, told: Mapping[str, bool]) -> None:
    table = pa.table(
        {"finding_key": pa.array(list(told), pa.string()), "upheld": pa.array(list(told.values()), pa.bool_())}
    )
    with duckdb.connect() as connection:
        connection.register("judged", table)
        connection.table("judged").write_parquet(str(target))
