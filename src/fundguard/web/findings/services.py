"""Writes: taking over a run, opening an identity, the export that runs in the background."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, MutableMapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from fundguard.claims.store import Store
from fundguard.errors import Refusal
from fundguard.findings.changes import EVIDENCE, NEW, UNTOUCHED, WITHDRAWN, changes
from fundguard.findings.excel import write_findings
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.core.sums import fold, keep_statistics
from fundguard.web.findings import forms, selectors, taking
from fundguard.web.findings.encounter import LEDGER_KIND
from fundguard.web.findings.models import Finding, FindingCount, TakenRun
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Report
from fundguard.web.ledger.services import record

REAPPEARED = "重新出现"
REASON_AT_LEAST = 6
EXPORT_KEPT = timedelta(hours=24)
#: How long an identity that was opened for a reason may be looked at without a new one.
OPENED_FOR = timedelta(minutes=10)
_OPENED = "identities"
_BATCH = 500
_KEPT = frozenset({"finding_key", "created_at"})


@transaction.atomic
def take_run(run_dir: Path) -> dict[str, int]:
    """Brings the findings of a run folder (below the folder of runs) onto the site; how many of each change.

    Per key: the same evidence is left untouched, other evidence replaces the former and the finding says so, a finding
    that is no longer there is withdrawn where its rule ran again. The same run again changes nothing. Refuses a run
    that does not know all data of a run taken before.
    """
    run_dir = Path(run_dir).resolve()
    if not run_dir.is_relative_to(settings.RUNS):
        raise Refusal("核查结果不在本系统的运行文件夹内", seen=run_dir.name, remedy="请从“核查运行”页面发起核查")
    now = timezone.now()
    run_id = json.loads((run_dir / "run.json").read_text("utf-8"))["run_id"]
    decided = _decided(run_dir)
    gone = set(Finding.objects.filter(state=Finding.State.WITHDRAWN).values_list("pk", flat=True))
    run, _ = TakenRun.objects.update_or_create(
        run_id=run_id, defaults={"folder": str(run_dir.relative_to(settings.RUNS)), "taken_at": now}
    )
    counts = Counter({UNTOUCHED: 0, EVIDENCE: 0, WITHDRAWN: 0, NEW: 0})
    fresh = []
    for row in taking.rows(Store.open(settings.STORE), run_dir):
        change, reason = decided.get(row["finding_key"], (NEW, ""))
        if row["finding_key"] in gone:
            change, reason = EVIDENCE, REAPPEARED
        counts[change] += 1
        if change != UNTOUCHED:
            fresh.append(_finding(row, run, now, f"{change}：{reason}" if reason else ""))
    _write(fresh)
    counts[WITHDRAWN] = _withdraw({k: why for k, (change, why) in decided.items() if change == WITHDRAWN}, now)
    if counts[NEW] or counts[EVIDENCE] or counts[WITHDRAWN]:
        record(None, "接收核查结果", "核查运行", run_id, detail=dict(counts))
    fold(FindingCount)
    keep_statistics(Finding)
    return dict(counts)


def _decided(run_dir: Path) -> dict[str, tuple[str, str]]:
    """Change and reason by key, each finding compared with the run that its present evidence came from."""
    told_by = dict(Finding.objects.values_list("pk", "run_id"))
    decided: dict[str, tuple[str, str]] = {}
    for former in TakenRun.objects.filter(pk__in=set(told_by.values())):
        table = changes(settings.RUNS / former.folder, run_dir)
        columns = (table[name].to_pylist() for name in ("finding_key", "change", "reason"))
        for key, change, reason in zip(*columns, strict=True):
            if told_by.get(key) == former.pk:
                decided[key] = (change, reason or "")
    return decided


def _finding(row: dict[str, Any], run: TakenRun, now: datetime, told: str) -> Finding:
    """`told` is empty for a new finding."""
    values = {name: value for name, value in row.items() if name != "run_id"}
    return Finding(**values, run=run, state=Finding.State.OPEN, told=told, created_at=now, changed_at=now)


def _write(fresh: list[Finding]) -> None:
    fields = [field.name for field in Finding._meta.concrete_fields if field.name not in _KEPT]
    Finding.objects.bulk_create(
        fresh, batch_size=_BATCH, update_conflicts=True, unique_fields=["finding_key"], update_fields=fields
    )
    for finding in fresh:
        if finding.told:
            _tell(finding.pk, finding.region, finding.told, finding.run_id)


def _withdraw(reasons: dict[str, str], now: datetime) -> int:
    withdrawn = 0
    keys = sorted(reasons)
    for start in range(0, len(keys), _BATCH):
        part = keys[start : start + _BATCH]
        for finding in Finding.objects.filter(pk__in=part, state=Finding.State.OPEN).only("pk", "region"):
            told = f"{WITHDRAWN}：{reasons[finding.pk]}"
            Finding.objects.filter(pk=finding.pk).update(state=Finding.State.WITHDRAWN, told=told, changed_at=now)
            _tell(finding.pk, finding.region, told, "")
            withdrawn += 1
    return withdrawn


def withdraw_recalled(finding: Finding, order: str, actor: User) -> None:
    """A finding whose rule or knowledge point was recalled stands no longer; the ledger names the recall."""
    told = f"{WITHDRAWN}：规则撤回 {order}"
    Finding.objects.filter(pk=finding.pk).update(state=Finding.State.WITHDRAWN, told=told, changed_at=timezone.now())
    record(actor, WITHDRAWN, LEDGER_KIND, finding.pk, region=finding.region, detail={"原因": f"规则撤回 {order}"})


def _tell(key: str, region: str, told: str, run_id: str) -> None:
    change, _, reason = told.partition("：")
    record(
        None, change, LEDGER_KIND, key, region=region, detail={"原因": reason} | ({"运行": run_id} if run_id else {})
    )


@transaction.atomic
def open_identity(viewer: Viewer, finding: Finding, reason: str, session: MutableMapping[str, Any]) -> None:
    """Lets this session look at the identity of the finding's person for `OPENED_FOR`; the ledger has the reason first.

    Refuses a reason that is too short or holds a number: the ledger keeps no clear identity.
    """
    reason = reason.strip()
    if len(reason) < REASON_AT_LEAST:
        raise Refusal("查看明文须写明理由", where="理由", remedy=f"请写明办理事项，至少 {REASON_AT_LEAST} 个字")
    if re.search(r"\d{8,}", reason):
        raise Refusal("理由中不能写证件号码或电话号码", where="理由", remedy="请只写办理事项和疑点编号")
    detail = {"理由": reason, "人员": finding.psn_key[-6:]}
    record(viewer.user, "查看明文身份", LEDGER_KIND, finding.pk, region=finding.region, detail=detail)
    now = timezone.now().timestamp()
    running = {key: until for key, until in session.get(_OPENED, {}).items() if until > now}
    session[_OPENED] = running | {finding.pk: now + OPENED_FOR.total_seconds()}


def opened_identity(finding: Finding, session: Mapping[str, Any]) -> tuple[dict[str, str], int]:
    """Clear name and numbers by national field name, and for how many seconds more. Refuses what is not open."""
    left = session.get(_OPENED, {}).get(finding.pk, 0) - timezone.now().timestamp()
    if left <= 0:
        raise Refusal(
            "没有打开明文身份，或查看时间已过", where=finding.number, remedy="请回到疑点页，填写理由后重新查看。"
        )
    return Store.open(settings.STORE).identity().of("person", finding.psn_key), int(left)


def export_path(job: Job) -> Path:
    return settings.DATA / "exports" / f"{job.pk}.xlsx"


def remove_old_exports() -> int:
    """Removes the files of exports that are older than `EXPORT_KEPT`; how many."""
    limit = (timezone.now() - EXPORT_KEPT).timestamp()
    old = [path for path in (settings.DATA / "exports").glob("*.xlsx") if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def export(job: Job, report: Report) -> dict[str, Any]:
    """Background work: the findings that match the job's filter, as its owner may see them, into an Excel file."""
    viewer = Viewer(job.created_by)
    found = selectors.matching(viewer, forms.wanted(QueryDict(job.parameters["query"]), viewer))
    total = found.count()
    path = export_path(job)
    path.parent.mkdir(parents=True, exist_ok=True)

    def told():
        for done, row in enumerate(selectors.export_rows(found)):
            report(done, total, "正在写入")
            yield row

    return {"rows": write_findings(told(), path, selectors.rule_names())}
