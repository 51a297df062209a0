"""Data of the demonstration: a small synthetic city, imported and audited in the background on the first start."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from fundguard.audit.batch import audit
from fundguard.claims.city import build_city
from fundguard.claims.intake import import_path
from fundguard.knowledge import of_region
from fundguard.web.accounts.services import assign_institutions
from fundguard.web.core import store
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Report
from fundguard.web.runs import services as runs
from fundguard.web.runs.pages import step_name

KIND = "demo"
LINES, SEED = 20_000, 1
RUN = "demo"
#: Demo account → which institution of its kind in the county it speaks for.
_OWN = """
SELECT f.fixmedins_code FROM fixmedins_b AS f
LEFT JOIN (SELECT fixmedins_code, count(*) AS found FROM read_parquet($findings) GROUP BY ALL) AS n
  ON n.fixmedins_code = f.fixmedins_code
WHERE f.fix_blng_admdvs = '990101' AND f.fixmedins_type = $type
ORDER BY coalesce(n.found, 0) DESC, 1
"""
HOSPITAL, PHARMACY = "1", "2"


def perform(job: Job, report: Report, effects: runs.Effects) -> dict[str, Any]:
    """City, import, run: each step only where its result is not there yet."""
    if not (store.exists() and store.opened().manifests()):
        with tempfile.TemporaryDirectory(prefix="fundguard-") as folder:
            city = Path(folder) / "合成城市"
            build_city(
                LINES, SEED, city, progress=lambda done, total: report(done * 20 // max(total, 1), 100, "生成合成城市")
            )
            import_path(
                city,
                settings.STORE,
                progress=lambda done, total, rows: report(
                    20 + done * 40 // max(total, 1), 100, f"导入：已读取 {rows:,} 行"
                ),
            )
    if not any(settings.RUNS.glob("*/run.json")):
        report(60, 100, "生成查询库")
        audit(
            store.opened(),
            settings.RUNS / RUN,
            knowledge=partial(of_region, site=settings.KNOWLEDGE),
            progress=lambda done, total, name: report(60 + done * 40 // max(total, 1), 100, step_name(name)),
        )
    runs.adopt(effects)
    _assign()
    return {}


def _assign() -> None:
    """Accounts of institutions get the county's institutions with most findings, so that they have something to see."""
    findings = str(sorted(settings.RUNS.glob("*/findings.parquet"))[0])
    with store.opened().connect() as connection:

        def own(kind: str) -> list[str]:
            return [code for (code,) in connection.execute(_OWN, {"findings": findings, "type": kind}).fetchall()]

        hospitals, pharmacies = own(HOSPITAL), own(PHARMACY)
        doctors = connection.execute(
            "SELECT dr_code FROM read_parquet($findings) WHERE fixmedins_code = $hospital AND dr_code IS NOT NULL "
            "GROUP BY ALL ORDER BY count(*) DESC, 1 LIMIT 1",
            {"findings": findings, "hospital": hospitals[0] if hospitals else ""},
        ).fetchall()
    owned = {
        "hospital": tuple(hospitals[:1]),
        "doctor": tuple(hospitals[:1]),
        "pharmacy": tuple(pharmacies[:1]),
        "chain": tuple(pharmacies[:3]),
    }
    assign_institutions(owned, {"doctor": doctors[0][0] if doctors else ""})
