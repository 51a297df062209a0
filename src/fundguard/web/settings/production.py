"""Production: secrets from files or the environment, HTTPS only. `manage check --deploy` must find nothing."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from fundguard.web.settings.base import *

DEBUG = False
DATA.mkdir(mode=0o700, parents=True, exist_ok=True)  # the job queue opens its file when it is loaded


def _required(name: str) -> str:
    """The value of NAME, or the content of the file that NAME_FILE points to."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    if value := os.environ.get(name):
        return value
    raise ImproperlyConfigured(f"缺少配置 {name}：请设置环境变量 {name}，或用 {name}_FILE 指向保存它的文件")


SECRET_KEY = _required("FUNDGUARD_SECRET")
ALLOWED_HOSTS = _required("FUNDGUARD_HOSTS").split(",")
SITE_URL = os.environ.get("FUNDGUARD_SITE_URL", f"https://{ALLOWED_HOSTS[0]}").rstrip("/")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
DATABASES = {"default": postgres(_required("FUNDGUARD_DATABASE"))}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
