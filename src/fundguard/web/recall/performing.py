"""The background work of a confirmed recall: batches of items, each whole or not at all, then the papers.

What is done is seen from the items themselves, so a worker that was killed goes on where the last batch ended.
"""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from fundguard.web.accounts.guard import Viewer
from fundguard.web.desk import items
from fundguard.web.desk import services as desk
from fundguard.web.desk.models import StateRow
from fundguard.web.findings.models import Finding
from fundguard.web.findings.services import withdraw_recalled
from fundguard.web.fund import recovering
from fundguard.web.fund.services import Voucher
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Report
from fundguard.web.ledger.services import record
from fundguard.web.recall import scope, telling
from fundguard.web.recall.models import Item, Recall
from fundguard.workflows.history import Actor

BATCH = 500
LEDGER_KIND = "规则撤回"


def perform(job: Job, report: Report) -> dict[str, Any]:
    """Withdraws what the recall concerns, then sends each institution its one paper."""
    recall = Recall.objects.get(job=job)
    viewer = Viewer(job.created_by)
    total = sum(1 for _ in scope.concerned(recall))
    done = 0
    while True:
        with transaction.atomic():
            looked = _batch(recall, viewer)
        if not looked:
            break
        done += looked
        report(done, total, f"已办 {done} 条")
    letters = telling.send(recall, viewer.user)
    _finish(recall, job)
    return {"withdrawn": recall.items.filter(outcome=Item.Outcome.WITHDRAWN).count(), "letters": letters}


def _batch(recall: Recall, viewer: Viewer) -> int:
    """Looks at no more than `BATCH` items in one transaction; how many."""
    barred = Item.objects.filter(recall=recall, outcome=Item.Outcome.BARRED).values_list("finding_key", flat=True)
    keys = list(islice(scope.concerned(recall, barred), BATCH))
    rows = scope.rows(scope.touched(recall), keys)
    known = items.items(rows)
    findings = Finding.objects.in_bulk([row.object_id for row in rows])
    at = timezone.now()
    who = items.actor(viewer, at)
    for row in rows:
        _one(recall, row, (known[row.object_id], findings[row.object_id]), (who, viewer, at))
    return len(rows)


def _one(recall: Recall, row: StateRow, told: tuple[items.Item, Finding], by: tuple[Actor, Viewer, datetime]) -> None:
    item, one = told
    who, viewer, at = by
    made = Item(
        recall=recall,
        finding_key=one.pk,
        rule_code=one.rule_code,
        region=one.region,
        fixmedins_code=one.fixmedins_code,
        institution_name=one.institution_name,
        state=row.state,
        told=row.notices.filter(revoked_at=None).exists(),
        amount_fen=row.amount_now_fen,
    )
    papers = {"reason": recall.reason, "recall_order": recall.number}
    try:
        with transaction.atomic():
            desk.taken_by(row, item, "withdraw", who, papers=papers, at=at, by=viewer.user, together=True)
            voucher = Voucher(timezone.localdate(at), recall.number, "规则撤回，随月度清算返还")
            made.deducted_fen = recovering.return_deductions(one.pk, voucher, viewer.user)
            made.owed_fen = recovering.owed_back(one.pk)
            withdraw_recalled(one, recall.number, viewer.user)
    except desk.Barred as refused:
        made.outcome, made.codes = Item.Outcome.BARRED, "、".join(bar.code for bar in refused.bars)[:80]
    else:
        made.outcome = Item.Outcome.WITHDRAWN
    made.save()


@transaction.atomic
def _finish(recall: Recall, job: Job) -> None:
    told = list(recall.items.all())
    barred = sum(one.outcome == Item.Outcome.BARRED for one in told)
    if not barred:
        recall.done_at = timezone.now()
        recall.save(update_fields=["done_at"])
    detail = {
        "撤回": len(told) - barred,
        "未能撤回": barred,
        "随清算返还（分）": sum(one.deducted_fen for one in told),
        "应返还（分）": sum(one.owed_fen for one in told),
    }
    record(job.created_by, "完成规则撤回", LEDGER_KIND, recall.number, region=recall.region, detail=detail)
