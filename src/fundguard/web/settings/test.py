"""Tests: SQLite in memory, or PostgreSQL at `FUNDGUARD_TEST_DB`; a data folder of their own; jobs run at once."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

DATA_OF_TESTS = Path(tempfile.mkdtemp(prefix="fundguard-test-"))
atexit.register(shutil.rmtree, DATA_OF_TESTS, ignore_errors=True)
os.environ["FUNDGUARD_DATA"] = str(DATA_OF_TESTS)

from fundguard.web.settings.base import *  # noqa: E402, F403
from fundguard.web.settings.database import postgres, sqlite  # noqa: E402

SECRET_KEY = "only-for-tests"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
_url = os.environ.get("FUNDGUARD_TEST_DB", "")
DATABASES = {"default": postgres(_url) if _url else sqlite(Path(":memory:"))}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
JOBS_AT_ONCE = True
