"""The statements of a plan in another engine's dialect, with what each of them does; translated once and kept.

A plan is written in the portable subset and read as DuckDB's dialect (`rules/linter.py` says what it may hold).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import sqlglot
from sqlglot import exp

from fundguard.errors import Refusal

#: What a statement does: make a table or a view of a query, append to a table, drop one, change rows.
Act = Literal["table", "view", "append", "drop", "change"]


@dataclass(frozen=True)
class Told:
    """One statement: what it does, to which relation, and its query (for a change: the whole statement)."""

    act: Act
    target: str
    query: str


@lru_cache(maxsize=4096)
def translated(sql: str, dialect: str) -> tuple[Told, ...]:
    """The statements of a step in their order; refuses what no plan may do."""
    return tuple(_told(tree, dialect) for tree in sqlglot.parse(sql, read="duckdb") if tree is not None)


def _told(tree: exp.Expr, dialect: str) -> Told:
    tree = _exact(tree) if dialect == "sqlite" else tree
    if isinstance(tree, exp.Create) and tree.kind in ("TABLE", "VIEW") and tree.expression is not None:
        act: Act = "table" if tree.kind == "TABLE" else "view"
        return Told(act, tree.this.name, tree.expression.sql(dialect=dialect))
    if isinstance(tree, exp.Insert):
        return Told("append", tree.this.name, tree.expression.sql(dialect=dialect))
    if isinstance(tree, exp.Drop):
        return Told("drop", next(tree.find_all(exp.Table)).name, "")
    if isinstance(tree, exp.Update | exp.Delete):
        return Told("change", tree.this.name, tree.sql(dialect=dialect))
    raise Refusal("计划中有引擎不支持的语句", seen=tree.sql(dialect="duckdb")[:60], remedy="改用可移植的写法")


def _exact(tree: exp.Expr) -> exp.Expr:
    """SQLite's `/` of two integers is exact; the usual translation of `//` passes through REAL."""
    while node := tree.find(exp.IntDiv):
        node.replace(exp.Div(this=node.this.copy(), expression=node.expression.copy(), typed=True, safe=True))
    return tree
