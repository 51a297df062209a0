"""The portable subset, enforced: what a shape may write so that DuckDB, SQLite and Spark mean the same by it.

Each prohibition stands with its reason; `faults(text)` lists what a text breaks. See DESIGN, contract "Shape".
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp

FORBIDDEN: dict[type[exp.Expression], str] = {
    exp.Like: "LIKE 在 SQLite 不区分大小写",
    exp.ILike: "ILIKE 不可移植",
    exp.Upper: "大小写函数对中文与区域设置含义不同",
    exp.Lower: "大小写函数对中文与区域设置含义不同",
    exp.Div: "“/” 在各引擎结果类型不同，用整除 //",
    exp.Median: "中位数各引擎算法不同",
    exp.Qualify: "QUALIFY 不可移植",
    exp.CurrentDate: "不得读取当前日期",
    exp.CurrentTimestamp: "不得读取当前时间",
    exp.List: "列表类型不可移植",
    exp.Struct: "结构类型不可移植",
}
#: Columns scaled by more than one: their product may overflow 64 bits, and SQLite then turns to REAL silently.
SCALED = frozenset({"cnt", "pric", "inscp_amt", "det_item_fee_sumamt", "fund_pay_sumamt", "medfee_sumamt", "opening", "closing", "received", "sold", "cap_e4"})


def faults(statement: str) -> list[str]:
    """What one statement breaks, in words; empty when it keeps to the subset."""
    tree = sqlglot.parse_one(statement, read="duckdb")
    return [*_forbidden(tree), *_casts(tree), *_products(tree), *_aliases(tree), *_windows(tree)]


def _forbidden(tree: exp.Expression) -> Iterator[str]:
    for kind, reason in FORBIDDEN.items():
        for node in tree.find_all(kind):
            yield f"{node.sql(dialect='duckdb')[:60]}：{reason}"


def _casts(tree: exp.Expression) -> Iterator[str]:
    for node in tree.find_all(exp.Cast):
        if node.to.this not in (exp.DataType.Type.TEXT, exp.DataType.Type.VARCHAR):
            yield f"{node.sql(dialect='duckdb')[:60]}：只允许转换为文本"


def _products(tree: exp.Expression) -> Iterator[str]:
    for node in tree.find_all(exp.Mul):
        names = [c.name for c in node.find_all(exp.Column)]
        divided = any(node.find_all(exp.IntDiv, exp.Mod))
        if sum(name in SCALED for name in names) > 1 and not divided:
            yield f"{node.sql(dialect='duckdb')[:60]}：两个放大整数相乘可能溢出"


def _aliases(tree: exp.Expression) -> Iterator[str]:
    for table in tree.find_all(exp.Table):
        inside_insert = isinstance(table.parent, exp.Insert | exp.Create | exp.Drop)
        if not table.alias and not inside_insert and not isinstance(table.parent, exp.Schema):
            yield f"{table.name}：表须有别名"
    for column in tree.find_all(exp.Column):
        if not column.table:
            yield f"{column.name}：列须带表别名"


def _windows(tree: exp.Expression) -> Iterator[str]:
    for window in tree.find_all(exp.Window):
        offset = window.this.args.get("offset") if isinstance(window.this, exp.Lag | exp.Lead) else None
        if offset is not None and not isinstance(offset, exp.Literal):
            yield f"{window.sql(dialect='duckdb')[:60]}：位移须为常数"
