"""Measure import and audit against one scan of the same data, so that the ratios hold on any machine.

    python benchmarks/run.py [--lines 200000 ...] [--forms parquet …] [--work DIR] [--name NAME]

Every workload is a process of its own; its CPU seconds (user and system, children included) and the peak memory of its
largest process come from the kernel. The two denominators are the CPU of one query that scans fee_list_d and sums the
eight columns of `EIGHT`, from the store's Parquet files and from the derived DuckDB table: only that query,
the median of five. A workload counts its start-up too, so at small sizes the ratios look worse than they are; Python
finds its modules compiled, as in any installation that has run once.
`--work` keeps the generated data, so that a second run measures only. Sizes of 10000000 and 50000000 lines need some
20 GB of disk there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
EIGHT = [
    "det_item_fee_sumamt",
    "inscp_amt",
    "cnt",
    "pric",
    "fulamt_ownpay_amt",
    "preselfpay_amt",
    "overlmt_selfpay",
    "fee_ocur_time_day",
]
FORMS = ("parquet", "csv", "gb18030")
#: The rules of the speed target: every shape but the two of courses and prescriptions; N80 is judged like N07.
TWENTY = [
    *("N01", "N03", "N07", "N12", "N13", "N25", "N27", "N31", "N36", "N42", "N43", "N49", "N50", "N65", "N67", "N81"),
    *("L001", "L002", "L003", "L004"),
]
#: How an audit reads the store: the last as the data were known on a day, so from Parquet without the kept tables.
READINGS = {
    "parquet": ("--origin", "parquet"),
    "derived": ("--origin", "derived"),
    "as_known": ("--known-on", "9999-12-31"),
}
FUNDGUARD = (sys.executable, "-m", "fundguard")
SCAN = """
import json, resource, statistics, sys
from pathlib import Path
from fundguard.claims.store import Store
columns = sys.argv[3].split()
connection = Store.open(Path(sys.argv[1])).connect(origin=sys.argv[2])
relation = "fee_list_d"
if sys.argv[2] == "parquet":
    relation = f"read_parquet('{sys.argv[1]}/tables/fee_list_d/[0-9]*[0-9].parquet')"
query = f"SELECT count(*), {', '.join(f'sum({name})' for name in columns)} FROM {relation}"
cpu = []
for _ in range(5):
    before = resource.getrusage(resource.RUSAGE_SELF)
    lines = connection.execute(query).fetchone()[0]
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
print(json.dumps({"lines": lines, "cpu": statistics.median(cpu)}))
"""
DERIVE = """
import sys
from pathlib import Path
from fundguard.audit import kept
from fundguard.claims.store import Store
kept.prepare(Store.open(Path(sys.argv[1])))
"""
#: Makes the compiled modules that every later process finds.
WARM = "import fundguard.audit.batch, fundguard.claims.city, fundguard.claims.intake, fundguard.cli"


@dataclass(frozen=True)
class Measured:
    """Seconds of CPU and of the clock, peak memory in MiB, and what the process printed as JSON (or nothing)."""

    cpu: float
    wall: float
    peak_mib: float
    answer: Any = None


def environment() -> dict[str, str]:
    """This process's own, with compiled modules kept here even where they otherwise are not."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(ROOT / "benchmarks" / "__pycache__")}


def measure(*command: str | Path) -> Measured:
    """Run one command to its end. Raises SystemExit with its error text if it fails."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        process = subprocess.Popen(command, stdout=out, stderr=error, cwd=ROOT, env=environment())
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        error.seek(0)
        printed = out.read().decode()
        if process.returncode:
            raise SystemExit(f"{' '.join(map(str, command))}\n{error.read().decode()}")
    wall = time.perf_counter() - began
    answer = json.loads(printed) if printed.startswith(("{", "[")) else None
    return Measured(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, answer)


def measure_size(lines: int, work: Path, forms: Sequence[str]) -> dict[str, Any]:
    """All workloads at one size; ratios stand beside the absolute seconds."""
    cities = {form: measure_synth(lines, form, work) for form in forms}
    imports = {form: measure_import(lines, form, work) for form in forms}
    store = work / f"store-{lines}-parquet"
    derive = measure(sys.executable, "-c", DERIVE, store)
    scans = {origin: scan(store, origin) for origin in ("parquet", "derived")}
    audits = {
        (name, reading): measure_audit(store, READINGS[reading], work / f"run-{lines}-{name}-{reading}", rules)
        for name, rules in (("twenty_rules", TWENTY), ("all_rules", []))
        for reading in READINGS
    }
    fee_lines = scans["parquet"]["lines"]
    one_scan = scans["parquet"]["cpu"]
    return {
        "fee_lines": fee_lines,
        "store_mib": {"parquet": mib(store / "tables"), "derived": mib(store / "derived")},
        "one_scan_cpu": {origin: answer["cpu"] for origin, answer in scans.items()},
        "synth": {
            form: plain(done)
            | {"fee_lines_per_second": lines / done.wall, "rows_per_second": rows(imports[form]) / done.wall}
            for form, done in cities.items()
            if done
        },
        "import": {
            form: plain(done)
            | {
                "fee_lines_per_second": fee_lines / done.wall,
                "rows_per_second": rows(done) / done.wall,
                "cpu_over_parquet_scan": done.cpu / one_scan,
            }
            for form, done in imports.items()
        },
        "derive": plain(derive) | {"cpu_over_parquet_scan": derive.cpu / one_scan},
        "audit": {
            name: {
                reading: plain(done)
                | {
                    "rules": len(done.answer["rules"]),
                    "cpu_over_parquet_scan": done.cpu / one_scan,
                    "cpu_over_derived_scan": done.cpu / scans["derived"]["cpu"],
                }
                for (of, reading), done in audits.items()
                if of == name
            }
            for name in ("twenty_rules", "all_rules")
        },
    }


def measure_synth(lines: int, form: str, work: Path) -> Measured | None:
    """Nothing where an earlier run left the city."""
    city = work / f"city-{lines}-{form}"
    if (city / "city.json").exists():
        return None
    return measure(*FUNDGUARD, "synth", "--lines", str(lines), "--seed", "1", "--form", form, "--out", city)


def measure_import(lines: int, form: str, work: Path) -> Measured:
    city, store = work / f"city-{lines}-{form}", work / f"store-{lines}-{form}"
    if store.exists():
        raise SystemExit(f"{store} exists: remove it, an import is measured into an empty store")
    return measure(*FUNDGUARD, "import", city, "--store", store, "--no-derive", "--json")


def measure_audit(store: Path, reading: Sequence[str], out: Path, rules: Sequence[str]) -> Measured:
    """`rules` are codes; none means all that are published."""
    chosen = [word for code in rules for word in ("--rule", code)]
    return measure(*FUNDGUARD, "audit", "--store", store, "--out", out, *reading, "--json", *chosen)


def rows(imported: Measured) -> int:
    """Rows of all tables that an import read: a city's fee lines are less than half of them."""
    return sum(table["read"] for table in imported.answer["tables"].values())


def mib(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def scan(store: Path, origin: str) -> dict[str, Any]:
    answer = measure(sys.executable, "-c", SCAN, store, origin, " ".join(EIGHT)).answer
    return dict(answer)


def plain(done: Measured) -> dict[str, float]:
    return {name: value for name, value in asdict(done).items() if name != "answer"}


def growth(sizes: list[dict[str, Any]]) -> dict[str, float]:
    """Audit CPU of all rules at the largest size over the smallest, each way of reading; empty for a single size."""
    if len(sizes) < 2:
        return {}
    smallest, largest = (sizes[place]["audit"]["all_rules"] for place in (0, -1))
    return {origin: largest[origin]["cpu"] / smallest[origin]["cpu"] for origin in smallest}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--lines", type=int, nargs="+", default=[200_000])
    options.add_argument("--work", type=Path)
    options.add_argument("--forms", nargs="+", choices=FORMS, default=["parquet", "csv", "gb18030"])
    options.add_argument("--name", help="name of the result file; default: the sizes")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        measure(sys.executable, "-c", WARM)
        sizes = [measure_size(lines, work, given.forms) for lines in sorted(given.lines)]
    result = {
        "eight_columns": EIGHT,
        "twenty_rules": TWENTY,
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "sizes": sizes,
        "audit_cpu_largest_over_smallest": growth(sizes),
    }
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"{given.name or '-'.join(map(str, sorted(given.lines)))}.json"
    target.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(target.read_text("utf-8"))


if __name__ == "__main__":
    main()
