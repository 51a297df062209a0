"""What is left when a worker is killed in the middle, or the database goes away under a step."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from fundguard.web.accounts.models import User
from fundguard.web.desk import services
from fundguard.web.ledger.models import Entry
from tests.web.desk.conftest import StateRow, key_of, row

ROOT = Path(__file__).resolve().parents[3]


def site(data: Path, part: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("FUNDGUARD_", "DJANGO_"))}
    own |= {"FUNDGUARD_DATA": str(data), "DJANGO_SETTINGS_MODULE": "fundguard.web.settings.demo"}
    own["PYTHONPATH"] = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    command = [sys.executable, "-m", "tests.web.desk.killed", part]
    return subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False, timeout=400)


@pytest.mark.kill
def test_a_worker_killed_in_the_middle_goes_on_and_nothing_is_done_twice(tmp_path: Path) -> None:
    made = site(tmp_path, "make")
    assert made.returncode == 0, made.stderr
    assert site(tmp_path, "work").returncode == -signal.SIGKILL
    told = json.loads(site(tmp_path, "again").stdout)
    assert told == {"left": 6, "told": "failed", "taken": 10, "states": ["dismissed"], "rows": [1] * 10}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a database in the process does not go away")
def test_a_database_that_goes_away_is_told_and_leaves_nothing_half_done(
    committed, transactional_db, found, monkeypatch
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username="reviewer1"), "django.contrib.auth.backends.ModelBackend")
    append = services.append

    def dropped(entries: list[Entry]) -> None:
        append(entries)
        connection.connection.close()

    monkeypatch.setattr(services, "append", dropped)
    given = {"version": "1", "request": "r-1", "reason": "已有说明", "go": "stay"}
    answer = client.post(f"/desk/{key_of('home')}/dismiss/", given)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "数据库暂时无法连接" in answer.text
    connection.close()
    assert (row("home").state, row("home").version) == ("found", 1)
    assert not Entry.objects.filter(act="初审不成立").exists()
    monkeypatch.undo()
    assert client.post(f"/desk/{key_of('home')}/dismiss/", given).status_code == 302
    assert StateRow.objects.filter(state="dismissed").count() == 1
