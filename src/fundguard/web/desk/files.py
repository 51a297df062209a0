"""Files that a step brings as its papers: where they go is told by `web/wiring.py`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.workflows.papers import PAPERS

#: How an attachment is named as the paper of a step.
NUMBER = re.compile(r"FJ-\d+")


@dataclass(frozen=True)
class CaseFile:
    """`references` (number, what it is) of what the viewer may bring on the finding of a key. `receive_all` checks and
    keeps files, outside a transaction; `keep` puts one into the case file as this kind, within that of the step, and
    gives its number. Refusal where a file cannot be kept."""

    references: Callable[[Viewer, str], list[tuple[str, str]]]
    receive_all: Callable[[Viewer, str, Sequence[UploadedFile]], Sequence[Any]]
    keep: Callable[[Viewer, str, str, Any], str]


def case_file() -> CaseFile:
    """Imported late, because wiring brings in every application."""
    from fundguard.web import wiring

    return wiring.CASE_FILE


class Unfit(Refusal):
    """A file that cannot be kept: told on the form, which keeps what was written."""


def received(viewer: Viewer, key: str, sent: Mapping[str, UploadedFile]) -> dict[str, Any]:
    """Paper → its file, checked and kept. Outside a transaction: a check takes its time."""
    try:
        return dict(zip(sent, case_file().receive_all(viewer, key, list(sent.values())), strict=True)) if sent else {}
    except Refusal as refusal:
        parts = {"where": refusal.where, "seen": refusal.seen, "remedy": refusal.remedy}
        raise Unfit(refusal.what, **parts) from refusal


def kept(viewer: Viewer, key: str, files: Mapping[str, Any]) -> dict[str, str]:
    """Paper → number of the attachment, now in the case file."""
    return {code: case_file().keep(viewer, key, PAPERS[code].name, one) for code, one in files.items()}
