"""Notices: what an institution is told, numbered; revoked where the finding falls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from fundguard.web.desk.models import Notice, StateRow
from fundguard.web.desk.services import Done
from fundguard.web.findings import selectors as findings

TITLES = {"ask_papers": "补充材料通知书", "notify": "疑点告知书"}


def number(row: StateRow, version: int) -> str:
    """The number of the notice that the step leading to `version` sends."""
    return f"GZ-{row.object_id[:10].upper()}-{version:02}"


def send(done: Done, issued: Sequence[tuple[str, str]] = ()) -> None:
    """One notice of the step; its text holds no person. `issued` are names and numbers of the papers sent with it."""
    row = done.row
    told = [f"文书：{'、'.join(f'{name} {number}' for name, number in issued)}"] if issued else []
    Notice.objects.create(
        row=row,
        version=row.version,
        number=number(row, row.version),
        title=TITLES.get(done.step.verb, done.step.name),
        text="\n".join([text(row, done.papers.get("papers_wanted", "")), *told]),
        fixmedins_code=row.fixmedins_code,
        sent_at=done.at,
    )


def revoke(done: Done) -> None:
    """Every notice of the item that is in force."""
    Notice.objects.filter(row=done.row, revoked_at=None).update(revoked_at=done.at)


def text(row: StateRow, wanted: str = "") -> str:
    """What the institution reads: which rule, how much, until when, and what is wanted of it."""
    rule = findings.rule_names().get(row.rule_code, row.rule_code)
    yuan = f"{row.amount_now_fen / 100:,.2f}"
    told = [f"疑点编号 {findings.number(row.object_id)}，规则 {row.rule_code} {rule}，涉及金额 {yuan} 元。"]
    if wanted:
        told.append(f"请补充以下材料：{wanted}")
    if row.due_at:
        last = timezone.localtime(row.due_at - timedelta(days=1))
        flag = f"（{row.due_flag}）" if row.due_flag else ""
        told.append(f"{row.due_term}至 {last:%Y-%m-%d} 止{flag}。")
    told.append("对疑点有不同意见的，可以在期限内申诉并提交材料；未答复不视为认可。")
    return "\n".join(told)
