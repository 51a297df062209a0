"""A file larger than memory: what an import takes does not grow with the file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from intake_rows import csv_bytes, fee

from fundguard.claims.intake.csv_text import BLOCK
from fundguard.claims.intake.run import AHEAD
from fundguard.claims.store import Store

MIB = 1 << 20
#: More blocks than are ever in flight: one read, those parsed, one stored.
SMALL = (AHEAD + 2) * BLOCK
LARGE = SMALL + 320 * MIB
ALLOWED = 144 * MIB
IMPORT = """
import sys
from pathlib import Path
from fundguard.claims.intake import import_path
import_path(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def write(path: Path, size: int, encoding: str) -> int:
    """A file of some `size` bytes, mostly a column that no table knows; returns its rows."""
    remark = "备注" * 2000
    rows = size // len(csv_bytes([fee(1) | {"local_remark": remark}], encoding))
    head, line = csv_bytes([fee(10_000) | {"local_remark": remark}], encoding).splitlines(keepends=True)
    with path.open("wb") as file:
        file.write(head)
        for number in range(10_000, 10_000 + rows):
            file.write(line.replace(b"F10000", b"F%d" % number, 1))
    return rows


def peak(source: Path, store: Path) -> int:
    """Bytes of memory that the process of an import held at most."""
    process = subprocess.Popen([sys.executable, "-c", IMPORT, str(source), str(store)])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_maxrss * 1024


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_memory_does_not_grow_with_the_file(encoding: str, tmp_path: Path) -> None:
    peaks = {}
    for size in (SMALL, LARGE):
        source = tmp_path / "fee_list_d.csv"
        rows = write(source, size, encoding)
        peaks[size] = peak(source, tmp_path / f"store-{size}")
        assert Store.open(tmp_path / f"store-{size}").manifests()[0].tables["fee_list_d"].new == rows
        source.unlink()
    assert peaks[LARGE] - peaks[SMALL] < ALLOWED < (LARGE - SMALL) // 2, {k // MIB: v // MIB for k, v in peaks.items()}
