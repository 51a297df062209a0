"""A process killed between the file and the row leaves at most a file that nobody needs, never a row without its file;
a restored site has every attachment of the database that came with it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fundguard.web.backup import passphrase
from fundguard.web.backup.services import backup, restore
from tests.web.evidence import samples
from tests.web.test_backup import environment, script

KEY = "A" * 32
SITE = f"""
import django
django.setup()
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", verbosity=0)
from fundguard.web.accounts.services import seed_demo
from fundguard.web.desk.models import StateRow
from fundguard.web.findings.models import Finding, TakenRun
seed_demo()
now = timezone.now()
same = dict(region="990101", fixmedins_code="H1", rule_code="N67", verdict="可疑", subject_kind="encounter")
run = TakenRun.objects.create(run_id="r", folder="r", taken_at=now)
Finding.objects.create(finding_key="{KEY}", rule_version=1, amount_fen=100, counted_fen=100, run=run, created_at=now,
    changed_at=now, **same)
StateRow.objects.create(workflow="finding", object_id="{KEY}", state="found", amount_fen=100, counted_fen=100,
    amount_now_fen=100, lines={{"L1": 100}}, entered_at=now, **same)
"""
ATTACH = f"""
import os, signal, sys
import django
django.setup()
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.evidence import services
viewer = Viewer(User.objects.get(username="reviewer1"))
def dying(execute, sql, params, many, context):
    told = execute(sql, params, many, context)
    if sys.argv[2] and sql.startswith("INSERT INTO") and sys.argv[2] in sql.split("(")[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return told
file = SimpleUploadedFile("a.pdf", open(sys.argv[1], "rb").read())
with connection.execute_wrapper(dying):
    services.attach(viewer, "{KEY}", services.receive_all(viewer, "{KEY}", [file]), "处方或医嘱")
"""
STATE = """
import json
import django
django.setup()
from django.conf import settings
from fundguard.web.evidence.models import Attachment, LinePaper
from fundguard.web.evidence.verifying import verify
from fundguard.web.ledger.models import Entry
files = [path for path in settings.EVIDENCE.rglob("*") if path.is_file()]
print(json.dumps([len(files), Attachment.objects.count(), LinePaper.objects.count(),
    Entry.objects.filter(act="上传附件").count(), verify().faults]))
"""


@pytest.fixture
def attach(tmp_path: Path):
    """`attach(where)` in a process that is killed at the first row of this table ("": not at all); its exit, and what
    stands there then: files, attachments, papers, rows of the ledger, faults."""
    data = tmp_path / "data"
    script(SITE, data)
    (tmp_path / "a.pdf").write_bytes(samples.pdf())

    def run(where: str) -> tuple[int, list[object]]:
        command = [sys.executable, "-c", ATTACH, str(tmp_path / "a.pdf"), where]
        done = subprocess.run(command, env=environment(data), capture_output=True, text=True, check=False)
        return done.returncode, json.loads(script(STATE, data))

    return run


@pytest.mark.kill
def test_killed_at_any_row_nothing_is_half_done_and_the_next_try_succeeds(attach):
    for where in ("evidence_attachment", "evidence_linepaper"):
        assert attach(where) == (-signal.SIGKILL, [1, 0, 0, 0, []])
    assert attach("") == (0, [1, 1, 1, 1, []])


def test_a_restored_site_has_its_attachments_sealed_and_whole(attach, tmp_path, monkeypatch):
    monkeypatch.setenv(passphrase.VARIABLE, "eine lange Reihe von Worten")
    for name in ("FUNDGUARD_DATABASE", "FUNDGUARD_KEYS", "FUNDGUARD_LEDGER_HEADS"):
        monkeypatch.delenv(name, raising=False)
    assert attach("") == (0, [1, 1, 1, 1, []])
    data = tmp_path / "data"
    [kept] = [path for path in (data / "evidence").rglob("*") if path.is_file()]
    kept.with_name("new-half").write_bytes(b"half a file")
    told = backup(data, tmp_path / "backup.tar")
    assert [name for name in told["files"] if name.startswith("evidence/")] == [f"evidence/{kept.name[:2]}/{kept.name}"]
    assert b"%PDF-" not in (tmp_path / "backup.tar").read_bytes()
    restore(tmp_path / "backup.tar", tmp_path / "new")
    assert json.loads(script(STATE, tmp_path / "new")) == [1, 1, 1, 1, []]
