"""Checks a file in a program of its own, bounded in memory and time, so that no file can stop the site."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from fundguard.errors import Refusal
from fundguard.web.evidence import content

PATIENCE = 60  # seconds of waiting; the program itself gives up earlier
#: Kind → how its name ends, and its media type.
FORMS = {
    "jpeg": (".jpg", "image/jpeg"),
    "png": (".png", "image/png"),
    "pdf": (".pdf", "application/pdf"),
    "docx": (".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ofd": (".ofd", "application/ofd"),
}


def checked(source: Path, target: Path, where: str, wanted: tuple[str, ...]) -> str:
    """The kind of the file at `source`, a key of `FORMS`; `target` holds what is to be kept. Refusal names `where`."""
    command = [sys.executable, "-I", content.__file__, str(source), str(target), *wanted]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
        told = json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        told = {}
    if kind := told.get("kind"):
        return str(kind)
    seen, remedy = told.get("seen", "文件过于复杂，不能检查"), told.get("remedy", content.SAVE_AS)
    raise Refusal("附件不能接收", where=where, seen=seen, remedy=remedy)
