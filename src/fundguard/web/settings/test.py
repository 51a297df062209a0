"""Tests: SQLite in memory, or PostgreSQL where FUNDGUARD_TEST_DB names one. Jobs run at once, in the test's process."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from fundguard.web.settings.base import *

DATA = Path(tempfile.mkdtemp(prefix="fundguard-test-"))
atexit.register(shutil.rmtree, DATA, ignore_errors=True)
STORE, RUNS, UPLOADS = DATA / "store", DATA / "runs", DATA / "uploads"
LEDGER_HEADS, EVIDENCE, KNOWLEDGE = DATA / "heads", DATA / "evidence", DATA / "knowledge"
DEBUG = False
SECOND_FACTOR_REQUIRED = False  # the tests of it turn it on
SECRET_KEY = "only-for-tests-" * 4
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
HUEY = {"huey_class": "huey.MemoryHuey", "name": "test", "immediate": True, "results": False}
_url = os.environ.get("FUNDGUARD_TEST_DB")
DATABASES = {"default": postgres(_url) if _url else {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
