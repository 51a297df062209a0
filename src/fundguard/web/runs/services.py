"""Writes: start a run, do it in the background, compare it with the former one, hand it to the site."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fundguard.audit.batch import audit
from fundguard.audit.plans import RulesOf, chosen, where_published
from fundguard.audit.recalled import Recalled
from fundguard.claims.store import Store
from fundguard.errors import Refusal
from fundguard.findings.changes import changes
from fundguard.knowledge import Knowledge
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.selectors import wider
from fundguard.web.core import store
from fundguard.web.core.known import of_region
from fundguard.web.findings.selectors import taken_folders
from fundguard.web.jobs import selectors as job_selectors
from fundguard.web.jobs import services as jobs
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Report
from fundguard.web.ledger.services import record
from fundguard.web.runs.models import Run
from fundguard.web.runs.pages import step_name

KIND = "run"
#: What follows a published run: functions of its folder.
Effects = Sequence[Callable[[Path], object]]


@dataclass(frozen=True)
class InForce:
    """`rules` tells of codes (none: all) which versions are in force in a region, `knowledge` what holds there."""

    rules: Callable[[Collection[str]], RulesOf]
    knowledge: Callable[[], Callable[[str], Knowledge]]


def start_run(
    viewer: Viewer, *, region: str, regions: Collection[str], rules: Sequence[str] = (), known_on: date | None = None
) -> Run:
    """Queue a run over `regions` (codes below `region`). Refuses a second run at a time and a store without data."""
    store.opened()
    with transaction.atomic():
        if job_selectors.any_active(KIND):
            raise Refusal("已有一次核查正在进行", where="核查运行", remedy="请等待其完成或先取消，再发起新的核查。")
        job = jobs.start(KIND, f"核查 {region or '全部区划'}", viewer.user, region=region, regions=sorted(regions))
        run = Run.objects.create(
            folder=f"run-{job.pk:06d}",
            job_id=job.pk,
            region=region,
            rules=list(rules),
            known_on=known_on,
            created_by=viewer.user,
            created_at=timezone.now(),
        )
        detail = {"规则": "、".join(rules) or "全部已发布", "数据截至": str(known_on or "当前")}
        record(viewer.user, "发起核查", "核查运行", run.folder, region=region, detail=detail)
    return run


def perform(
    job: Job,
    report: Report,
    effects: Effects,
    recalled: Callable[[], Sequence[Recalled]] = tuple,
    in_force: InForce | None = None,
) -> dict[str, Any]:
    """The job of a run; what is `recalled` is not asked again. `in_force` tells the site's rules and knowledge."""
    standing = in_force or InForce(lambda codes: where_published(chosen(codes or None)), lambda: of_region)
    run = Run.objects.get(job_id=job.pk)
    audit(
        Store.open(settings.STORE),
        run.path,
        rules=standing.rules(run.rules),
        knowledge=standing.knowledge(),
        regions=job.parameters["regions"],
        known_on=run.known_on,
        progress=lambda done, total, name: report(done, total, step_name(name)),
        recalled=recalled(),
    )
    finish(run, effects)
    return {"run": run.pk}


def finish(run: Run, effects: Effects) -> None:
    """Record what a run's folder holds; publish it unless it looked at an earlier day's knowledge."""
    told = json.loads((run.path / "run.json").read_text("utf-8"))
    run.run_id, run.finished_at = told["run_id"], timezone.now()
    run.seconds = json.loads((run.path / "timing.json").read_text("utf-8"))["seconds"]
    published = Run.objects.filter(published=True, region__in=wider(run.region)).exclude(pk=run.pk)
    run.former = published.order_by("-pk").first()
    if run.former:
        run.changes = _changes(run.former.path, run.path)
    with transaction.atomic():
        if run.known_on is None:
            for effect in effects:
                effect(run.path)
            run.published = True
        run.save()
        detail = {"疑点": told["findings"], "规则": len(told["rules"])}
        record(run.created_by, "核查完成", "核查运行", run.folder, region=run.region, detail=detail)


def left_over() -> list[Path]:
    """Folders of finished runs that the site does not know, oldest first."""
    known = set(Run.objects.values_list("folder", flat=True)) | taken_folders()
    found = [path.parent for path in settings.RUNS.glob("*/run.json") if path.parent.name not in known]
    return sorted(found, key=lambda path: (path / "run.json").stat().st_mtime)


@transaction.atomic
def adopt(effects: Effects) -> list[Run]:
    """Take over the runs that the command line left."""
    taken = []
    for folder in left_over():
        made = datetime.fromtimestamp((folder / "run.json").stat().st_mtime, tz=timezone.get_current_timezone())
        run = Run.objects.create(folder=folder.name, created_at=made)
        finish(run, effects)
        taken.append(run)
    return taken


_CHANGES = """
SELECT coalesce(n.region, f.region, ''), c.change, count(*)
FROM compared AS c
LEFT JOIN read_parquet($new) AS n ON n.finding_key = c.finding_key
LEFT JOIN read_parquet($former) AS f ON f.finding_key = c.finding_key
GROUP BY ALL
"""


def _changes(former: Path, new: Path) -> dict[str, dict[str, int]]:
    """Region → change → findings; empty where the two cannot be compared."""
    try:
        compared = changes(former, new)
    except Refusal:
        return {}
    with duckdb.connect() as connection:
        connection.register("compared", compared)
        files = {"new": str(new / "findings.parquet"), "former": str(former / "findings.parquet")}
        counted: dict[str, dict[str, int]] = {}
        for region, change, number in connection.execute(_CHANGES, files).fetchall():
            counted.setdefault(region, {})[change] = number
    return counted


def record_export(viewer: Viewer, run: Run) -> None:
    """Who took the findings of which run out, limited to the viewer's regions."""
    region = viewer.user.region.code if viewer.user.region else ""
    record(viewer.user, "导出疑点", "核查运行", run.folder, region=region, detail={"范围": region or "全部区划"})
