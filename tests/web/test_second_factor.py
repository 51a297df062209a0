"""A code besides the password: required for some posts, offered to all, with recovery codes."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from fundguard.web.accounts.demo import PASSWORD
from fundguard.web.accounts.models import User
from fundguard.web.accounts.roles import ROLES
from fundguard.web.ledger.models import Entry

CREDENTIALS = {"username": "chief", "password": PASSWORD}


def code(secret: str, ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


@pytest.fixture(autouse=True)
def place(settings, tmp_path):
    settings.STORE = tmp_path / "store"
    cache.clear()  # codes that were used, attempts that were counted


@pytest.fixture
def signed(people):
    """A client that has come in by the password, as people do."""

    def sign_in(username: str = "chief") -> Client:
        client = Client()
        client.post("/login/", CREDENTIALS | {"username": username})
        return client

    return sign_in


def activated(client: Client) -> str:
    """Turn the second factor on, password again included; the secret."""
    answer = client.get("/security/code/")
    assert answer.url.startswith("/security/confirm/")
    answer = client.post(answer.url, {"password": PASSWORD})
    assert answer.url == "/security/code/"
    page = client.get(answer.url).text
    assert 'src="data:image/svg+xml' in page
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page).group(1)
    assert client.post("/security/code/", {"code": code(secret)}).url == "/security/recovery/"
    return secret


def test_a_post_that_determines_must_set_it_up_before_anything_else(signed, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    client = signed()
    assert client.get("/ledger/").url == "/security/code/"
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/ledger/"}
    assert client.get("/ledger/", headers=headers).headers["HX-Redirect"] == "/security/code/"
    activated(client)
    assert client.get("/ledger/").status_code == 200


def test_posts_that_administer_or_determine_require_it_and_the_setting_can_waive_it(signed, settings):
    assert {r.code for r in ROLES.values() if r.second_factor} == {
        "administrator",
        "agreement_officer",
        "bureau_head",
        "division_chief",
        "enforcement_officer",
        "recall_officer",
    }
    assert signed().get("/ledger/").status_code == 200
    settings.SECOND_FACTOR_REQUIRED = True
    assert signed("reviewer1").get("/findings/").status_code == 200
    assert signed("admin").get("/ledger/").url == "/security/code/"


def test_with_it_the_password_alone_opens_nothing(signed):
    secret = activated(signed())
    client = Client()
    assert client.post("/login/", CREDENTIALS | {"next": "/ledger/"}).url.startswith("/login/code/")
    assert client.get("/ledger/").url.startswith("/login/")
    rows = Entry.objects.filter(act="登录").count()
    assert "不正确" in client.post("/login/code/", {"code": "000000"}).text
    cache.clear()
    answer = client.post("/login/code/", {"code": code(secret, ahead=1)})
    assert answer.url == "/ledger/"
    assert client.get("/ledger/").status_code == 200
    assert Entry.objects.filter(act="登录").count() == rows + 1


def test_a_code_is_good_once(signed):
    secret = activated(signed())
    for expected in (302, 200):
        client = Client()
        client.post("/login/", CREDENTIALS)
        assert client.post("/login/code/", {"code": code(secret, ahead=1)}).status_code == expected


def test_a_recovery_code_opens_once_and_new_ones_void_the_old(signed):
    client = signed()
    activated(client)
    codes = re.findall(r"<li><code>(\w+)</code></li>", client.get("/security/recovery/").text)
    assert len(codes) == 10
    for expected in (302, 200):
        other = Client()
        other.post("/login/", CREDENTIALS)
        assert other.post("/login/code/", {"code": codes[0]}).status_code == expected
    assert client.post("/security/recovery/new/").url == "/security/recovery/"
    assert codes[1] not in client.get("/security/recovery/").text
    assert list(Entry.objects.exclude(act="登录").values_list("act", flat=True)) == ["启用二次验证", "重新生成备用码"]


def test_after_five_wrong_codes_even_the_right_one_waits(signed):
    secret = activated(signed())
    cache.clear()
    client = Client()
    client.post("/login/", CREDENTIALS)
    for _ in range(5):
        client.post("/login/code/", {"code": "000000"})
    assert client.post("/login/code/", {"code": code(secret, ahead=1)}).status_code == 200


def test_a_form_sent_too_often_is_told_so_in_our_words(signed):
    client = signed()
    for _ in range(11):
        answer = client.post("/security/confirm/", {"password": "wrong"})
    assert (answer.status_code, "过于频繁" in answer.text) == (429, True)


@pytest.mark.parametrize(("required", "status", "left"), [(True, 403, 2), (False, 302, 0)])
def test_it_is_turned_off_only_where_the_post_does_not_require_it(signed, settings, required, status, left):
    client = signed()
    activated(client)
    settings.SECOND_FACTOR_REQUIRED = required
    assert client.post("/security/code/off/").status_code == status
    assert Authenticator.objects.count() == left


def test_an_administrator_lifts_it_for_somebody_who_lost_everything(signed):
    activated(signed())
    chief = User.objects.get(username="chief")
    signed("admin").post(f"/accounts/{chief.pk}/reset-second-factor/")
    assert Client().post("/login/", CREDENTIALS | {"next": "/ledger/"}).url == "/ledger/"


def test_the_secret_does_not_lie_in_the_database_in_clear(signed):
    secret = activated(signed())
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))
