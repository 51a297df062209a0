"""Measure the same run on DuckDB and on Spark: seconds of the clock, and whether the findings are the same bytes.

    python benchmarks/engines.py [--lines 200000 ...] [--master local[2]] [--work DIR] [--name NAME]

Spark is an extra: `make spark` first. Its start is counted, and stands apart from the steps. `--work` keeps the data.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import tempfile
from pathlib import Path
from typing import Any

from run import FUNDGUARD, RESULTS, Measured, measure, measure_import, measure_synth

SAME = ("findings.parquet", "evidence.parquet", "not_evaluated.parquet")


def measure_size(lines: int, work: Path, master: str) -> dict[str, Any]:
    measure_synth(lines, "parquet", work)
    store = work / f"store-{lines}-parquet"
    if not store.exists():
        measure_import(lines, "parquet", work)
    runs = {
        "duckdb": audited(store, work / f"engines-{lines}-duckdb", "--origin", "parquet"),
        "spark": audited(store, work / f"engines-{lines}-spark", "--engine", "spark", "--master", master),
    }
    digests = {name: digest(work / f"engines-{lines}-{name}") for name in runs}
    return {
        "lines": lines,
        "same_bytes": digests["duckdb"] == digests["spark"],
        "runs": {name: told(done, work / f"engines-{lines}-{name}") for name, done in runs.items()},
        "spark_over_duckdb": runs["spark"].wall / runs["duckdb"].wall,
    }


def audited(store: Path, out: Path, *options: str) -> Measured:
    return measure(*FUNDGUARD, "audit", "--store", store, "--out", out, "--json", *options)


def told(done: Measured, out: Path) -> dict[str, Any]:
    steps = json.loads((out / "timing.json").read_text("utf-8"))["steps"]
    in_steps = sum(step["seconds"] for step in steps)
    return {
        "wall": done.wall,
        "steps": in_steps,
        "start": done.wall - in_steps,
        "rules": len(done.answer["rules"]),
        "failed": sorted(code for code, one in done.answer["rules"].items() if one["errors"]),
        "slowest": sorted(steps, key=lambda step: -step["seconds"])[:5],
    }


def digest(out: Path) -> list[str]:
    return [hashlib.sha256((out / name).read_bytes()).hexdigest() for name in SAME]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--lines", type=int, nargs="+", default=[200_000])
    options.add_argument("--master", default="local[2]")
    options.add_argument("--work", type=Path)
    options.add_argument("--name", help="name of the result file; default: engines and the sizes")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        sizes = [measure_size(lines, work, given.master) for lines in sorted(given.lines)]
    result = {"python": platform.python_version(), "cpus": os.cpu_count(), "master": given.master, "sizes": sizes}
    target = RESULTS / f"{given.name or 'engines-' + '-'.join(map(str, sorted(given.lines)))}.json"
    target.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(target.read_text("utf-8"))


if __name__ == "__main__":
    main()
