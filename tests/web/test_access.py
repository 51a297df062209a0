"""Who gets in, and who sees what."""

from __future__ import annotations

import time

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from fundguard.web.accounts.demo import ACCOUNTS, PASSWORD
from fundguard.web.accounts.guard import PUBLIC, SIGNED_IN, DefaultDeny, require
from fundguard.web.accounts.models import User
from fundguard.web.accounts.roles import PERMISSIONS, ROLES
from fundguard.web.core.menu import MENU
from fundguard.web.ledger.models import Entry

SIGN_IN = "/account/sign-in"


def views(patterns=None, prefix=""):
    """Every address of the site with its view; numbers in addresses become 1."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield "/" + route.replace("<int:number>", "1"), pattern.callback


def test_every_view_names_a_permission():
    bare = [address for address, view in views() if getattr(view, "permission", None) is None]
    assert not bare
    assert len(list(views())) >= 8


@pytest.mark.parametrize("username", [None, *(a.username for a in ACCOUNTS if not a.username.endswith("2"))])
def test_no_address_answers_to_someone_without_its_permission(signed_in, username):
    client = signed_in(username) if username else Client()
    role = ROLES[User.objects.get(username=username).role] if username else None
    for address, view in views():
        if address == "/account/sign-out" and role:
            continue  # would end the sweep
        answer = client.get(address)
        if view.permission == PUBLIC:
            assert answer.status_code in (200, 302)
        elif role is None:
            assert answer.status_code == 302, address
            assert answer.url.startswith(SIGN_IN)
        elif view.permission == SIGNED_IN or view.permission in role.permissions:
            assert answer.status_code in (200, 404, 405), address
        else:
            assert answer.status_code == 403, address


def test_a_view_without_a_permission_is_refused():
    with pytest.raises(PermissionDenied):
        DefaultDeny(lambda request: HttpResponse()).process_view(None, lambda request: HttpResponse(), (), {})


def test_an_unknown_permission_is_refused_when_the_code_is_loaded():
    with pytest.raises(Exception, match="unknown permission"):
        require("findings.veiw")


def test_roles_and_menu_name_known_permissions_and_addresses():
    assert {p for role in ROLES.values() for p in role.permissions} == set(PERMISSIONS)
    for _, entries in MENU:
        for entry in entries:
            assert entry.permission in PERMISSIONS
            assert reverse(entry.url)


def test_sign_in_and_out_leave_ledger_rows(people):
    client = Client()
    assert client.post(SIGN_IN, {"username": "review1", "password": PASSWORD}).url == "/"
    assert "测初甲" in client.get("/").text
    assert client.post("/account/sign-out").url == SIGN_IN
    assert client.get("/").status_code == 302
    assert list(Entry.objects.order_by("seq").values_list("act", "region")) == [
        ("account.sign_in", "990101"),
        ("account.sign_out", "990101"),
    ]


def test_signing_in_never_leads_to_another_site(people):
    answer = Client().post(SIGN_IN, {"username": "review1", "password": PASSWORD, "next": "https://example.org/"})
    assert answer.url == "/"


def test_five_failures_lock_the_account_at_that_address_even_for_the_right_password(people):
    client = Client()
    for _ in range(5):
        answer = client.post(SIGN_IN, {"username": "review1", "password": "wrong"})
    assert answer.status_code == 429
    answer = client.post(SIGN_IN, {"username": "review1", "password": PASSWORD})
    assert answer.status_code == 429
    assert "15 分钟" in answer.text
    assert client.post(SIGN_IN, {"username": "review2", "password": PASSWORD}).status_code == 302


def test_password_change_asks_for_the_old_one_and_a_good_new_one(signed_in):
    client = signed_in("review1")
    good = {"old_password": PASSWORD, "new_password1": "云岭-稽核-2026", "new_password2": "云岭-稽核-2026"}
    assert client.post("/account/password", good | {"old_password": "no"}).status_code == 200
    assert client.post("/account/password", good | {"new_password1": "123", "new_password2": "123"}).status_code == 200
    assert client.post("/account/password", good).url == "/"
    assert User.objects.get(username="review1").check_password("云岭-稽核-2026")


@pytest.mark.parametrize(("field", "age"), [("used", 31 * 60), ("began", 11 * 3600)])
def test_an_idle_or_old_session_ends(signed_in, field, age):
    client = signed_in("review1")
    assert client.get("/").status_code == 200
    session = client.session
    session[field] = int(time.time()) - age
    session.save()
    assert client.get("/").url.startswith(SIGN_IN)


def test_a_fragment_request_without_session_moves_the_whole_page(db):
    answer = Client().get("/jobs/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/jobs/"})
    assert answer.headers["HX-Redirect"] == f"{SIGN_IN}?next=/jobs/"


ALL = {"990000", "990100", "990101", "990102", "990103", "990200", "990201"}


@pytest.mark.parametrize(
    ("username", "regions"),
    [("review1", {"990101"}), ("chief", {"990100", "990101", "990102", "990103"}), ("admin", ALL)],
)
def test_a_viewer_sees_his_region_and_those_below(viewer, username, regions):
    assert viewer(username).regions() == regions


@pytest.mark.parametrize(
    ("username", "institution", "sees"),
    [
        ("hospital", "H99010110001", True),
        ("hospital", "H99010110002", False),
        ("hospital", None, False),
        ("pharmacy", "P99010140001", True),
        ("pharmacy", "P99010240001", False),
        ("chain", "P99010240001", True),
        ("chain", "P99010240002", False),
        ("review1", "H99010110002", True),
        ("review1", None, True),
    ],
)
def test_an_institution_sees_itself_a_head_office_its_stores_a_bureau_its_region(viewer, username, institution, sees):
    assert viewer(username).sees(region="990101", institution=institution) is sees


def test_the_viewer_is_made_once_a_request(people, django_assert_num_queries):
    from fundguard.web.accounts.guard import viewer_of

    request = RequestFactory().get("/")
    request.user = User.objects.select_related("region").get(username="review1")
    first = viewer_of(request)
    with django_assert_num_queries(0):
        assert viewer_of(request) is first
