"""What a command shows: tables and a progress bar for people on a terminal, one JSON object for machines."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

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
    "accepted": "入库",
    "marked": "标记的行",
    "reasons": "隔离的原因",
    "ignored_columns": "未用的列",
    "note": "备注",
    "count": "数量",
    "table": "表",
    "tables": "各表",
    "files": "各文件",
    "file": "文件",
    "name": "名称",
    "arrival": "批次",
    "unrecognised": "未识别的文件",
    "lines": "费用明细",
    "rows": "各表合计行数",
    "encounters": "就诊",
    "settlements": "结算",
    "persons": "人员",
    "institutions": "机构",
    "violations": "预设违规",
    "hard_negatives": "不应指控的对照",
    "gated": "指控门槛应拦下的",
    "seed": "随机种子",
    "form": "文件形式",
    "first": "首次交付各表的行数",
    "corrections": "更正交付各表的行数",
    "seconds": "秒",
    "lines_per_second": "每秒费用明细行数",
    "rows_per_second": "每秒行数（各表合计）",
    "out": "文件夹",
    "run_id": "运行编号",
    "rules": "各规则",
    "findings": "疑点",
    "amount_fen": "违规金额（元）",
    "counted_fen": "计入金额（元）",
    "fund_amount_fen": "基金损失（元）",
    "not_evaluated": "未能判断",
    "errors": "运行出错",
    "as_is": "现行疑点",
    "changed_to": "改变后疑点",
    "newly_hit": "新增命中",
    "let_off": "不再命中",
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
    "flag": "核实",
    "flagged": "注明",
    "ref": "编号",
    "cited": "引用",
    "klass": "类别",
    "stages": "阶段",
    "scenes": "场景",
    "papers": "申诉材料",
    "parameters": "参数",
    "verdict_limit": "结果上限",
    "limit_reason": "上限原因",
    "valid_from": "起用日期",
    "valid_to": "停用日期",
    "notes": "说明",
    "title": "全称",
    "document": "文号",
    "in_force_from": "施行日期",
    "in_force_to": "失效日期",
    "applies_on": "适用时点",
    "source": "来源",
    "scope": "范围",
    "rules_tested": "各规则的示例",
    "failures": "不符合的示例",
    "examples": "示例",
    "duckdb": "DuckDB",
    "sqlite": "SQLite",
    "spark": "Spark",
    "engine": "引擎",
    "example": "示例名称",
    "row": "行",
    "expected": "预期",
    "given": "所得",
}
#: What the names are in a result that holds records or counts by name; elsewhere a name is a name.
KEYS = {
    "rules": "code",
    "violations": "code",
    "hard_negatives": "code",
    "gated": "code",
    "tables": "table",
    "first": "table",
    "corrections": "table",
}
#: Columns of tables that are too wide for a terminal; `--json` has them all.
COLUMNS = {
    "rules": ("code", "name", "findings", "counted_fen", "not_evaluated", "errors"),
    "files": ("source", "table", "read", "quarantined", "ignored_columns", "note"),
}
ABSENT: tuple[object, ...] = (None, "", [], (), {})
VALUES = {"draft": "草稿", "trial": "试运行", "published": "已发布", "retired": "已停用"}
VALUES |= {"line": "费用", "encounter": "就诊", "patient_window": "个人", "cross_patient": "跨人", "population": "群体"}
#: What long work calls while it runs: done and total in its own unit, and a word or count to show beside the bar.
Report = Callable[..., None]


def answer(title: str, result: object, *, as_json: bool) -> None:
    """Print a result to standard output: as one JSON object, or as tables for people.

    A list of records is one table; of a single record its plain values are one table and each list in it another. Names
    are shown by their Chinese `LABELS`; what has no label, or no place in `COLUMNS`, is for machines only, and a
    column without any value is left out. Money (`…_fen`) is shown in yuan.
    """
    if as_json:
        print(json.dumps(result, ensure_ascii=False, default=_plain))
        return
    console = Console()
    for shown in _tables(title, result):
        console.print(shown)


def _tables(title: str, result: object) -> Iterator[Table]:
    if isinstance(result, list):
        yield _grid(title, [dict(_items(one)) for one in result])
        return
    values = {name: value for name, value in _items(result) if name in LABELS and value not in ABSENT}
    nested = {name: _records(value, KEYS.get(name, "name")) for name, value in values.items()}
    single = [(LABELS[name], _cell(name, value)) for name, value in values.items() if not nested[name]]
    if single:
        shown = Table(title=title, title_justify="left", show_header=False)
        for label, cell in single:
            shown.add_row(label, cell)
        yield shown
    yield from (_grid(LABELS[name], records, COLUMNS.get(name)) for name, records in nested.items() if records)


def _grid(title: str, records: list[dict[str, object]], columns: Sequence[str] | None = None) -> Table:
    shown = Table(title=title, title_justify="left")
    asked = columns or [name for name in (records[0] if records else {}) if name in LABELS]
    columns = [name for name in asked if any(record.get(name) not in ABSENT for record in records)]
    for name in columns:
        number = all(isinstance(record.get(name, 0), int) for record in records)
        narrow = number or name == "code"
        shown.add_column(LABELS[name], justify="right" if number else "left", overflow="fold", no_wrap=narrow)
    for record in records:
        shown.add_row(*(_cell(name, record.get(name)) for name in columns))
    return shown


@contextmanager
def progress(title: str) -> Iterator[Report]:
    """A progress bar on standard error where that is a terminal, silence otherwise."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[note]}"))
    with Progress(
        *columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task(title, total=None, note="")

        def report(done: int, total: int | None = None, note: object = "") -> None:
            bar.update(task, completed=done, total=total, note=_cell("note", note))

        yield report


def _records(value: object, key: str) -> list[dict[str, object]]:
    """A list of records, or records or counts by name (the name as `key`), as mappings; empty for anything else."""
    if isinstance(value, Mapping) and all(isinstance(one, int) for one in value.values()):
        return [{key: name, "count": one} for name, one in value.items()]
    if isinstance(value, Mapping) and all(_items(one) for one in value.values()):
        return [{key: name, **dict(_items(one))} for name, one in value.items()]
    if isinstance(value, (list, tuple)) and all(_items(one) for one in value):
        return [dict(_items(one)) for one in value]
    return []


def _items(record: object) -> list[tuple[str, object]]:
    if dataclasses.is_dataclass(record):
        return [(field.name, getattr(record, field.name)) for field in dataclasses.fields(record)]
    return list(record.items()) if isinstance(record, Mapping) else []


def _cell(name: str, value: object) -> str:
    if isinstance(value, (int, float)):
        return _number(name, value)
    if isinstance(value, Mapping):
        return "、".join(f"{key}={_cell(str(key), one)}" for key, one in value.items())
    if isinstance(value, (set, frozenset, list, tuple)):
        return "、".join(_cell(name, one) for one in value)
    return "" if value is None else VALUES.get(str(value), str(value))


def _number(name: str, value: float) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:.1f}" if name == "seconds" else str(value)
    if not name.endswith("_fen"):
        return f"{value:,}"
    sign, fen = ("-", -value) if value < 0 else ("", value)
    return f"{sign}{fen // 100:,}.{fen % 100:02}"


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dict(_items(value))
    return sorted(value) if isinstance(value, (set, frozenset)) else str(value)
