"""The bureau's own sign-in: OpenID Connect against a provider of our own, LDAP against a directory in memory."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import jwt
import ldap3
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from fundguard.web.accounts import ldap
from fundguard.web.accounts.demo import PASSWORD
from fundguard.web.accounts.models import Region, User
from fundguard.web.ledger.models import Entry
from fundguard.web.settings import sign_on

KEY = rsa.generate_private_key(65537, 2048)


class Provider(HTTPServer):
    """Answers as an OpenID Connect provider does; `person` is who signs in next, `refuse` turns the exchange down."""

    person: ClassVar = {"sub": "s-1", "preferred_username": "zhang", "name": "测外来", "email": "chief@example.org"}
    refuse = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        address = self.server.address
        if self.path == "/.well-known/openid-configuration":
            names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "person"}
            told = {name: f"{address}/{path}" for name, path in names.items()}
            self._send(told | {"issuer": address, "jwks_uri": f"{address}/keys"})
        else:
            self._send(self.server.person)

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.server.refuse or sent["code"] != ["good"] or "code_verifier" not in sent:
            self._send({"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        claims = self.server.person | {"iss": self.server.address, "aud": "fundguard", "iat": now, "exp": now + 60}
        self._send({"access_token": "a", "token_type": "Bearer", "id_token": jwt.encode(claims, KEY, "RS256")})

    def _send(self, told: dict[str, object], status: int = 200) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def provider(people, settings, monkeypatch):
    server = Provider(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for name, value in (("SERVER", server.address), ("CLIENT", "fundguard"), ("SECRET", "s3")):
        monkeypatch.setenv(f"FUNDGUARD_OIDC_{name}", value)
    settings.SOCIALACCOUNT_PROVIDERS, settings.SIGN_ON_NAME, _ = sign_on.oidc()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def by_provider(code: str = "good", client: Client | None = None):
    """Press the button, come back from the provider; client and last answer."""
    client = client or Client()
    sent = urlsplit(client.post("/login/unit/unit/").url)
    asked = parse_qs(sent.query)
    assert sent.path == "/authorize"
    assert asked["code_challenge_method"] == ["S256"]
    back = urlsplit(asked["redirect_uri"][0]).path
    return client, client.get(back, {"code": code, "state": asked["state"][0]})


def test_an_unknown_subject_gets_an_account_without_rights_until_a_post_is_assigned(provider, signed_in):
    client, answer = by_provider()
    assert answer.status_code == 302
    made = User.objects.get(username="zhang")
    assert (made.role, made.region, made.display_name, made.source) == ("", None, "测外来", "oidc")
    assert not made.has_usable_password()
    assert client.get("/findings/").status_code == 403
    assert "A02" in client.get("/").text
    post = {"display_name": "测外来", "staff_no": "YB-9", "role": "first_reviewer", "region": "990101"}
    assert signed_in("admin").post(f"/accounts/{made.pk}/", post).status_code == 302
    client, _ = by_provider()
    assert client.get("/findings/").status_code == 200
    assert User.objects.filter(username__startswith="zhang").count() == 1
    acts = list(Entry.objects.order_by("pk").values_list("act", flat=True))
    assert acts == ["单位统一登录建立账号", "登录", "分派岗位", "登录"]


def test_nobody_is_joined_to_an_account_by_name_or_address(provider):
    User.objects.filter(username="chief").update(email="chief@example.org")
    provider.person = provider.person | {"preferred_username": "chief"}
    client, _ = by_provider()
    assert client.get("/ledger/").status_code == 403
    assert User.objects.get(source="oidc").username != "chief"


def test_a_disabled_account_does_not_come_in(provider):
    by_provider()
    User.objects.filter(username="zhang").update(is_active=False)
    _, answer = by_provider()
    assert (answer.status_code, "A07" in answer.text) == (403, True)


@pytest.mark.parametrize(("code", "refuse"), [("stolen", False), ("good", True)])
def test_a_sign_in_that_the_provider_does_not_confirm_fails_with_a_code(provider, code, refuse):
    provider.refuse = refuse
    client, answer = by_provider(code)
    assert (answer.status_code, "A06" in answer.text) == (403, True)
    assert client.get("/ledger/").url.startswith("/login/")


def test_an_answer_that_nobody_asked_for_is_refused(provider):
    answer = Client().get("/login/unit/unit/back/", {"code": "good", "state": "invented"})
    assert (answer.status_code, "A06" in answer.text) == (403, True)


def test_the_button_stands_where_a_provider_is_set_and_the_address_needs_one(provider, settings):
    assert "单位统一登录" in Client().get("/login/").text
    assert Client().get("/login/unit/unit/").status_code == 405
    settings.SOCIALACCOUNT_PROVIDERS, settings.SIGN_ON_NAME = {}, ""
    assert "单位统一登录" not in Client().get("/login/").text
    assert Client().post("/login/unit/unit/").status_code == 404


def test_the_policy_lets_the_form_go_to_the_provider_and_nowhere_else(monkeypatch):
    for name, value in (("SERVER", "https://id.example/realm/x"), ("CLIENT", "f"), ("SECRET", "s")):
        monkeypatch.setenv(f"FUNDGUARD_OIDC_{name}", value)
    assert sign_on.oidc()[2] == ["https://id.example"]
    monkeypatch.setenv("FUNDGUARD_OIDC_SERVER", "http://id.example")
    with pytest.raises(ImproperlyConfigured, match="https"):
        sign_on.oidc()


# ---- directory

DN = "uid={username},ou=people,dc=example"


@pytest.fixture
def directory(people, settings, monkeypatch):
    """One person, "li", whose password is "Blau-gelb-1"."""
    settings.LDAP_URL, settings.LDAP_DN = "ldaps://directory.example", DN
    settings.AUTHENTICATION_BACKENDS = [
        *settings.AUTHENTICATION_BACKENDS,
        "fundguard.web.accounts.ldap.DirectoryBackend",
    ]

    def connection(dn: str, password: str) -> ldap3.Connection:
        server = ldap3.Server("in memory", get_info=ldap3.NONE)
        made = ldap3.Connection(server, dn, password, client_strategy=ldap3.MOCK_SYNC)
        for username in ("li", "chief"):
            told = {"userPassword": "Blau-gelb-1", "objectClass": "person", "displayName": "测目录"}
            made.strategy.add_entry(DN.format(username=username), told)
        return made

    monkeypatch.setattr(ldap, "connection", connection)


def by_directory(username: str = "li", password: str = "Blau-gelb-1"):
    client = Client()
    return client, client.post("/login/", {"username": username, "password": password})


def test_a_person_of_the_directory_gets_an_account_without_rights(directory):
    client, answer = by_directory()
    assert answer.status_code == 302
    made = User.objects.get(username="li")
    assert (made.role, made.source, made.display_name) == ("", "ldap", "测目录")
    assert not made.has_usable_password()
    assert client.get("/findings/").status_code == 403
    User.objects.filter(pk=made.pk).update(role="first_reviewer", region=Region.objects.get(code="990101"))
    client, _ = by_directory()
    assert client.get("/findings/").status_code == 200
    assert client.get("/password/").status_code == 422


@pytest.mark.parametrize(
    ("username", "password"), [("li", "wrong"), ("li", ""), ("nobody", "Blau-gelb-1"), ("li,ou=people", "Blau-gelb-1")]
)
def test_a_wrong_or_empty_password_opens_nothing(directory, username, password):
    client, answer = by_directory(username, password)
    assert answer.status_code == 200
    assert client.get("/findings/").url.startswith("/login/")
    assert not User.objects.filter(source="ldap").exists()


def test_a_directory_is_never_asked_without_a_password(directory, monkeypatch):
    """It would take that for an anonymous bind, and agree."""
    monkeypatch.setattr(ldap, "_name_of", lambda username, password: "anybody")
    assert ldap.DirectoryBackend().authenticate(None, "li", "") is None
    assert ldap.DirectoryBackend().authenticate(None, "li", "x").username == "li"


def test_the_directory_does_not_take_over_an_account_of_the_platform(directory):
    assert by_directory("chief")[1].status_code == 200
    assert by_directory("chief", PASSWORD)[1].status_code == 302
    assert User.objects.get(username="chief").source == "local"


def test_a_directory_that_does_not_answer_refuses_and_keeps_others_signing_in(directory, monkeypatch, caplog):
    def away(dn: str, password: str) -> None:
        raise ldap3.core.exceptions.LDAPSocketOpenError("away")

    monkeypatch.setattr(ldap, "connection", away)
    assert by_directory()[1].status_code == 200
    assert "目录没有应答" in caplog.text
    assert by_directory("chief", PASSWORD)[1].status_code == 302


def test_a_pattern_without_the_name_is_refused(monkeypatch):
    monkeypatch.setenv("FUNDGUARD_LDAP_URL", "ldaps://directory.example")
    monkeypatch.setenv("FUNDGUARD_LDAP_DN", "uid=x")
    with pytest.raises(ImproperlyConfigured, match="username"):
        sign_on.ldap()
