"""People of the demonstration."""

from __future__ import annotations

import pytest
from django.test import Client

from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.accounts.services import assign_institutions, seed_demo

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
