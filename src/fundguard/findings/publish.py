"""Publishes a run: from the hits on a connection to the three Parquet files, sorted, the same bytes each time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from fundguard.findings import facts, gate, keys, money
from fundguard.findings.schema import EVIDENCE, FINDINGS, NOT_EVALUATED, OPEN, SUSPECTED, VERDICTS
from fundguard.rules.rule import Rule

#: Groups of not evaluated rows up to this size are listed singly, so that an encounter's page can name them.
LISTED_SINGLY = 20
#: File → the table it is written from, its columns, and an order without ties.
FILES = {
    "findings.parquet": ("finding", FINDINGS, "finding_key"),
    "evidence.parquet": ("finding_proof", EVIDENCE, "finding_id, ref_table, ref_key"),
    "not_evaluated.parquet": (
        "finding_not_evaluated",
        NOT_EVALUATED,
        ", ".join(c for c in NOT_EVALUATED if c != "count"),
    ),
}
#: How they lie: the page of a finding reads its few rows of evidence out of millions, so the groups are small.
FORMAT = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480"
_VERDICTS = "[" + ", ".join(f"'{verdict}'" for verdict in VERDICTS) + "]"


@dataclass(frozen=True)
class Stamp:
    """What every finding of a run carries."""

    run_id: str
    knowledge_version: str


@dataclass(frozen=True)
class Dropped:
    """What a rule is not asked: a knowledge point of it, or what touches these days (both included)."""

    rule_code: str
    point: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Published:
    """What stands in `run.json` about the answers: per rule counts and fen, per gate check counts."""

    rules: dict[str, dict[str, int]]
    findings: int
    gated: int
    gate: dict[str, int]


_VERDICT = f"""
CREATE OR REPLACE TEMP TABLE finding_verdict AS
SELECT s.finding_key, s.strength, {_VERDICTS}[s.strength] AS verdict, s.says,
  coalesce(s.cause, CASE WHEN s.strength >= {keys.strength("'统计'")} THEN '{OPEN}' ELSE '{SUSPECTED}' END) AS cause
FROM (
  SELECT h.finding_key, c.cause, c.says, greatest(
    {keys.strength("r.verdict")},
    coalesce(h.strength, 1),
    coalesce({keys.strength("r.verdict_limit")}, 1),
    coalesce({keys.strength("c.verdict")}, 1)) AS strength
  FROM finding_head AS h
  JOIN finding_rule AS r ON r.code = h.rule_code
  LEFT JOIN finding_gate AS g ON g.finding_key = h.finding_key
  LEFT JOIN finding_check AS c ON c.name = g.check_name
) AS s
"""

#: A rule judges conduct of the days it is valid on; what ended before, or began when it no longer was, it does not.
_NOT_IN_FORCE = """
DELETE FROM finding_head USING finding_rule AS r
WHERE r.code = finding_head.rule_code
  AND (finding_head.occurred_to < CAST(r.valid_from AS DATE) OR finding_head.occurred_from >= CAST(r.valid_to AS DATE))
"""
_NOT_ASKED_POINT = "DELETE FROM hit WHERE rule_code = $rule AND point = $point"
_NOT_ASKED_DAYS = """
DELETE FROM finding_head WHERE rule_code = $rule AND occurred_to >= $first AND occurred_from <= $last
"""
#: A rule published for a group of institutions judges their conduct alone.
_OTHER_INSTITUTIONS = (
    "DELETE FROM finding_head WHERE rule_code = $rule AND NOT list_contains($own, coalesce(fixmedins_code, ''))",
    "DELETE FROM unknown WHERE rule_code = $rule AND NOT list_contains($own, coalesce(fixmedins_code, ''))",
)
_EXCEPTED = {
    "point": "DELETE FROM hit WHERE rule_code = $rule AND list_contains($values, point)",
    "fixmedins_code": "DELETE FROM finding_head WHERE rule_code = $rule AND list_contains($values, fixmedins_code)",
}
_EVIDENCE_OF_NOTHING = "DELETE FROM finding_evidence WHERE finding_key NOT IN (SELECT finding_key FROM finding_head)"

_FINDING = """
CREATE OR REPLACE TEMP TABLE finding AS
SELECT h.*, i.finding_id, r.version AS rule_version, $knowledge AS knowledge_version, $run AS run_id,
  v.verdict, v.cause,
  CASE WHEN h.amount_fen = 0 THEN 0 ELSE m.fund_amount_fen END AS fund_amount_fen,
  coalesce(c.counted_fen, 0) AS counted_fen,
  r.message || coalesce('（数据质量提示：' || v.says || '）', '') AS message
FROM finding_head AS h
JOIN finding_identity AS i ON i.finding_key = h.finding_key
JOIN finding_rule AS r ON r.code = h.rule_code
JOIN finding_verdict AS v ON v.finding_key = h.finding_key
LEFT JOIN finding_loss AS m ON m.finding_key = h.finding_key
LEFT JOIN finding_counted AS c ON c.finding_key = h.finding_key
"""

_EVIDENCE = """
CREATE OR REPLACE TEMP TABLE finding_proof AS
SELECT i.finding_id, e.*, f.ref_version
FROM finding_evidence AS e
JOIN finding_identity AS i ON i.finding_key = e.finding_key
LEFT JOIN finding_fact AS f ON f.ref_table = e.ref_table AND f.ref_key = e.ref_key
"""

_NOT_EVALUATED = f"""
CREATE OR REPLACE TEMP TABLE finding_not_evaluated AS
WITH each AS (
  SELECT DISTINCT rule_code, field, ref_table, ref_key, fixmedins_code,
    strftime(DATE '1970-01-01' + day, '%Y%m') AS month
  FROM unknown
), sized AS (
  SELECT *, count(*) OVER (PARTITION BY rule_code, field, fixmedins_code, month) AS size FROM each
)
SELECT rule_code, field, fixmedins_code, month, count(*) AS count,
  CASE WHEN size <= {LISTED_SINGLY} THEN ref_table END AS ref_table,
  CASE WHEN size <= {LISTED_SINGLY} THEN ref_key END AS ref_key
FROM sized
GROUP BY ALL
"""

_COUNTS = f"""
SELECT r.code, count(f.finding_key) AS findings,
  {", ".join(f"count(*) FILTER (f.verdict = '{verdict}')" for verdict in VERDICTS)},
  coalesce(sum(f.amount_fen), 0), coalesce(sum(f.counted_fen), 0), coalesce(sum(f.fund_amount_fen), 0),
  (SELECT coalesce(sum(n.count), 0) FROM finding_not_evaluated AS n WHERE n.rule_code = r.code)
FROM finding_rule AS r
LEFT JOIN finding AS f ON f.rule_code = r.code
GROUP BY r.code
ORDER BY r.code
"""
_COUNTED_AS = ("findings", *VERDICTS, "amount_fen", "counted_fen", "fund_amount_fen", "not_evaluated")


def publish(  # noqa: PLR0913 (what a run is published from)
    connection: duckdb.DuckDBPyConnection,
    out: Path,
    rules: Sequence[Rule],
    stamp: Stamp,
    *,
    limits: gate.Limits,
    regions: Collection[str] | None = None,
    without: Collection[Dropped] = (),
) -> Published:
    """Writes `findings.parquet`, `evidence.parquet` and `not_evaluated.parquet` into the folder `out`.

    The connection holds what a plan left: `hit`, `unknown`, the staging tables `touched`, `line`, `paid`, `practised`,
    the national tables. Hits of rules not in `rules` are left out. `limits` are the gate's. With `regions` only those
    of these places of treatment are written ("" is a place that is not known). `without` is left out of them.
    """
    _declare(connection, rules)
    for one in without:
        if one.point:
            connection.execute(_NOT_ASKED_POINT, {"rule": one.rule_code, "point": one.point})
    _except(connection, rules, "point")
    facts.read_facts(connection)
    keys.gather(connection)
    keys.identify(connection)
    facts.head(connection)
    connection.execute(_NOT_IN_FORCE)
    for one in without:
        if one.first:
            connection.execute(_NOT_ASKED_DAYS, {"rule": one.rule_code, "first": one.first, "last": one.last})
    _except(connection, rules, "fixmedins_code")
    for rule in rules:
        if rule.institutions:
            for statement in _OTHER_INSTITUTIONS:
                connection.execute(statement, {"rule": rule.code, "own": list(rule.institutions)})
    if regions is not None:
        _keep(connection, regions)
    connection.execute(_EVIDENCE_OF_NOTHING)
    counts = gate.judge(connection, limits)
    connection.execute(_VERDICT)
    money.reckon(connection)
    connection.execute(_FINDING, {"knowledge": stamp.knowledge_version, "run": stamp.run_id})
    connection.execute(_EVIDENCE)
    connection.execute(_NOT_EVALUATED)
    _write(connection, out)
    rows = connection.execute(_COUNTS).fetchall()
    return Published(
        rules={code: dict(zip(_COUNTED_AS, map(int, numbers), strict=True)) for code, *numbers in rows},
        findings=sum(int(row[1]) for row in rows),
        gated=_one(connection, "SELECT count(*) FROM finding_gate"),
        gate=counts,
    )


def merge(folders: Sequence[Path], out: Path) -> None:
    """Writes the three files of several folders with disjoint findings as one set into `out`, in the same order."""
    with duckdb.connect() as connection:
        for name, (table, _, _) in FILES.items():
            connection.read_parquet([str(folder / name) for folder in folders]).create_view(table)
        _write(connection, out)


def _declare(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> None:
    rule: dict[str, list[object]] = {
        "code": [rule.code for rule in rules],
        "version": [rule.version for rule in rules],
        "verdict": [rule.verdict for rule in rules],
        "verdict_limit": [rule.verdict_limit for rule in rules],
        "message": [rule.message for rule in rules],
        "valid_from": [rule.valid_from for rule in rules],
        "valid_to": [rule.valid_to for rule in rules],
    }
    check: dict[str, list[object]] = {
        "name": [check.name for check in gate.CHECKS],
        "cause": [check.cause for check in gate.CHECKS],
        "verdict": [check.verdict for check in gate.CHECKS],
        "says": [check.says for check in gate.CHECKS],
    }
    for name, values in (("finding_rule", rule), ("finding_check", check)):
        schema = pa.schema({column: pa.int32() if column == "version" else pa.string() for column in values})
        connection.register("loading", pa.table(values, schema=schema))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM loading")
        connection.unregister("loading")
    for name in ("hit", "unknown"):
        connection.execute(f"DELETE FROM {name} WHERE rule_code NOT IN (SELECT code FROM finding_rule)")


def _except(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule], feature: str) -> None:
    """Leave out what narrower rules except by this feature."""
    for rule in rules:
        if values := rule.excepted.get(feature):
            connection.execute(_EXCEPTED[feature], {"rule": rule.code, "values": list(values)})


def _keep(connection: duckdb.DuckDBPyConnection, regions: Collection[str]) -> None:
    kept = [sorted(regions)]
    connection.execute("DELETE FROM finding_head WHERE NOT list_contains(?, coalesce(region, ''))", kept)
    connection.execute(
        "DELETE FROM unknown WHERE NOT list_contains(?, coalesce("
        "(SELECT b.fix_blng_admdvs FROM fixmedins_b AS b WHERE b.fixmedins_code = unknown.fixmedins_code), ''))",
        kept,
    )


def _write(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """One thread and a total order, so that equal rows give equal bytes."""
    threads = _one(connection, "SELECT current_setting('threads')")
    connection.execute("SET threads = 1")
    connection.execute("SET preserve_insertion_order = true")
    for name, (table, columns, order) in FILES.items():
        chosen = ", ".join(f'CAST("{column}" AS {kind}) AS "{column}"' for column, kind in columns.items())
        target = str(out / name).replace("'", "''")
        connection.execute(f"COPY (SELECT {chosen} FROM {table} ORDER BY {order}) TO '{target}' ({FORMAT})")
    connection.execute(f"SET threads = {threads}")


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
