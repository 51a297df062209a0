"""What a command shows: tables and a progress bar for people on a terminal, one JSON object for machines."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

LABELS = {
    "read": "读入",
    "new": "新增",
    "changed": "更正",
    "unchanged": "未变",
    "withdrawn": "撤销",
    "quarantined": "隔离",
    "marked": "标记",
    "table": "表",
    "tables": "各表",
    "files": "各文件",
    "file": "文件",
    "name": "名称",
    "arrival": "批次",
    "unrecognised": "未识别的文件",
    "lines": "费用明细",
    "encounters": "就诊",
    "settlements": "结算",
    "persons": "人员",
    "institutions": "机构",
    "violations": "预设违规",
    "hard_negatives": "不应指控的对照",
    "seed": "随机种子",
    "seconds": "秒",
    "out": "文件夹",
    "run_id": "运行编号",
    "rules": "各规则",
    "findings": "疑点",
    "amount_fen": "违规金额（分）",
    "counted_fen": "计入金额（分）",
    "fund_amount_fen": "基金损失（分）",
    "not_evaluated": "未能判断",
    "errors": "运行出错的规则",
    "code": "编码",
    "rule_code": "规则编码",
    "verdict": "结果",
    "shape": "形状",
    "state": "状态",
    "version": "版本",
    "article": "依据",
    "message": "提示",
    "instrument": "文件名称",
    "number": "条款",
    "label": "要点",
    "value": "值",
    "unit": "单位",
    "tag": "核实程度",
    "source": "来源",
}
#: What long work calls while it runs: done and total in its own unit, and a word or count to show beside the bar.
Report = Callable[..., None]


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Table:
    """A table for people; whole numbers are right-aligned and grouped by thousands."""
    cells = [tuple(row) for row in rows]
    shown = Table(title=title, title_justify="left")
    for index, column in enumerate(columns):
        number = bool(cells) and all(isinstance(row[index], int) for row in cells)
        shown.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in cells:
        shown.add_row(*(_text(value) for value in row))
    return shown


def tables(title: str, record: object) -> list[Table]:
    """A result for people: its single values as one table, each list of records as a table of its own.

    Names are shown by their Chinese `LABELS`; a field without label is for machines only.
    """
    values = {LABELS[name]: value for name, value in _items(record) if name in LABELS and value is not None}
    single = {label: value for label, value in values.items() if not isinstance(value, (Mapping, list, tuple))}
    shown = [table(title, ("项目", "内容"), single.items())] if single else []
    for label, value in values.items():
        records = _records(value)
        if records:
            columns = [name for name, _ in _items(records[0]) if name in LABELS]
            rows = ([dict(_items(one)).get(name) for name in columns] for one in records)
            shown.append(table(label, (LABELS[name] for name in columns), rows))
    return shown


def answer(data: object, tables: Iterable[Table], *, as_json: bool) -> None:
    """Print `data` as one JSON object, or else the tables, to standard output."""
    if as_json:
        print(json.dumps(data, ensure_ascii=False, default=_plain))
        return
    console = Console()
    for shown in tables:
        console.print(shown)


@contextmanager
def progress(title: str) -> Iterator[Report]:
    """A progress bar on standard error where that is a terminal, silence otherwise."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[note]}"))
    with Progress(
        *columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task(title, total=None, note="")

        def report(done: int, total: int | None = None, note: object = "") -> None:
            bar.update(task, completed=done, total=total, note=_text(note))

        yield report


def _records(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return [{"name": name, **dict(_items(one))} for name, one in value.items() if _items(one)]
    return [one for one in value if _items(one)] if isinstance(value, (list, tuple)) else []


def _items(record: object) -> list[tuple[str, object]]:
    if dataclasses.is_dataclass(record):
        return [(field.name, getattr(record, field.name)) for field in dataclasses.fields(record)]
    return list(record.items()) if isinstance(record, Mapping) else []


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value:,}" if isinstance(value, int) else "" if value is None else str(value)


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, Path):
        return str(value)
    return str(value)
