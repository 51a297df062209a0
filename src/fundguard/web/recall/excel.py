"""The workbook of a recall: every item with what became of it and of its money."""

from __future__ import annotations

from pathlib import Path

from fundguard.web.findings import selectors as findings
from fundguard.web.fund.excel import MONEY, TEXT, Sheet, write
from fundguard.web.recall.models import Recall
from fundguard.workflows.regions import VARIANTS

_COLUMNS = [
    ("疑点编号", 16, TEXT),
    ("定点机构编号", 16, TEXT),
    ("定点机构名称", 28, TEXT),
    ("规则编码", 10, TEXT),
    ("撤回前环节", 18, TEXT),
    ("结果", 12, TEXT),
    ("未能撤回的原因", 20, TEXT),
    ("涉及金额（元）", 15, MONEY),
    ("随清算返还（元）", 15, MONEY),
    ("应返还（元）", 15, MONEY),
]


def write_recall(one: Recall, path: Path) -> None:
    names = {state.code: state.name for flow in VARIANTS.values() for state in flow.states}
    rows = (
        (
            findings.number(item.finding_key),
            item.fixmedins_code,
            item.institution_name,
            item.rule_code,
            names.get(item.state, item.state),
            item.get_outcome_display(),
            item.codes,
            item.amount_fen,
            item.deducted_fen,
            item.owed_fen,
        )
        for item in one.items.order_by("fixmedins_code", "pk").iterator(chunk_size=2000)
    )
    write([Sheet("撤回的疑点", _COLUMNS, rows)], path)
