"""The portable subset, enforced: what a shape may write so that DuckDB, SQLite and Spark mean the same by it.

Each prohibition stands with its reason; `faults(text)` lists what a text breaks. See DESIGN, contract "Shape".
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp

FORBIDDEN: dict[type[exp.Expr], str] = {
    exp.Like: "LIKE 在 SQLite 不区分大小写",
    exp.ILike: "ILIKE 不可移植",
    exp.Upper: "大小写函数对中文与区域设置含义不同",
    exp.Lower: "大小写函数对中文与区域设置含义不同",
    exp.Div: "“/” 在各引擎结果类型不同，用整除 //",
    exp.Qualify: "QUALIFY 不可移植",
    exp.Bracket: "列表与结构不可移植",
    exp.Limit: "取前几行的结果依赖引擎的排列",
}
#: The functions all three engines have with one meaning. Any other is refused: dates, hashes, medians, lists.
FUNCTIONS = (
    exp.Abs, exp.And, exp.Case, exp.Cast, exp.Coalesce, exp.Count, exp.DenseRank, exp.Exists, exp.If, exp.Lag, exp.Lead,
    exp.Max, exp.Min, exp.Or, exp.RowNumber, exp.StrPosition, exp.Substring, exp.Sum,
)  # fmt: skip
#: What makes an order total: the id of a line, encounter, sale, deal or stock count.
ROW_IDS = frozenset({"bkkp_sn", "mdtrt_id", "sale", "deal", "no"})
LONGEST_LIST = 5
#: Columns scaled by more than one: their product may overflow 64 bits, and SQLite then turns to REAL silently.
SCALED = frozenset(
    {
        "cnt",
        "pric",
        "inscp_amt",
        "det_item_fee_sumamt",
        "fund_pay_sumamt",
        "medfee_sumamt",
        "opening",
        "closing",
        "received",
        "sold",
        "cap_e4",
    }
)


def faults(statement: str) -> list[str]:
    """What one statement breaks, in words; empty when it keeps to the subset."""
    tree = sqlglot.parse_one(statement, read="duckdb")
    checks = (_forbidden, _functions, _comparisons, _casts, _products, _aliases, _windows, _orders)
    return [fault for check in checks for fault in check(tree)]


def _forbidden(tree: exp.Expr) -> Iterator[str]:
    for kind, reason in FORBIDDEN.items():
        for node in tree.find_all(kind):
            yield f"{node.sql(dialect='duckdb')[:60]}：{reason}"


def _functions(tree: exp.Expr) -> Iterator[str]:
    for node in tree.find_all(exp.Func):
        if not isinstance(node, FUNCTIONS) and not isinstance(node, tuple(FORBIDDEN)):
            yield f"{node.sql(dialect='duckdb')[:60]}：函数不在可移植清单内"


def _comparisons(tree: exp.Expr) -> Iterator[str]:
    for listed in tree.find_all(exp.In):
        if len(listed.expressions) > LONGEST_LIST:
            yield f"{listed.sql(dialect='duckdb')[:60]}：IN 超过{LONGEST_LIST}个值，改用小表与 EXISTS"
    for node in tree.find_all(exp.Between):
        if any(part.is_string for part in node.find_all(exp.Literal)):
            yield f"{node.sql(dialect='duckdb')[:60]}：编码范围用半开区间，不用 BETWEEN"


def _casts(tree: exp.Expr) -> Iterator[str]:
    for node in tree.find_all(exp.Cast):
        if node.to.this not in (exp.DataType.Type.TEXT, exp.DataType.Type.VARCHAR):
            yield f"{node.sql(dialect='duckdb')[:60]}：只允许转换为文本"


def _products(tree: exp.Expr) -> Iterator[str]:
    for node in tree.find_all(exp.Mul):
        names = [c.name for c in node.find_all(exp.Column)]
        divided = any(node.find_all(exp.IntDiv, exp.Mod))
        if sum(name in SCALED for name in names) > 1 and not divided:
            yield f"{node.sql(dialect='duckdb')[:60]}：两个放大整数相乘可能溢出"


def _aliases(tree: exp.Expr) -> Iterator[str]:
    for table in tree.find_all(exp.Table):
        inside_insert = isinstance(table.parent, exp.Insert | exp.Create | exp.Drop)
        if not table.alias and not inside_insert and not isinstance(table.parent, exp.Schema):
            yield f"{table.name}：表须有别名"
    for column in tree.find_all(exp.Column):
        if not column.table:
            yield f"{column.name}：列须带表别名"


def _windows(tree: exp.Expr) -> Iterator[str]:
    for window in tree.find_all(exp.Window):
        offset = window.this.args.get("offset") if isinstance(window.this, exp.Lag | exp.Lead) else None
        if offset is not None and not isinstance(offset, exp.Literal):
            yield f"{window.sql(dialect='duckdb')[:60]}：位移须为常数"


def _orders(tree: exp.Expr) -> Iterator[str]:
    for order in tree.find_all(exp.Order):
        # dense_rank counts days: equal days are one on purpose
        if isinstance(order.parent, exp.Window) and isinstance(order.parent.this, exp.DenseRank):
            continue
        last = order.expressions[-1].this
        if not isinstance(last, exp.Column) or last.name not in ROW_IDS:
            yield f"{order.sql(dialect='duckdb')[:60]}：排序须以行的编号结尾"
