"""The portable subset: each forbidden construct is caught, everything shipped keeps to it, and rules are whole."""

import pytest
import sqlglot
from rule_runs import SHIPPED, undone

from fundguard import law
from fundguard.rules import catalogue, compiler, linter
from fundguard.rules.shape import SCOPES, shapes

FORBIDDEN = {
    "LIKE": "SELECT f.a FROM f AS f WHERE f.a LIKE 'T%'",
    "ILIKE": "SELECT f.a FROM f AS f WHERE f.a ILIKE 't%'",
    "upper": "SELECT upper(f.a) AS a FROM f AS f",
    "lower": "SELECT lower(f.a) AS a FROM f AS f",
    "division": "SELECT f.a / f.b AS a FROM f AS f",
    "median": "SELECT median(f.a) AS a FROM f AS f",
    "quantile": "SELECT quantile_cont(f.a, 0.5) AS a FROM f AS f",
    "hash": "SELECT hash(f.a) AS a FROM f AS f",
    "today": "SELECT current_date AS a FROM f AS f",
    "now": "SELECT now() AS a FROM f AS f",
    "date arithmetic": "SELECT date_diff('day', f.a, f.b) AS a FROM f AS f",
    "random": "SELECT random() AS a FROM f AS f",
    "regular expression": "SELECT regexp_matches(f.a, 'T') AS a FROM f AS f",
    "list": "SELECT [f.a, f.b] AS a FROM f AS f",
    "list aggregate": "SELECT list(f.a) AS a FROM f AS f",
    "struct": "SELECT {'x': f.a} AS a FROM f AS f",
    "QUALIFY": "SELECT f.a FROM f AS f QUALIFY row_number() OVER (ORDER BY f.bkkp_sn) = 1",
    "LIMIT": "SELECT f.a FROM f AS f ORDER BY f.bkkp_sn LIMIT 1",
    "cast to number": "SELECT CAST(f.a AS BIGINT) AS a FROM f AS f",
    "product of scaled columns": "SELECT f.cnt * f.inscp_amt AS a FROM f AS f",
    "table without alias": "SELECT f.a FROM f",
    "column without alias": "SELECT a FROM f AS f",
    "computed offset": "SELECT lag(f.a, f.b) OVER (ORDER BY f.bkkp_sn) AS a FROM f AS f",
    "order without the row's id": "SELECT row_number() OVER (PARTITION BY f.who ORDER BY f.day) AS a FROM f AS f",
    "lag without the row's id": "SELECT lag(f.a, 1) OVER (ORDER BY f.day) AS a FROM f AS f",
    "running sum without the row's id": "SELECT sum(f.a) OVER (ORDER BY f.minute) AS a FROM f AS f",
    "long list": "SELECT f.a FROM f AS f WHERE f.a IN ('1', '2', '3', '4', '5', '6')",
    "BETWEEN on codes": "SELECT f.a FROM f AS f WHERE f.a BETWEEN 'T' AND 'U'",
}
ALLOWED = (
    "SELECT dense_rank() OVER (PARTITION BY f.who ORDER BY f.day) AS a FROM f AS f",
    "SELECT sum(f.a) OVER (PARTITION BY f.who ORDER BY f.minute DESC, f.bkkp_sn DESC) AS a FROM f AS f",
    "SELECT sum(f.a) OVER (PARTITION BY f.who) AS a FROM f AS f",
    "SELECT f.a FROM f AS f WHERE f.a IN ('1', '2') AND f.day BETWEEN 1 AND 9",
    "SELECT (f.inscp_amt // f.cnt) * f.cnt AS a FROM f AS f",
)
STATEMENTS = [
    (name, text.replace("{knowledge}", f"k_{name}")) for name, shape in shapes().items() for text in shape.statements
] + [(step.name, text) for step in compiler.staging() for text in step.sql.split(";\n")]


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_a_construct_that_means_different_things_is_caught(statement):
    assert linter.faults(statement)


@pytest.mark.parametrize("statement", ALLOWED)
def test_what_is_portable_passes(statement):
    assert linter.faults(statement) == []


@pytest.mark.parametrize(
    ("name", "statement"), STATEMENTS, ids=[f"{name}-{n}" for n, (name, _) in enumerate(STATEMENTS)]
)
def test_shipped_statements_are_portable(name, statement):
    assert linter.faults(statement) == []


@pytest.mark.parametrize("name", shapes())
def test_a_shape_fills_the_answer_tables_column_by_column(name, staged, plan):
    """Types, not only their number: a statement may not rely on a silent conversion of text to numbers."""
    shape = shapes()[name]
    assert shape.scope in SCOPES
    assert shape.subject in ("line", "encounter", "person", "item_stock_period", "institution_period")
    wanted = {"hit": dict(compiler.HIT), "unknown": dict(compiler.UNKNOWN)}
    with undone(staged):
        for text in shape.statements:
            tree = sqlglot.parse_one(text.replace("{knowledge}", f"k_{name}"), read="duckdb")
            if isinstance(tree, sqlglot.exp.Insert):
                given = staged.execute("DESCRIBE " + tree.expression.sql(dialect="duckdb")).fetchall()
                kinds = ["number" if kind in ("BIGINT", "INTEGER", "HUGEINT") else "text" for _, kind, *_ in given]
                declared = [
                    "number" if kind in ("BIGINT", "INTEGER") else "text" for kind in wanted[tree.this.name].values()
                ]
                assert kinds == declared
            staged.execute(tree.sql(dialect="duckdb"))


@pytest.mark.parametrize("code", SHIPPED)
def test_a_rule_rests_on_an_article_and_says_why_it_is_limited(code):
    rule = catalogue.load()[code]
    assert law.article(rule.article)
    assert rule.papers
    assert rule.message
    assert (rule.verdict_limit is None) == (rule.limit_reason is None)


@pytest.mark.parametrize("code", SHIPPED)
def test_a_rule_never_says_more_than_its_limit(code, duckdb_rows):
    rows, _ = duckdb_rows
    said = {verdict for rule, _, verdict, *_ in rows["hit"] if rule == code}
    order = ("统计", "可疑", "明确违规")
    assert said or catalogue.load()[code].state == "draft"  # N47: no field tells what it asks
    assert max((order.index(verdict) for verdict in said), default=0) <= order.index(catalogue.load()[code].gravest)


def test_amounts_are_never_negative_and_related_rows_carry_none(duckdb_rows):
    rows, _ = duckdb_rows
    names = [name for name, _ in compiler.HIT]
    for row in rows["hit"]:
        hit = dict(zip(names, row, strict=True))
        assert hit["amount_fen"] >= 0
        assert hit["role"] == "accused" or hit["amount_fen"] == 0
        assert None not in row
