"""A file made for one download; nothing of it stays on the disk."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from django.http import FileResponse

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(name: str, write: Callable[[Path], object]) -> FileResponse:
    """The workbook that `write` makes, as an attachment called `name`.xlsx."""
    with tempfile.TemporaryDirectory(prefix="fundguard-") as folder:
        path = Path(folder) / "download.xlsx"
        write(path)
        opened = path.open("rb")  # stays readable after its name is gone
    answer = FileResponse(opened, as_attachment=True, filename=f"{name}.xlsx", content_type=EXCEL)
    answer["Cache-Control"] = "no-store"
    return answer
