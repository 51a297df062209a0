"""What if: the same data under the rules as they are and as somebody would have them, apart from all that is published.

Both runs and their comparison lie in one folder: `as_is/`, `changed/`, `moved.parquet`, `comparison.json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from fundguard.audit.batch import audit
from fundguard.audit.folder import whole
from fundguard.audit.plans import RulesOf
from fundguard.audit.settings import Setting
from fundguard.claims.store import Store
from fundguard.engines.script import Progress
from fundguard.errors import Refusal
from fundguard.findings.schema import REVIEW_MINUTES
from fundguard.knowledge import Knowledge, of_region

AS_IS, CHANGED = "as_is", "changed"
NEWLY_HIT, LET_OFF, OTHERWISE = "新增", "不再命中", "证据不同"
MOVES = (NEWLY_HIT, LET_OFF, OTHERWISE)
_SHARE = 1000  # steps of progress that each of the two runs counts for

_MINUTES = "CASE subject_kind " + " ".join(f"WHEN '{k}' THEN {m}" for k, m in REVIEW_MINUTES.items()) + " END"
_SIDE = f"""
SELECT rule_code, count(*) AS findings, count(DISTINCT psn_key) AS persons,
  count(DISTINCT fixmedins_code) AS institutions, coalesce(sum(counted_fen), 0)::BIGINT AS counted_fen,
  coalesce(sum({_MINUTES}), 0)::BIGINT AS review_minutes
FROM {{side}} GROUP BY ROLLUP (rule_code)
"""
_MOVED = f"""
CREATE TABLE moved AS
SELECT coalesce(c.finding_key, a.finding_key) AS finding_key, coalesce(c.rule_code, a.rule_code) AS rule_code,
  CASE WHEN a.finding_key IS NULL THEN '{NEWLY_HIT}' WHEN c.finding_key IS NULL THEN '{LET_OFF}'
    ELSE '{OTHERWISE}' END AS move,
  coalesce(c.region, a.region) AS region, coalesce(c.fixmedins_code, a.fixmedins_code) AS fixmedins_code,
  coalesce(a.counted_fen, 0) AS as_is_fen, coalesce(c.counted_fen, 0) AS changed_fen,
  coalesce(c.message, a.message) AS message
FROM as_is AS a FULL JOIN changed AS c ON c.finding_key = a.finding_key
WHERE a.finding_id IS DISTINCT FROM c.finding_id
"""
_MOVES = """
SELECT rule_code, move, count(*), coalesce(sum(changed_fen - as_is_fen), 0)::BIGINT FROM moved
GROUP BY GROUPING SETS ((rule_code, move), (move))
"""
#: `was`/`now`: whether the finding stands under the rules as they are, and as changed.
_JUDGED = """
SELECT rule, count(*) FILTER (j.upheld AND now), count(*) FILTER (j.upheld AND NOT now),
  count(*) FILTER (NOT j.upheld AND now), count(*) FILTER (NOT j.upheld AND NOT now),
  count(*) FILTER (NOT j.upheld AND now AND NOT was)
FROM (
  SELECT coalesce(c.rule_code, a.rule_code) AS rule, j.upheld, a.finding_key IS NOT NULL AS was,
    c.finding_key IS NOT NULL AS now
  FROM judged AS j
  LEFT JOIN as_is AS a ON a.finding_key = j.finding_key
  LEFT JOIN changed AS c ON c.finding_key = j.finding_key
) AS j WHERE rule IS NOT NULL GROUP BY ROLLUP (rule)
"""
_AGREES = ("true_kept", "true_lost", "false_hit", "false_let_off", "false_new")
_NOTHING = ("findings", "persons", "institutions", "counted_fen", "review_minutes")


@dataclass(frozen=True)
class Side:
    """The rules and the knowledge of one of the two runs."""

    rules: RulesOf
    knowledge: Callable[[str], Knowledge] = of_region


@dataclass(frozen=True)
class Comparison:
    """What a what-if gave: its folder, per rule the two sides and what moves between them, the same over all rules.

    Money in fen, time in minutes of review. `judged` (where determinations were given) and `judged` of a rule:
    `true_kept true_lost false_hit false_let_off false_new agreement_e4`.
    """

    out: Path
    rules: Mapping[str, Mapping[str, Any]]
    total: Mapping[str, Any]

    @property
    def blocked(self) -> bool:
        """Whether it would accuse again what people rejected, or lose what they upheld."""
        judged = self.total.get("judged") or {}
        return bool(judged.get("false_new") or judged.get("true_lost"))


def backtest(  # noqa: PLR0913 (the choices of a run)
    store: Store,
    out: Path,
    as_is: Side | None,
    changed: Side,
    *,
    settings: Sequence[Setting] = (),
    regions: Collection[str] | None = None,
    judged: Path | None = None,
    progress: Progress | None = None,
    threads: int = 2,
    memory: str = "1GB",
) -> Comparison:
    """Runs both sides over the whole store into the new folder `out` and compares them; publishes nothing.

    `as_is` is None for a rule that is in force nowhere. `judged` is a CSV or Parquet file of earlier determinations:
    finding_key, upheld (1 or 0). `settings` are told in `comparison.json`. Raising from `progress` cancels and leaves
    nothing. Refuses what `audit` refuses, and a file of determinations without these columns.
    """
    tell = progress or (lambda done, total, name: None)
    sides = [(name, side) for name, side in ((AS_IS, as_is), (CHANGED, changed)) if side is not None]
    with whole(out) as part:
        for number, (name, side) in enumerate(sides):
            audit(
                store,
                part / name,
                rules=side.rules,
                knowledge=side.knowledge,
                regions=regions,
                progress=_half(tell, number, len(sides)),
                threads=threads,
                memory=memory,
            )
        told = _compare(part, judged)
        told["settings"] = [one.told() for one in settings]
        content = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        (part / "comparison.json").write_text(content, "utf-8")
    return Comparison(out, told["rules"], told["total"])


def read_comparison(out: Path) -> Comparison:
    """A comparison that was made before."""
    told = json.loads((out / "comparison.json").read_text("utf-8"))
    return Comparison(out, told["rules"], told["total"])


def _half(tell: Progress, number: int, runs: int) -> Progress:
    reached = number * _SHARE

    def told(done: int, total: int, name: str) -> None:
        nonlocal reached  # a run prepares its tables first and then counts again from nothing
        reached = max(reached, number * _SHARE + done * _SHARE // max(total, 1))
        tell(reached, runs * _SHARE, name)

    return told


def _compare(part: Path, judged: Path | None) -> dict[str, Any]:
    with duckdb.connect() as connection:
        for name in (AS_IS, CHANGED):
            _findings(connection, part, name)
        connection.execute(_MOVED)
        target = str(part / "moved.parquet").replace("'", "''")
        connection.execute(
            f"COPY (SELECT * FROM moved ORDER BY finding_key) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )
        found = {name: _by_rule(connection, _SIDE.format(side=name), _NOTHING) for name in (AS_IS, CHANGED)}
        moves: dict[str | None, dict[str, dict[str, int]]] = {}
        for code, move, count, fen in connection.execute(_MOVES).fetchall():
            moves.setdefault(code, {})[move] = {"findings": int(count), "counted_fen": int(fen)}
        agreement: dict[str | None, dict[str, int]] = {}
        if judged is not None:
            _read_judged(connection, judged)
            agreement = _by_rule(connection, _JUDGED, _AGREES)
    ran = json.loads((part / CHANGED / "run.json").read_text("utf-8"))["rules"]
    names: dict[str | None, str] = {code: rule["name"] for code, rule in ran.items()}

    def of(code: str | None) -> dict[str, Any]:
        nothing = dict.fromkeys(_NOTHING, 0)
        told: dict[str, Any] = {name: found[name].get(code, nothing) for name in (AS_IS, CHANGED)}
        told["moved"] = {m: moves.get(code, {}).get(m, {"findings": 0, "counted_fen": 0}) for m in MOVES}
        told["judged"] = _agreement(agreement.get(code)) if judged is not None else None
        return told

    errors = {code: rule["errors"] for code, rule in ran.items()}
    rules = {code: {"name": names[code], "errors": errors[str(code)]} | of(code) for code in sorted(map(str, names))}
    return {"rules": rules, "total": of(None)}


def _findings(connection: duckdb.DuckDBPyConnection, part: Path, name: str) -> None:
    """A view of a side's findings; of a side that did not run an empty one."""
    ran = (part / name).exists()
    source = str(part / (name if ran else CHANGED) / "findings.parquet").replace("'", "''")
    only = "" if ran else " WHERE false"
    connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{source}'){only}")


def _by_rule(connection: duckdb.DuckDBPyConnection, sql: str, names: Sequence[str]) -> dict[str | None, dict[str, int]]:
    """Rule → named numbers; None stands for all rules together."""
    return {
        code: dict(zip(names, map(int, numbers), strict=True)) for code, *numbers in connection.execute(sql).fetchall()
    }


def _agreement(counts: Mapping[str, int] | None) -> dict[str, int]:
    told = dict(counts) if counts else dict.fromkeys(_AGREES, 0)
    judged = sum(told[name] for name in _AGREES[:4])
    agreed = told["true_kept"] + told["false_let_off"]
    return told | {"agreement_e4": (agreed * 10_000 + judged // 2) // judged if judged else 0, "judged": judged}


def _read_judged(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    reader = "read_parquet" if file.suffix == ".parquet" else "read_csv"
    source = str(file).replace("'", "''")
    try:
        connection.execute(
            "CREATE TABLE judged AS SELECT DISTINCT CAST(finding_key AS VARCHAR) AS finding_key, "
            f"CAST(upheld AS BOOLEAN) AS upheld FROM {reader}('{source}')"
        )
    except duckdb.Error as error:
        raise Refusal(
            "读不出以往认定结果",
            where=file.name,
            seen=type(error).__name__,
            remedy="请提供 CSV 或 Parquet 文件，含 finding_key 和 upheld（1 成立，0 不成立）两列。",
        ) from error
