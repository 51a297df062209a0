"""Rows of a desk with many findings, drawn from a store: findings, state rows, papers, notices and ledger rows.

Every history is taken by the kernel itself, once for each walk, division and age; the rows are those few histories
repeated over the encounters of the store with other numbers, so that the ledger's hashes and the kernel's answers hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from fundguard.claims.store import Store
from fundguard.rules import catalogue
from fundguard.web.desk import items, order, services
from fundguard.workflows.deadlines import running
from fundguard.workflows.history import CLOCK, SYSTEM, ZONE, Actor, Item
from fundguard.workflows.kernel import may
from fundguard.workflows.regions import workflow_for

INSTITUTION = "H99010100001"
OPINION = "经核对费用明细，与规则所述一致"
REASON = "经核对病历，属于合理使用"
DECOY = "基准测试"
AGES = 20  # days over which the first step of a walk is spread
BULK_RULE = "N31"


@dataclass(frozen=True)
class Step:
    verb: str
    post: str
    papers: dict[str, str]


PUBLISH = Step("publish", "", {})
UPHOLD = Step("uphold", "first_reviewer", {"opinion": OPINION})
NOTIFIED = (PUBLISH, UPHOLD, Step("confirm", "confirmer", {"opinion": OPINION}))
NOTIFIED += (Step("notify", "confirmer", {"notice": DECOY}),)
#: Walk → weight in percent, the steps, and the least age in days that lets all of its terms pass.
WALKS: dict[str, tuple[int, tuple[Step, ...], int]] = {
    "found": (50, NOTIFIED[:1], 1),
    "asked": (3, (PUBLISH, Step("ask_papers", "first_reviewer", {"papers_wanted": "病历复印件"})), 3),
    "upheld": (15, NOTIFIED[:2], 3),
    "dismissed": (16, (PUBLISH, Step("dismiss", "first_reviewer", {"reason": REASON})), 3),
    "confirmed": (6, NOTIFIED[:3], 4),
    "notified": (5, NOTIFIED, 5),
    "accepted": (3, (*NOTIFIED, Step("accept", "hospital_office", {})), 6),
    "unanswered": (2, (*NOTIFIED, Step("lapse", "clock", {})), 60),
}


def histories(regions: list[str], now: datetime) -> pa.Table:
    """One row a step of each walk × division × age: instants in UTC, canonical JSON, what the row is then."""
    made = [
        row for walk in WALKS for region in regions for age in range(AGES) for row in _walked(walk, region, age, now)
    ]
    return pa.Table.from_pylist(made)


def _walked(walk: str, region: str, age: int, now: datetime) -> Iterator[dict[str, Any]]:
    _, steps, least = WALKS[walk]
    flow = workflow_for("finding", region)
    first = datetime.combine(now.astimezone(ZONE).date() - timedelta(days=least + age), time(9), ZONE)
    item = Item(flow, "", region, INSTITUTION, 10_000, frozenset({"L"}))
    told: list[dict[str, Any]] = []
    for number, step in enumerate(steps, 1):
        at = first + timedelta(days=number - 1)
        if step.verb == "lapse":
            at = running(item, at)[0].until
        answer = may(item, step.verb, _actor(step, region), at, papers=step.papers)
        if not answer.allowed:
            raise SystemExit(f"{walk} {step.verb}: {answer.bars}")
        declared = flow.step_by_verb[step.verb]
        detail = services.detail(item, declared, answer, number, step.papers)
        item = item.after(declared, items.taken(None, at, detail))
        term = next(iter(running(item, at)), None)
        told.append(
            {
                "walk": walk,
                "region": region,
                "age": age,
                "number": number,
                "verb": step.verb,
                "act": declared.name,
                "post": step.post,
                "moment": at.astimezone(UTC).replace(tzinfo=None),
                "detail": json.dumps(detail, sort_keys=True, ensure_ascii=False),
                "paper": next((code for code, value in step.papers.items() if value != DECOY), ""),
                "text": next((value for value in step.papers.values() if value != DECOY), ""),
                "variant": flow.region,
                "state": item.state,
                "due_at": term.until.astimezone(UTC).replace(tzinfo=None) if term and not term.paused else None,
                "due_term": term.name if term else "",
                "due_flag": term.flag if term else "",
                "last": number == len(steps),
            }
        )
    yield from told


def _actor(step: Step, region: str) -> Actor:
    machine = {"": SYSTEM, "clock": CLOCK}.get(step.post)
    return machine or Actor(f"{step.post}", frozenset({step.post}), frozenset({region}), frozenset({INSTITUTION}))


#: One row a finding: its encounter, its accused line, its walk. `$findings` of them over the encounters in turn.
_FOUND = """
CREATE TABLE found AS
WITH place AS (
  SELECT mdtrt_id, fixmedins_code, any_value(psn_key) AS psn_key, any_value(setl_id) AS setl_id,
    min(fee_ocur_time)::DATE AS first, max(fee_ocur_time)::DATE AS last,
    list(struct_pack(line := bkkp_sn, item := coalesce(med_list_codg, ''), fen := greatest(inscp_amt, 1))
      ORDER BY bkkp_sn) AS lines
  FROM fee_list_d WHERE mdtrt_id IS NOT NULL GROUP BY ALL
), visit AS (
  SELECT row_number() OVER (ORDER BY p.mdtrt_id) - 1 AS e, p.*, b.fix_blng_admdvs AS region,
    coalesce(b.fixmedins_name, '') AS name, coalesce(b.lmtpric_hosp_lv, b.hosp_lv, '') AS level
  FROM place AS p JOIN fixmedins_b AS b ON b.fixmedins_code = p.fixmedins_code
  WHERE list_contains($regions, b.fix_blng_admdvs)
), numbered AS (
  SELECT n, n % (SELECT count(*) FROM visit) AS e, n // (SELECT count(*) FROM visit) AS k,
    hash(n) % 100 AS draw, n % 20 = 7 AS bulk FROM range($findings) AS r(n)
), told AS (
  SELECT d.*, v.* EXCLUDE (e), v.lines[1 + (d.k % len(v.lines))::INT] AS line,
    CASE WHEN d.bulk THEN '{bulk_rule}' ELSE
      $rules[1 + (pow((hash(d.n, 1) % 1000) / 1000.0, 2.5) * len($rules))::INT % len($rules)] END AS rule,
    CASE WHEN d.bulk THEN 'found' ELSE {walk} END AS walk, (hash(d.n, 2) % {ages})::INT AS age,
    CASE WHEN hash(d.n, 3) % 10 < 4 THEN '明确违规' ELSE '可疑' END AS verdict,
    (v.lines[1 + (d.k % len(v.lines))::INT]).fen AS fen
  FROM numbered AS d JOIN visit AS v ON v.e = d.e
)
SELECT n + 1 AS id, left(sha256('finding' || n), 32) AS finding_key, left(sha256('evidence' || n), 32) AS finding_id,
  rule, walk, age, verdict, mdtrt_id, fixmedins_code, psn_key, coalesce(setl_id, '') AS setl_id, first, last, region,
  name, level, line.line AS line, line.item AS item, fen, rule || '-' || (hash(n, 4) % 5) AS point,
  (fen * CASE verdict WHEN '明确违规' THEN {clear} ELSE {doubtful} END * 60 // ({minutes} * 10000))::BIGINT AS score,
  (hash(finding_key) % {lots})::BIGINT AS lot, hash(n, 5) AS chance
FROM told
"""


def draw(connection: duckdb.DuckDBPyConnection, store: Path, count: int, now: datetime) -> None:
    """Tables `found` and `history` in `connection`, from the encounters of the store."""
    claims = Store.open(store).connect()
    regions = [
        code for (code,) in claims.execute("SELECT DISTINCT fix_blng_admdvs FROM fixmedins_b").fetchall() if code
    ]
    for name in ("fee_list_d", "fixmedins_b"):
        columns = {
            "fee_list_d": "bkkp_sn, mdtrt_id, setl_id, psn_key, fixmedins_code, fee_ocur_time, "
            "med_list_codg, inscp_amt",
            "fixmedins_b": "fixmedins_code, fixmedins_name, fix_blng_admdvs, lmtpric_hosp_lv, hosp_lv",
        }[name]
        connection.register("read", claims.sql(f"SELECT {columns} FROM {name}").to_arrow_table())
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read")
        connection.unregister("read")
    claims.close()
    connection.register("walked", histories(regions, now))
    connection.execute("CREATE TABLE history AS SELECT * FROM walked")
    bounds, parts = 0, []
    for walk, (weight, _, _) in WALKS.items():
        bounds += weight
        parts.append(f"WHEN d.draw < {bounds} THEN '{walk}'")
    filled = _FOUND.format(
        walk=f"CASE {' '.join(parts)} END",
        ages=AGES,
        bulk_rule=BULK_RULE,
        clear=order.PRIOR_E4["明确违规"],
        doubtful=order.PRIOR_E4["可疑"],
        minutes=order.MINUTES["encounter"],
        lots=order.LOTS,
    )
    rules = sorted(set(catalogue.load()) - {BULK_RULE})
    connection.execute(filled, {"regions": regions, "findings": count, "rules": rules})
