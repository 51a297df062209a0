"""Reporting back: what stands at one moment, numbered, in the sender's order, the same for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import xlsxwriter
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.foreign.models import Feedback, FeedbackRow, ReceivedList
from fundguard.web.foreign.outcomes import RowOutcome, outcomes
from fundguard.web.foreign.publishing import LEDGER_KIND
from fundguard.web.ledger.services import record

BATCH = 500
#: Heading, width in characters, whether it is money.
COLUMNS = (
    ("来文序号", 12, False),
    ("文件行号", 9, False),
    ("规则或问题名称", 26, False),
    ("定点机构编号", 16, False),
    ("结算ID", 22, False),
    ("就诊ID", 22, False),
    ("明细记账流水号", 22, False),
    ("来文金额（元）", 14, True),
    ("匹配", 14, False),
    ("办理结果", 20, False),
    ("是否办结", 9, False),
    ("认定金额（元）", 14, True),
    ("办结日期", 12, False),
    ("理由", 40, False),
    ("疑点编号", 18, False),
)


@transaction.atomic
def report_back(viewer: Viewer, one: ReceivedList) -> Feedback:
    """What can be told now of every row, as a numbered feedback. Refuses a list that is not ready."""
    locked = ReceivedList.objects.select_for_update().get(pk=one.pk)
    if locked.state != ReceivedList.State.READY:
        raise Refusal("清单还没有接收完，不能反馈", where=locked.number, remedy="请等待匹配完成。")
    last = locked.feedbacks.aggregate(last=Max("serial"))["last"] or 0
    made = Feedback.objects.create(
        of=locked,
        serial=last + 1,
        made_at=timezone.now(),
        made_by=viewer.user,
        rows_told=0,
        rows_closed=0,
        content_hash="",
    )
    digest = hashlib.sha256()
    told = iter(outcomes(locked.rows.order_by("place")))
    while some := list(islice(told, BATCH)):
        FeedbackRow.objects.bulk_create(_kept(made, outcome) for outcome in some)
        made.rows_told += len(some)
        made.rows_closed += sum(outcome.closed for outcome in some)
        for outcome in some:
            digest.update(_line(outcome))
    made.content_hash = digest.hexdigest()
    made.save(update_fields=["rows_told", "rows_closed", "content_hash"])
    detail = {"行数": made.rows_told, "办结": made.rows_closed, "内容散列": made.content_hash}
    record(
        viewer.user, "出具反馈", LEDGER_KIND, locked.number, region=locked.region, detail=detail | {"反馈": made.number}
    )
    return made


def _kept(made: Feedback, told: RowOutcome) -> FeedbackRow:
    return FeedbackRow(
        feedback=made,
        row=told.row,
        outcome=told.outcome,
        closed=told.closed,
        amount_fen=told.amount_fen,
        settled_on=told.settled_on,
        ground=told.ground,
        findings="、".join(told.numbers)[:200],
    )


def _line(told: RowOutcome) -> bytes:
    day = told.settled_on.isoformat() if told.settled_on else ""
    said = [told.row.place, told.outcome, told.closed, told.amount_fen, day, told.ground, *told.numbers]
    return json.dumps(said, ensure_ascii=False).encode() + b"\n"


def write_feedback(made: Feedback, path: Path) -> None:
    """The workbook of a feedback, drawn from what was kept."""
    one = made.of
    when = f"{timezone.localtime(made.made_at):%Y-%m-%d %H:%M}"
    head = [
        f"反馈 {made.number}　来文 {one.document}　{one.sender}　{one.title}",
        f"共 {made.rows_told:,} 行，办结 {made.rows_closed:,} 行；出具于 {when}",
    ]
    rows = made.rows.select_related("row").order_by("row__place").iterator(chunk_size=2000)
    _write(path, head, (_cells(told) for told in rows))


def write_rows(one: ReceivedList, told: Iterable[RowOutcome], path: Path) -> None:
    """The workbook of the rows as they stand now, no feedback."""
    kept = (_cells(_kept(Feedback(of=one), outcome)) for outcome in told)
    _write(path, [f"{one.number}　{one.title}　（办理情况，未出具反馈）"], kept)


def _cells(told: FeedbackRow) -> Sequence[str | int | None]:
    row = told.row
    return (
        row.serial,
        str(row.line),
        row.named,
        row.fixmedins_code,
        row.setl_id,
        row.mdtrt_id,
        row.bkkp_sn,
        row.amount_fen,
        row.get_state_display(),
        told.outcome,
        "是" if told.closed else "否",
        told.amount_fen,
        told.settled_on.isoformat() if told.settled_on else "",
        told.ground,
        told.findings,
    )


def _write(path: Path, head: Sequence[str], rows: Iterator[Sequence[str | int | None]]) -> None:
    """Text stays text: what begins like a formula is none."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
        money = book.add_format({"num_format": "#,##0.00"})
        sheet = book.add_worksheet("反馈")
        for place, (_, width, _) in enumerate(COLUMNS):
            sheet.set_column(place, place, width)
        for line, text in enumerate(head):
            sheet.write_string(line, 0, text)
        for place, (heading, _, _) in enumerate(COLUMNS):
            sheet.write_string(len(head), place, heading, bold)
        sheet.freeze_panes(len(head) + 1, 0)
        for line, cells in enumerate(rows, start=len(head) + 1):
            for place, cell in enumerate(cells):
                if COLUMNS[place][2]:
                    if cell is not None:
                        sheet.write_number(line, place, cell / 100, money)
                else:
                    sheet.write_string(line, place, str(cell or ""))
