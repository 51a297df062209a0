"""Demonstration on one machine: loopback only, SQLite only, secret made once in the data folder, accounts on show."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

from fundguard.web.keys import key_file
from fundguard.web.settings.base import *  # noqa: F403
from fundguard.web.settings.base import DATA, KEYS
from fundguard.web.settings.database import sqlite

if os.environ.get("FUNDGUARD_DATABASE"):
    raise ImproperlyConfigured(
        "演示模式只使用数据目录里的 SQLite，请去掉环境变量 FUNDGUARD_DATABASE，或改用 production 配置。"
    )

DEMO = True
DATA.mkdir(parents=True, exist_ok=True)
SECRET_KEY = key_file(KEYS, "site").hex()
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
DATABASES = {"default": sqlite(DATA / "app.sqlite3")}
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
