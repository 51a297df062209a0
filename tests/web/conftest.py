"""People of the demonstration, and a browser over the real launcher."""

from __future__ import annotations

import pytest
from django.test import Client

from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.management.commands.seed_demo import seed
from fundguard.web.accounts.models import User


@pytest.fixture
def people(db):
    """Demonstration regions and accounts."""
    seed()


@pytest.fixture
def signed_in(people):
    """`signed_in("review1")` is a client of that account."""

    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(username=username), "django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def viewer(people):
    """`viewer("review1")` is that account as selectors see it."""
    return lambda username: Viewer.of(User.objects.select_related("region").get(username=username))
