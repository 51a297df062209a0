"""People of the demonstration."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.accounts.services import assign_institutions, seed_demo
from tests.web import small_claims
from tests.web.browsing import chromium, site, visit  # noqa: F401 (fixtures of the browser tests)

HOSPITAL, STORES = "H99010110001", ("P99010140001", "P99010240001")


@pytest.fixture
def people(db):
    """Demonstration regions and accounts; the hospital has one institution, the chain two stores."""
    seed_demo()
    owned = {"hospital": (HOSPITAL,), "doctor": (HOSPITAL,), "pharmacy": STORES[:1], "chain": STORES}
    assign_institutions(owned, {"doctor": "D90000000001"})


@pytest.fixture
def signed_in(people):
    """`signed_in("chief")` is a client of that account."""

    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(username=username), "django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def viewer(people):
    """`viewer("chief")` is that account as selectors see it."""
    return lambda username: Viewer(User.objects.select_related("region").get(username=username))


@pytest.fixture
def data(settings, tmp_path):
    """Store, runs and uploads below a new folder."""
    settings.STORE, settings.RUNS, settings.UPLOADS = (tmp_path / name for name in ("store", "runs", "uploads"))
    settings.KNOWLEDGE = tmp_path / "knowledge"
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
