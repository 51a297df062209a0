"""A filter under a name: one's own, the default, shared in the region by a post that may, and nobody else's."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from fundguard.errors import Refusal
from fundguard.web.accounts.models import Region, User
from fundguard.web.filters import selectors, services
from fundguard.web.filters.models import SavedFilter
from fundguard.web.ledger.models import Entry
from tests.web.desk.conftest import viewer

pytestmark = pytest.mark.django_db
LATE = "state=found&late=on"


def saved(username: str = "reviewer1", name: str = "逾期", query: str = LATE, page: str = "desk") -> SavedFilter:
    return services.save(viewer(username), page, name, query)


def names(username: str, page: str = "desk") -> list[str]:
    return [one.name for one in selectors.usable(viewer(username), page)]


def test_what_is_asked_for_is_saved_and_opens_the_list_again(found, signed_in) -> None:
    client = signed_in("reviewer1")
    html = client.get("/desk/?rule=N67&state=found&page=2&size=50").text
    assert "将当前条件存为" in html
    query = html.partition('name="query" value="')[2].partition('"')[0].replace("&amp;", "&")
    answer = client.post("/filters/save/", {"page": "desk", "name": " 性别  规则 ", "query": query})
    one = SavedFilter.objects.get()
    assert (one.name, one.query) == ("性别 规则", "rule=N67&state=found")
    html = client.get(answer.url).text
    assert '<a href="?rule=N67&amp;state=found" aria-current="true">性别 规则</a>' in html
    assert "将当前条件存为" not in html


def test_only_what_the_page_understands_is_kept(people) -> None:
    assert services.cleaned(viewer("reviewer1"), "desk", "rule=N99x&state=found&evil=1&page=3") == "state=found"
    assert services.cleaned(viewer("reviewer1"), "findings", "first=nonsense&tab=open&sort=-amount") == (
        "tab=open&sort=-amount"
    )
    for query in ("", "page=2", "evil=1"):
        with pytest.raises(Refusal, match="没有筛选条件"):
            saved(query=query)


def test_the_same_name_replaces_the_conditions(people) -> None:
    first, second = saved(), saved(query="state=upheld")
    assert (first.pk, second.query) == (second.pk, "state=upheld")


def test_the_default_opens_the_list_and_can_be_left(found, signed_in) -> None:
    one, other = saved(), saved(name="待复核", query="state=upheld")
    client = signed_in("reviewer1")
    assert client.get("/desk/").status_code == 200
    client.post(f"/filters/{one.pk}/standard/")
    assert client.get("/desk/").url == f"/desk/?{one.query}"
    assert client.get("/desk/?all=1").status_code == 200
    assert client.get("/findings/").status_code == 200, "a default is of one page"
    client.post(f"/filters/{other.pk}/standard/")
    assert client.get("/desk/").url == f"/desk/?{other.query}"
    client.post(f"/filters/{other.pk}/standard/")
    assert client.get("/desk/").status_code == 200
    assert signed_in("reviewer2").get("/desk/").status_code == 200


def test_there_is_one_default_and_one_of_a_name(people) -> None:
    one = saved()
    services.make_standard(viewer("reviewer1"), one.pk)
    own = {"owner": viewer("reviewer1").user, "page": "desk", "query": "late=on"}
    for wrong in ({"name": "逾期"}, {"name": "另一", "standard": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedFilter.objects.create(**own, **wrong)


def test_renamed_and_deleted_by_the_owner_alone(people, signed_in) -> None:
    one, other = saved(), saved(name="乙")
    client = signed_in("reviewer1")
    client.post(f"/filters/{one.pk}/rename/", {"name": "甲"})
    assert names("reviewer1") == ["乙", "甲"]
    answer = client.post(f"/filters/{one.pk}/rename/", {"name": "乙"})
    assert (answer.status_code, "已有同名" in answer.text) == (422, True)
    assert client.post(f"/filters/{one.pk}/rename/", {"name": "字" * 21}).status_code == 422
    stranger = signed_in("reviewer2")
    for act in ("rename", "standard", "delete"):
        assert stranger.post(f"/filters/{one.pk}/{act}/", {"name": "丙"}).status_code == 404
    client.post(f"/filters/{other.pk}/delete/")
    assert names("reviewer1") == ["甲"]


def test_shared_in_the_region_and_below_by_a_post_that_may(people, signed_in) -> None:
    one = saved("confirmer")
    assert names("reviewer1") == []
    signed_in("confirmer").post(f"/filters/{one.pk}/share/")
    assert (names("reviewer1"), names("chief")) == (["逾期"], [])
    User.objects.filter(username="reviewer2").update(region=Region.objects.get(code="990102"))
    assert names("reviewer2") == [], "the next division does not see it"
    city = saved("chief", "全市逾期")
    services.share(viewer("chief"), city.pk)
    assert (names("reviewer1"), names("reviewer2")) == (["全市逾期", "逾期"], ["全市逾期"])
    assert "测三复共享" in signed_in("reviewer1").get("/desk/?all=1").text
    assert Entry.objects.filter(act="共享常用筛选").count() == 2
    signed_in("confirmer").post(f"/filters/{one.pk}/share/")
    assert names("reviewer1") == ["全市逾期"]


def test_who_may_not_share_does_not_and_institutions_have_their_own_alone(people, signed_in) -> None:
    one = saved()
    assert signed_in("reviewer1").post(f"/filters/{one.pk}/share/").status_code == 403
    shared = saved("confirmer", "疑点", "tab=open", "findings")
    services.share(viewer("confirmer"), shared.pk)
    assert names("hospital", "findings") == []
    saved("hospital", "本院", "tab=open", "findings")
    assert names("hospital", "findings") == ["本院"]
    answer = signed_in("hospital").post("/filters/save/", {"page": "desk", "name": "甲", "query": LATE})
    assert answer.status_code == 403


def test_the_page_of_ones_own(people, signed_in) -> None:
    assert "没有保存过" in signed_in("reviewer1").get("/filters/").text
    saved()
    html = signed_in("reviewer1").get("/filters/").text
    assert ("逾期" in html, "共享给本辖区" in html) == (True, False)
    saved("confirmer")
    assert "共享给本辖区" in signed_in("confirmer").get("/filters/").text


def test_not_more_than_one_can_look_over(people) -> None:
    for number in range(services.MOST):
        saved(name=f"筛选{number}")
    with pytest.raises(Refusal, match="过多"):
        saved(name="又一个")
