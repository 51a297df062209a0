"""The bureau's own sign-in, from the environment: OpenID Connect, or a directory (LDAP). None without settings."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

PROVIDER = "unit"


def oidc() -> tuple[dict[str, object], str, list[str]]:
    """allauth's providers, the words on the button, and the origins that the sign-in form may be sent on to."""
    server = os.environ.get("FUNDGUARD_OIDC_SERVER", "")
    if not server:
        return {}, "", []
    address = urlsplit(server)
    if address.scheme != "https" and address.hostname not in ("127.0.0.1", "localhost"):
        raise ImproperlyConfigured("FUNDGUARD_OIDC_SERVER 必须是 https 地址")
    app = {
        "provider_id": PROVIDER,
        "name": os.environ.get("FUNDGUARD_OIDC_NAME") or "单位统一登录",
        "client_id": _needed("FUNDGUARD_OIDC_CLIENT"),
        "secret": _needed("FUNDGUARD_OIDC_SECRET"),
        "settings": {"server_url": server, "oauth_pkce_enabled": True},
    }
    providers = {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
    return providers, str(app["name"]), [f"{address.scheme}://{address.netloc}"]


def ldap() -> tuple[str, str]:
    """Address of the directory, and the pattern of a person's name there: `uid={username},ou=people,dc=example`."""
    url = os.environ.get("FUNDGUARD_LDAP_URL", "")
    if not url:
        return "", ""
    pattern = _needed("FUNDGUARD_LDAP_DN")
    if "{username}" not in pattern:
        raise ImproperlyConfigured("FUNDGUARD_LDAP_DN 中须有 {username}")
    return url, pattern


def _needed(name: str) -> str:
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    if value := os.environ.get(name):
        return value
    raise ImproperlyConfigured(f"缺少配置 {name}：请设置环境变量 {name}，或用 {name}_FILE 指向保存它的文件")
