"""A worker is killed in the middle: whole batches stand, and the next one takes back the rest, each item once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web.test_racing import database  # noqa: F401  a fixture

SCRIPT = Path(__file__).with_name("killed.py")


@pytest.mark.kill
def test_a_killed_recall_goes_on_where_its_last_batch_ended(database, tmp_path) -> None:  # noqa: F811
    env = os.environ | {"FUNDGUARD_DATA": str(tmp_path)} | database

    def act(name: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, SCRIPT, name], env=env, capture_output=True, text=True, check=False)

    killed = act("begin")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    done = act("go_on")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told == {"first": 500, "items": 507, "states": ["withdrawn"], "steps": 507, "done": True}
