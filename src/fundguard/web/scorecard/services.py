"""Writes: make the scorecard anew, decide a draft."""

from __future__ import annotations

import time
from typing import Any

from django.db import transaction
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.jobs import selectors as job_selectors
from fundguard.web.jobs import services as jobs
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Report
from fundguard.web.ledger.services import record
from fundguard.web.scorecard import counting, narrowing
from fundguard.web.scorecard.models import Counting, Narrowing, Tally

KIND = "scorecard"
LEDGER_KIND = "规则收窄建议"
BATCH = 500


def start(viewer: Viewer) -> Job:
    """Make the scorecard now. Refuses a second making at a time."""
    with transaction.atomic():
        if job_selectors.any_active(KIND):
            raise Refusal("规则记分正在统计", where="规则记分", remedy="请等待其完成后刷新页面。")
        return jobs.start(KIND, "统计规则记分", viewer.user)


def perform(job: Job, report: Report, recalled: counting.Recalled) -> dict[str, Any]:
    """The job: count, then draft."""
    report(0, 2, "正在统计")
    made = count(recalled)
    report(1, 2, "正在起草收窄建议")
    return {"findings": made.findings, "drafts": narrowing.draft()}


def count(recalled: counting.Recalled = tuple) -> Counting:
    """Replaces the table by what stands now, in one transaction: a reader sees the former one or this one."""
    began = time.monotonic()
    made = counting.tallies(recalled)
    with transaction.atomic():
        Tally.objects.all().delete()
        Tally.objects.bulk_create(made, batch_size=BATCH)
        spent = round((time.monotonic() - began) * 1000)
        return Counting.objects.create(
            made_at=timezone.now(), findings=sum(one.hits for one in made), milliseconds=spent
        )


@transaction.atomic
def decide(viewer: Viewer, draft: Narrowing, accept: bool, opinion: str) -> Narrowing:
    """A reviewer's word; the rule itself is changed in the rule base, never here. Refuses what was decided."""
    one = Narrowing.objects.select_for_update().get(pk=draft.pk)
    if one.state != Narrowing.State.OPEN:
        raise Refusal("这条建议已经审核", where=one.number, seen=one.get_state_display(), remedy="请刷新页面查看结果。")
    if not opinion.strip():
        raise Refusal("审核须写明意见", where=one.number, remedy="请写明采纳或不采纳的理由。")
    one.state = Narrowing.State.ACCEPTED if accept else Narrowing.State.DECLINED
    one.opinion, one.decided_by, one.decided_at = opinion.strip()[:500], viewer.user, timezone.now()
    one.save(update_fields=["state", "opinion", "decided_by", "decided_at"])
    detail = {"规则": one.rule_code, "特征": one.feature, "结果": one.get_state_display(), "意见": one.opinion}
    record(viewer.user, "审核规则收窄建议", LEDGER_KIND, one.number, region=one.region, detail=detail)
    return one
