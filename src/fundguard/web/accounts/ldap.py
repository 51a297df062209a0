"""Signing in against the bureau's directory: the password is tried by a bind and never kept.

An entry that is not known yet becomes an account without post, and so without rights. A name that is already an account
of the platform is not taken over by the directory.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

import ldap3
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db import transaction
from django.http import HttpRequest
from ldap3.core.exceptions import LDAPException
from ldap3.utils.dn import escape_rdn

from fundguard.web.accounts.models import User
from fundguard.web.accounts.records import record_account

TIMEOUT = 5  # seconds
NAME_ATTRIBUTES = ("displayName", "cn")
_log = logging.getLogger(__name__)


class DirectoryBackend(ModelBackend):
    """`LDAP_URL` (ldaps://host, or ldap://host with STARTTLS) and `LDAP_DN` (uid={username},ou=…) say where to ask."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if not username or not password:  # a directory takes a bind without password for an anonymous one, and agrees
            return None
        known = User.objects.filter(username=username).first()
        if known is not None and known.source != User.Source.LDAP:
            return None
        name = _name_of(username, password)
        if name is None:
            return None
        user = known or _created(username, name)
        return user if self.user_can_authenticate(user) else None


def connection(dn: str, password: str) -> ldap3.Connection:
    """Not yet bound. Everything but the machine's own directory is asked over TLS only."""
    address = urlsplit(settings.LDAP_URL)
    server = ldap3.Server(settings.LDAP_URL, connect_timeout=TIMEOUT, get_info=ldap3.NONE)
    made = ldap3.Connection(server, dn, password, receive_timeout=TIMEOUT, read_only=True)
    if address.scheme != "ldaps" and address.hostname not in ("127.0.0.1", "localhost"):
        made.open()
        made.start_tls()
    return made


def _name_of(username: str, password: str) -> str | None:
    """The person's name in the directory; None where the password is wrong or the directory does not answer."""
    dn = settings.LDAP_DN.format(username=escape_rdn(username))
    try:
        bound = connection(dn, password)
        if not bound.bind():
            return None
        bound.search(dn, "(objectClass=*)", ldap3.BASE, attributes=list(NAME_ATTRIBUTES))
        found = bound.entries[0].entry_attributes_as_dict if bound.entries else {}
        bound.unbind()
    except LDAPException as error:
        _log.error("单位目录没有应答：%s", type(error).__name__)
        return None
    values = [value for attribute in NAME_ATTRIBUTES for value in found.get(attribute, ())]
    return str(values[0])[:60] if values else username


@transaction.atomic
def _created(username: str, name: str) -> User:
    user = User(username=username, display_name=name, source=User.Source.LDAP)
    user.set_unusable_password()
    user.save()
    record_account(None, "单位目录建立账号", user)
    return user
