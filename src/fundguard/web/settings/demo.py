"""Demonstration on one's own machine: loopback only, SQLite only, well-known accounts. `check --deploy` refuses it."""

from __future__ import annotations

import os
import secrets

from django.core.exceptions import ImproperlyConfigured

from fundguard.web.settings.base import *

DEMO = True
DEBUG = False
PASSWORD_DAYS, SECOND_FACTOR_REQUIRED = 0, False  # the accounts are on show
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True

if os.environ.get("FUNDGUARD_DATABASE"):
    raise ImproperlyConfigured("演示模式只使用本机 SQLite，请去掉 FUNDGUARD_DATABASE，或改用生产配置")


def _secret() -> str:
    """Drawn once and kept in the data folder, readable by its owner only."""
    path = DATA / "secret.key"
    if not path.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text()


SECRET_KEY = _secret()
DATABASES = {"default": sqlite(DATA / "app.sqlite3")}
