"""The workbook of a version: every point that it adds, changes or ends, in words."""

from __future__ import annotations

from pathlib import Path

from fundguard.knowledge.difference import KINDS
from fundguard.web.fund.excel import TEXT, Sheet, write
from fundguard.web.knowledge_base.models import Proposal

_COLUMNS = [
    ("变化", 10, TEXT),
    ("知识点编号", 22, TEXT),
    ("规则编码", 10, TEXT),
    ("名称", 30, TEXT),
    ("内容", 80, TEXT),
    ("原知识点", 22, TEXT),
]


def write_changes(one: Proposal, path: Path) -> None:
    rows = (
        (KINDS[row["kind"]], row["point"], row["rule"], row["name"], "；".join(row["told"]), row["former"])
        for row in one.changes
    )
    write([Sheet("变化", _COLUMNS, rows, total=False)], path)
