"""Several at once: one demand a finding, no fen received twice, numbers of papers without gap or double."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("racing.py")
ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ.get("FUNDGUARD_TEST_DB")


@pytest.fixture
def database(tmp_path):
    """Settings of an empty database with files or a server behind it: threads share nothing but what is committed."""
    shared = {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")])}
    if not SERVER:
        yield shared | {"DJANGO_SETTINGS_MODULE": "fundguard.web.settings.demo", "FUNDGUARD_DATA": str(tmp_path)}
        return
    server, name = SERVER.rpartition("/")[0], f"fundguard_racing_{uuid.uuid4().hex[:8]}"
    tool = [sys.executable, str(ROOT / "scripts" / "postgres.py")]
    subprocess.run([*tool, "create", server, name], check=True)
    try:
        yield shared | {
            "DJANGO_SETTINGS_MODULE": "fundguard.web.settings.test",
            "FUNDGUARD_TEST_DB": f"{server}/{name}",
        }
    finally:
        subprocess.run([*tool, "drop", server, name], check=True)


def test_of_two_at_once_one_is_booked_and_papers_are_numbered_without_gaps(database) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT], env=os.environ | database, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["money"]
    for first, second, third in zip(*[iter(told["money"])] * 3, strict=True):
        assert first == second == ["done", "refused"]
        assert third == ["0", "2"]
    assert told["confirmed"] == ["done", "refused", "1"]
    assert told["serials"] == list(range(1, 9))
