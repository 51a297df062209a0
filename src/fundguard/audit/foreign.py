"""Accusations of others as a run: the same staging, gate, money and files as a run of the rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from fundguard.audit.batch import day_of_law
from fundguard.audit.folder import whole
from fundguard.audit.inputs import inputs, run_id
from fundguard.claims.store import Store
from fundguard.engines.duckdb import run
from fundguard.engines.script import Progress
from fundguard.errors import Refusal
from fundguard.findings import gate
from fundguard.findings.foreign import ForeignHit, foreign_sources, hits_table, pseudo_rule
from fundguard.findings.publish import Stamp, publish
from fundguard.knowledge import of_region
from fundguard.rules.compiler import compile_rules, create_answer_tables
from fundguard.rules.tables import text_table

_ITEMS = """
SELECT DISTINCT f.med_list_codg FROM fee_list_d AS f
WHERE f.med_list_codg IS NOT NULL
  AND f.bkkp_sn IN (SELECT ref_key FROM foreign_hit WHERE ref_table = 'fee_list_d')
"""


def publish_foreign(
    store: Store, out: Path, hits: Sequence[ForeignHit], *, region: str, progress: Progress | None = None
) -> int:
    """Writes the hits as a run into the new folder `out`; the number of findings. `region` is the division whose gate
    parameters hold.

    `run.json` names no rule as having run anywhere, so nothing is ever withdrawn by comparison with it. Refuses an
    `out` that holds anything, a store without settlements, no hits.
    """
    if not hits:
        raise Refusal("没有可以生成疑点的行", where="外来疑点清单", remedy="请先完成匹配或人工确认。")
    rules = [pseudo_rule(foreign_sources()[code]) for code in sorted({hit.source for hit in hits})]
    knowledge, manifests = of_region(region), store.manifests()
    accused = hits_table(hits)
    with whole(out) as part, store.connect() as connection:
        connection.register("foreign_hit", accused)
        law_day = day_of_law(connection, manifests)
        told = inputs(connection, manifests, law_day=law_day, knowledge=[knowledge.version])
        told |= {"hits": accused.num_rows, "name": out.name}
        stamp = Stamp(run_id(told, rules, [region]), knowledge.version)
        items = [row[0] for row in connection.execute(_ITEMS).fetchall()]
        plan = compile_rules([], knowledge, region=region)
        connection.execute(create_answer_tables())
        run(connection, replace(plan, tables={**plan.tables, **_known(items)}), progress=progress)
        connection.execute("INSERT INTO hit BY NAME SELECT * FROM foreign_hit")
        published = publish(connection, part, rules, stamp, limits=gate.limits(region, law_day))
        record: dict[str, object] = {"run_id": stamp.run_id, "inputs": told, "regions": [region], "rules": {}}
        record |= {"findings": published.findings, "gate": {"held": published.gated, "checks": published.gate}}
        (part / "run.json").write_text(json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    return published.findings


def _known(items: Sequence[str]) -> dict[str, pa.Table]:
    """Charges of these items are worth reading: staging fetches them and nets their refunds."""
    return {"known_item": text_table({"item": sorted(items)})}
