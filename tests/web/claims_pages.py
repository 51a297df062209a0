"""Fixtures of the pages over a store: data folders of the test's own, work done as the worker would."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.web import small_claims


@pytest.fixture
def data(settings, tmp_path):
    """Store, runs and uploads below a new folder."""
    settings.STORE, settings.RUNS, settings.UPLOADS = (tmp_path / name for name in ("store", "runs", "uploads"))
    cache.clear()
    return tmp_path


@pytest.fixture
def upload(data, signed_in, django_capture_on_commit_callbacks):
    """`upload(files)` posts the form as the city's chief and lets the worker import; the answer of the form."""

    def post(files: dict[str, bytes] | None = None, **fields: str):
        given = small_claims.files() if files is None else files
        sent = [SimpleUploadedFile(name, content) for name, content in given.items()]
        with django_capture_on_commit_callbacks(execute=True):
            return signed_in("chief").post("/intake/upload/", {"files": sent, **fields})

    return post


@pytest.fixture
def started(data, signed_in, django_capture_on_commit_callbacks):
    """`started(region="990100")` posts the form as the chief and lets the worker run; the answer of the form."""

    def post(**fields: object):
        with django_capture_on_commit_callbacks(execute=True):
            return signed_in("chief").post("/runs/start/", {"region": "990100", **fields})

    return post
