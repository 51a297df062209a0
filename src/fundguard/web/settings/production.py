"""Production: PostgreSQL (`FUNDGUARD_DATABASE`) or SQLite, behind HTTPS. `check --deploy` is clean."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from fundguard.web.settings.base import *  # noqa: F403
from fundguard.web.settings.base import DATA
from fundguard.web.settings.database import postgres, sqlite


def _given(name: str) -> str:
    """The value of an environment variable, or of the file that `<name>_FILE` names; empty if neither is set."""
    path = os.environ.get(f"{name}_FILE")
    return Path(path).read_text("utf-8").strip() if path else os.environ.get(name, "")


SECRET_KEY = _given("FUNDGUARD_SECRET")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("请用 FUNDGUARD_SECRET_FILE 或 FUNDGUARD_SECRET 提供不少于 50 个字符的密钥。")
ALLOWED_HOSTS = [host for host in _given("FUNDGUARD_HOSTS").split(",") if host]
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("请用 FUNDGUARD_HOSTS 列出网站域名，以英文逗号分隔。")

_url = _given("FUNDGUARD_DATABASE")
DATABASES = {"default": postgres(_url) if _url else sqlite(DATA / "app.sqlite3")}

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
