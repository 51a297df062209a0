"""One finding taken for oneself: nobody else takes it then, and it is taken only in a state of one's own post."""

from __future__ import annotations

import pytest
from django.http import Http404

from fundguard.errors import Refusal
from fundguard.web.desk import assigning
from fundguard.web.ledger.models import Entry
from tests.web.desk.conftest import UPHOLD, key_of, row, steps, viewer

pytestmark = pytest.mark.usefixtures("bare")


def page(name: str) -> str:
    return f"/findings/{key_of(name)}/"


def test_who_claims_it_has_it_and_a_colleague_is_told(found, signed_in) -> None:
    client, other = signed_in("reviewer1"), signed_in("reviewer2")
    address = f"/desk/claim/{key_of('home')}/"
    assert address in client.get(page("home")).text
    assert client.post(address).url == page("home")
    assert row("home").assignee.username == "reviewer1"
    assert client.post(address).status_code == 302, "once more changes nothing"
    answer = other.post(address)
    assert (answer.status_code, "已由他人领取" in answer.text, "测一初" in answer.text) == (422, True, True)
    assert address not in other.get(page("home")).text
    assert Entry.objects.filter(act="领取疑点", object_id=key_of("home")).count() == 1


def test_only_in_a_state_of_ones_own_post_and_in_the_own_region(found, signed_in) -> None:
    with pytest.raises(Refusal, match="不由本人岗位办理"):
        assigning.claim(viewer("confirmer"), key_of("home"))
    steps("home", UPHOLD)
    assert f"/desk/claim/{key_of('home')}/" not in signed_in("reviewer1").get(page("home")).text
    assigning.claim(viewer("confirmer"), key_of("home"))
    with pytest.raises(Http404):
        assigning.claim(viewer("reviewer1"), key_of("far"))


def test_the_keys_are_told_on_every_page_of_the_desk(found, signed_in) -> None:
    client = signed_in("reviewer1")
    for address in ("/desk/", "/desk/mine/", page("home")):
        html = client.get(address).text
        assert ('data-open="#desk-keys"' in html, 'id="desk-keys"' in html) == (True, True), address
