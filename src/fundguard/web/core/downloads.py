"""A file made for one download; nothing of it stays on the disk."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from django.http import HttpResponse
from django.utils.http import content_disposition_header

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(name: str, write: Callable[[Path], object]) -> HttpResponse:
    """The workbook that `write` makes, as an attachment called `name`.xlsx."""
    with tempfile.TemporaryDirectory(prefix="fundguard-") as folder:
        path = Path(folder) / "download.xlsx"
        write(path)
        content = path.read_bytes()
    return attached(content, EXCEL, f"{name}.xlsx")


def attached(content: bytes, kind: str, name: str) -> HttpResponse:
    """A finished file called `name` as an attachment that no cache keeps."""
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["Cache-Control"] = "no-store"
    return answer
