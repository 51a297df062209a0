"""Who gets in, and who sees what: every address, every role."""

from __future__ import annotations

import re
import time

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLResolver, get_resolver, resolve

from fundguard.web.accounts.demo import ACCOUNTS, PASSWORD
from fundguard.web.accounts.guard import OWN, PUBLIC, ViewerMiddleware, require
from fundguard.web.accounts.models import User
from fundguard.web.accounts.roles import PERMISSIONS, ROLES
from fundguard.web.core.menu import MENU
from fundguard.web.ledger.models import Entry
from tests.web.conftest import HOSPITAL, STORES

LOGIN = "/login/"
NAMED = {
    "login",
    "account_login",
    "logout",
    "mfa_authenticate",
    "openid_connect_login",
    "openid_connect_callback",
    "papers:verify",
}


def addresses(patterns=None, prefix=""):
    """Every address of the site; what an address asks for becomes 1."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        else:
            yield "/" + re.sub(r"<[^>]+>", "1", route)


def permission(address: str) -> str | None:
    return getattr(resolve(address).func, "permission", None)


def test_every_address_names_a_permission_or_is_public_or_everybodys_own():
    assert PUBLIC == NAMED
    bare = [a for a in addresses() if permission(a) is None and resolve(a).view_name not in NAMED | OWN]
    assert bare == []
    assert len(list(addresses())) >= 7


@pytest.mark.parametrize("username", [None, *(a.username for a in ACCOUNTS if not a.username.endswith("2"))])
def test_no_address_answers_to_someone_without_its_permission(signed_in, username):
    client = signed_in(username) if username else Client()
    held = ROLES[User.objects.get(username=username).role].permissions if username else ()
    guarded = [a for a in addresses() if permission(a)]
    assert guarded
    for address in guarded:
        if permission(address) in held:
            assert client.get(address).status_code in (200, 302, 404, 405, 422), address
            continue
        for answer in (client.get(address), client.post(address)):
            if username is None and answer.status_code != 405:
                assert (answer.status_code, answer.url.partition("?")[0]) == (302, LOGIN), address
            else:
                assert answer.status_code in (403, 405), address
        assert 403 in (client.get(address).status_code, client.post(address).status_code) or username is None


def test_own_pages_ask_for_a_session_and_open_for_every_role(signed_in):
    own = [a for a in addresses() if resolve(a).view_name in OWN]
    assert len(own) == len(OWN)
    for address in own:
        for answer in (Client().get(address), Client().post(address)):
            assert (answer.status_code, answer.url.partition("?")[0]) == (302, LOGIN), address
        for role in ROLES:
            username = User.objects.filter(role=role).first().username
            assert signed_in(username).get(address).status_code in (200, 302, 404, 405), (address, role)


def test_an_account_without_a_post_may_do_nothing_and_is_told_why(signed_in):
    User.objects.filter(username="chief").update(role="", region=None)
    client = signed_in("chief")
    for address in filter(permission, addresses()):
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code in (403, 405), address
    assert "A02" in client.get("/ledger/").text


def test_a_view_without_a_permission_is_refused(people):
    request = RequestFactory().get("/ledger/")
    request.resolver_match = resolve("/ledger/")
    with pytest.raises(PermissionDenied):
        ViewerMiddleware(lambda _: HttpResponse()).process_view(request, lambda _: HttpResponse(), (), {})


def test_an_unknown_permission_is_refused_when_the_code_is_loaded():
    with pytest.raises(KeyError):
        require("see.everything")


def test_roles_and_menu_name_known_permissions():
    assert {p for role in ROLES.values() for p in role.permissions} == set(PERMISSIONS)
    assert {entry.permission for _, entries in MENU for entry in entries} <= set(PERMISSIONS)


def test_signing_in_and_out_and_a_new_password_leave_rows_in_the_ledger(people):
    client = Client()
    assert client.post(LOGIN, {"username": "chief", "password": PASSWORD}).url == "/"
    new = {"old_password": PASSWORD, "new_password1": "示例-稽核-2026", "new_password2": "示例-稽核-2026"}
    assert client.post("/password/", new).url == "/password/done/"
    assert client.post("/logout/").url == LOGIN
    assert client.get("/ledger/").status_code == 302
    assert list(Entry.objects.order_by("pk").values_list("act", "region")) == [
        ("登录", "990100"),
        ("修改密码", "990100"),
        ("退出登录", "990100"),
    ]


@pytest.mark.parametrize("change", [{"old_password": "no"}, {"new_password1": "123", "new_password2": "123"}])
def test_a_password_change_asks_for_the_old_one_and_a_good_new_one(signed_in, change):
    good = {"old_password": PASSWORD, "new_password1": "示例-稽核-2026", "new_password2": "示例-稽核-2026"}
    assert signed_in("chief").post("/password/", good | change).status_code == 200
    assert User.objects.get(username="chief").check_password(PASSWORD)


@pytest.mark.parametrize(("username", "start"), [("chief", "/"), ("expert", "/desk/mine/"), ("hospital", "/findings/")])
def test_signing_in_leads_to_the_first_page_that_the_role_may_open(people, username, start):
    client = Client()
    assert client.post(LOGIN, {"username": username, "password": PASSWORD}).url == start
    assert client.get(LOGIN).url == start


def test_signing_in_never_leads_to_another_site(people):
    answer = Client().post(LOGIN, {"username": "chief", "password": PASSWORD, "next": "https://example.org/"})
    assert answer.url == "/"


def test_five_failures_lock_the_account_even_for_the_right_password(people, settings):
    settings.LOGIN_REDIRECT_URL = "/ledger/"
    client = Client()
    for _ in range(5):
        answer = client.post(LOGIN, {"username": "chief", "password": "wrong"})
    assert answer.status_code == 429
    answer = client.post(LOGIN, {"username": "chief", "password": PASSWORD})
    assert answer.status_code == 429
    assert "15 分钟" in answer.text
    assert client.post(LOGIN, {"username": "officer", "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(("proxies", "locked"), [(0, 429), (1, 302)])
def test_the_lock_is_for_the_address_that_a_trusted_proxy_tells(people, settings, proxies, locked):
    settings.TRUSTED_PROXIES = proxies
    for _ in range(5):
        wrong = {"username": "chief", "password": "wrong"}
        Client().post(LOGIN, wrong, headers={"X-Forwarded-For": "192.0.2.2, 192.0.2.1"})
    right = {"username": "chief", "password": PASSWORD}
    assert Client().post(LOGIN, right, headers={"X-Forwarded-For": "192.0.2.2"}).status_code == locked


@pytest.mark.parametrize(("field", "age"), [("used", 31 * 60), ("began", 9 * 3600)])
def test_an_idle_or_old_session_ends(signed_in, field, age):
    client = signed_in("chief")
    assert client.get("/ledger/").status_code == 200
    session = client.session
    session[field] = int(time.time()) - age
    session.save()
    assert client.get("/ledger/").url.startswith(LOGIN)


def test_a_request_of_htmx_without_session_moves_the_whole_page(db):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/ledger/"}
    answer = Client().get("/jobs/1/progress/", headers=headers)
    assert answer.headers["HX-Redirect"] == f"{LOGIN}?next=/ledger/"


def test_an_old_form_is_told_to_reload(people):
    answer = Client(enforce_csrf_checks=True).post(LOGIN, {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "页面已过期" in answer.text


INLINE = re.compile(r"\sstyle=|<style|\son[a-z]+=|javascript:|<script>")


@pytest.mark.parametrize("username", [None, "chief", "admin", "hospital"])
def test_a_strict_policy_is_on_every_answer_and_no_page_has_inline_code(signed_in, username):
    client = signed_in(username) if username else Client()
    shown = 0
    for address in [*addresses(), "/no/such/page"]:
        answer = client.get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy, address
        assert "unsafe" not in policy, address
        if not answer.streaming and answer.headers["Content-Type"].startswith("text/html"):
            shown += 1
            assert not INLINE.search(answer.text), address
    assert shown >= 2


CITY = {"990100", "990101", "990102", "990103"}


@pytest.mark.parametrize(
    ("username", "regions"),
    [("reviewer1", {"990101"}), ("chief", CITY), ("admin", CITY | {"990000", "990200", "990201"})],
)
def test_a_viewer_sees_the_own_region_and_those_below(viewer, username, regions):
    assert viewer(username).regions == regions


@pytest.mark.parametrize(
    ("username", "institutions", "practitioner"),
    [
        ("hospital", {HOSPITAL}, None),
        ("doctor", {HOSPITAL}, "D90000000001"),
        ("pharmacy", {STORES[0]}, None),
        ("chain", set(STORES), None),
        ("chief", None, None),
    ],
)
def test_an_institution_sees_itself_and_a_head_office_its_stores(viewer, username, institutions, practitioner):
    assert (viewer(username).institutions, viewer(username).practitioner) == (institutions, practitioner)


def test_an_institutional_account_without_an_institution_sees_none(viewer):
    User.objects.filter(username="hospital").update(institutions="")
    assert viewer("hospital").institutions == frozenset()
