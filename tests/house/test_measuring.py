"""The measuring harness counts what it says: processor time of the whole process tree, its answer, its failure."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "benchmarks" / "run.py"
SPIN = "import time\nwhile time.process_time() < 0.2: pass\n"


@pytest.fixture(scope="module")
def run() -> ModuleType:
    module = ModuleType("benchmark_run")
    module.__file__ = str(SOURCE)
    sys.modules[module.__name__] = module
    exec(compile(SOURCE.read_text("utf-8"), SOURCE, "exec"), module.__dict__)
    return module


@pytest.mark.parametrize("code", [SPIN, f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SPIN!r}])"])
def test_time_of_the_process_and_of_its_children_counts(run: ModuleType, code: str) -> None:
    assert run.measure(sys.executable, "-c", code).cpu >= 0.2


def test_memory_is_in_mebibytes() -> None:
    """In a process as small as the harness: Linux starts a child's peak at the size of the process that started it."""
    workload = [sys.executable, "-c", "b'x' * 50 * 2**20"]
    code = f"import runpy; print(runpy.run_path({str(SOURCE)!r})['measure'](*{workload!r}).peak_mib)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 50 < float(told.stdout) < 150


@pytest.mark.parametrize(("printed", "answer"), [('{"read": 3}', {"read": 3}), ("text", None)])
def test_a_json_answer_is_kept(run: ModuleType, printed: str, answer: object) -> None:
    assert run.measure(sys.executable, "-c", f"print('{printed}')").answer == answer


def test_a_failing_workload_ends_the_run_with_its_words(run: ModuleType) -> None:
    with pytest.raises(SystemExit, match="full disk"):
        run.measure(sys.executable, "-c", "raise SystemExit('full disk')")


@pytest.mark.parametrize(("cpu", "expected"), [((2.0,), {}), ((2.0, 12.0), {"parquet": 6.0})])
def test_growth_from_the_smallest_size_to_the_largest(
    run: ModuleType, cpu: tuple[float, ...], expected: dict[str, float]
) -> None:
    assert run.growth([{"audit": {"all_rules": {"parquet": {"cpu": seconds}}}} for seconds in cpu]) == expected
