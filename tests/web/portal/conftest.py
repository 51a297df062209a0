"""Notified findings, and sheets as an institution would fill them in."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from fundguard.web.portal.models import OwnKey
from fundguard.web.portal.reading import Line, read
from fundguard.web.portal.sheets import COLUMNS, HEAD, PLACE, SHEET
from tests.web.desk.conftest import CONFIRM, HOME, NOTIFY, UPHOLD, bare, found, key_of, people, steps, told

__all__ = ["bare", "found", "people", "told"]
NOTIFIED = (UPHOLD, CONFIRM, NOTIFY)


@pytest.fixture
def notified(told) -> None:
    """Two findings of the own hospital with two charge lines each, told to it."""
    told("r1", one={}, two={})
    for name in ("one", "two"):
        steps(name, *NOTIFIED)


def own_key(name: str, **fields: str) -> None:
    OwnKey.objects.create(finding_key=key_of(name), finding_id="", fixmedins_code=HOME, **fields)


def downloaded(client, query: str = "") -> list[Line]:
    answer = client.get(f"/portal/sheet/{query}")
    assert answer.status_code == 200, answer.text
    return read(io.BytesIO(answer.content), SHEET)


Cells = dict[str, Any]


def cells(lines: list[Line]) -> list[Cells]:
    """The rows below the headings, by the name of the column."""
    return [{name: line.cells.get(place, "") for name, place in PLACE.items()} for line in lines if line.number > HEAD]


def written(rows: list[Mapping[str, Any]], lines: list[Line], *, sheet: str = SHEET, **extra: Any) -> bytes:
    """A workbook with the head that was downloaded and these rows, as an office program would save it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": True}) as book:
        page = book.add_worksheet(sheet)
        for line in lines:
            if line.number <= HEAD:
                for place, text in line.cells.items():
                    page.write_string(line.number - 1, place, text)
        for at, row in enumerate(rows, extra.get("begin", HEAD)):
            for name in COLUMNS:
                value = row[name]
                if value in ("", None):
                    continue
                if name in ("version", "amount") and not str(value).startswith("="):
                    page.write_number(at, PLACE[name], float(value))
                else:
                    page.write(at, PLACE[name], value)
        if merge := extra.get("merge"):
            page.merge_range(*merge, "合并")
        for line in range(extra.get("blank", 0)):
            page.set_row(HEAD + len(rows) + line, 15)
    return out.getvalue()


def uploaded(client, content: bytes, name: str = "疑点答复表.xlsx"):
    return client.post("/portal/sheet/upload/", {"file": SimpleUploadedFile(name, content)})


def say(rows: list[Cells], **said: tuple[str, str]) -> list[Cells]:
    """`one_L1=("申诉", "理由")`: the answer of a line of the finding."""
    wanted = {name.replace("_", "-"): answer for name, answer in said.items()}
    for row in rows:
        if row["line"] in wanted:
            row["answer"], row["statement"] = wanted[row["line"]]
    return rows


def hidden(html: str) -> dict[str, str]:
    """Version and number of the form on the page of a finding."""
    return dict(re.findall(r'<input type="hidden" name="(version|request)" value="([^"]+)"', html))
