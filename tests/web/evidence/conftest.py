"""A finding that the institution was told of, with a store whose keys seal the files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fundguard.web.desk.models import StateRow
from fundguard.web.evidence import services
from fundguard.web.evidence.models import Attachment
from tests.web.desk.conftest import (  # noqa: F401 (fixtures of the same findings)
    CONFIRM,
    NOTIFY,
    UPHOLD,
    bare,
    committed,
    found,
    key_of,
    people,
    steps,
    told,
    viewer,
)

LINES = ("home-L1", "home-L2")


@pytest.fixture
def files(settings, tmp_path: Path) -> Path:
    settings.EVIDENCE = tmp_path / "evidence"
    return settings.EVIDENCE


@pytest.fixture
def notified(found, files) -> None:  # noqa: F811
    """The finding at home is with the hospital; the other two wait for first review."""
    steps("home", UPHOLD, CONFIRM, NOTIFY)


def upload(content: bytes, name: str = "医嘱.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def brought(username: str, content: bytes, kind: str = "病历", **options: object) -> Attachment:
    """Attached to the finding at home by this account."""
    key = key_of("home")
    received = services.receive_all(viewer(username), key, [upload(content)])
    return services.attach(viewer(username), key, received, kind, **options)[0]


def force(name: str, state: str) -> None:
    StateRow.objects.filter(object_id=key_of(name)).update(state=state)


Made = Callable[[], bytes]
