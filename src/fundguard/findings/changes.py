"""A new run against a former one, finding by finding: what an open, notified or determined finding must now be told.

A finding that the new run does not have is withdrawn only where the new run looked again: the same rule ran without
error in the same place of treatment. Otherwise it is left as it was.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from fundguard.errors import Refusal

UNTOUCHED, EVIDENCE, WITHDRAWN, NEW, NOT_COMPARED = "未变", "证据更新", "撤回", "新增", "未重新核查"
CHANGES = (UNTOUCHED, EVIDENCE, WITHDRAWN, NEW, NOT_COMPARED)
DATA, RULE, KNOWLEDGE = "数据已更正", "规则已修改", "知识已更新"

_COMPARE = f"""
SELECT coalesce(n.finding_key, f.finding_key) AS finding_key, coalesce(n.rule_code, f.rule_code) AS rule_code,
  f.finding_id AS former_id, n.finding_id AS new_id,
  CASE
    WHEN f.finding_key IS NULL THEN '{NEW}'
    WHEN n.finding_id = f.finding_id THEN '{UNTOUCHED}'
    WHEN n.finding_key IS NOT NULL THEN '{EVIDENCE}'
    WHEN r.code IS NULL THEN '{NOT_COMPARED}'
    ELSE '{WITHDRAWN}'
  END AS change,
  CASE WHEN change IN ('{EVIDENCE}', '{WITHDRAWN}') THEN coalesce(r.reason, '{DATA}') END AS reason
FROM former AS f
FULL JOIN new AS n ON n.finding_key = f.finding_key
LEFT JOIN ran AS r ON r.code = f.rule_code AND r.region = coalesce(f.region, '')
ORDER BY 1
"""


def changes(former: Path, new: Path) -> pa.Table:
    """Each finding of two runs (folders with `findings.parquet` and `run.json`) and what became of it, by key.

    Columns: finding_key, rule_code, former_id, new_id, change (one of `CHANGES`), reason (`DATA`, `RULE`, `KNOWLEDGE`;
    empty where nothing changed or nothing was compared). Refuses a new run that does not know all data of the former.
    """
    before, after = _told(former), _told(new)
    if not _arrivals(before) <= _arrivals(after):
        raise Refusal(
            "新一次核查没有包含上一次核查的全部数据，不能据此变更疑点",
            where=new.name,
            remedy="请用同一数据仓库、不早于上一次的数据重新核查。",
        )
    ran = [
        {"code": code, "region": region, "reason": _reason(before, after, code, region)}
        for code, rule in after["rules"].items()
        for region in rule["regions"]
    ]
    with duckdb.connect() as connection:
        columns = pa.schema({name: pa.string() for name in ("code", "region", "reason")})
        connection.register("ran", pa.Table.from_pylist(ran, columns))
        for name, folder in (("former", former), ("new", new)):
            connection.read_parquet(str(folder / "findings.parquet")).create_view(name)
        table: pa.Table = connection.sql(_COMPARE).to_arrow_table()
    return table


def _told(run: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads((run / "run.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal(
            "不是一次完整的核查结果", where=run.name, remedy="请选择含有 run.json 的核查结果文件夹。"
        ) from error
    return told


def _arrivals(told: dict[str, Any]) -> set[int]:
    return {arrival["arrival"] for arrival in told["inputs"]["arrivals"]}


def _reason(before: dict[str, Any], after: dict[str, Any], code: str, region: str) -> str:
    """Why a finding of this rule may differ here: the rule's own text first, then the knowledge, else the data."""
    if _hash(before["rules"].get(code, {}), region) != _hash(after["rules"][code], region):
        return RULE
    if before["inputs"]["knowledge"] != after["inputs"]["knowledge"]:
        return KNOWLEDGE
    return DATA


def _hash(rule: dict[str, Any], region: str) -> str | None:
    """Of the version that ran in this region, where a run tells of several."""
    own = (one["hash"] for one in rule.get("versions", ()) if region in one["regions"])
    return next(own, rule.get("hash"))
