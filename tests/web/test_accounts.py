"""Account administration: who may be given which post by whom, and what every act leaves behind."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from fundguard.law.citation import article
from fundguard.web.accounts import passwords, posts
from fundguard.web.accounts.demo import PASSWORD
from fundguard.web.accounts.grounds import GROUNDS, AccessRefusal
from fundguard.web.accounts.models import Region, User
from fundguard.web.accounts.posts import ACTS, Post
from fundguard.web.accounts.roles import ROLES, incompatible
from fundguard.web.ledger.models import Entry
from fundguard.workflows.posts import INCOMPATIBLE
from tests.web import small_claims
from tests.web.conftest import HOSPITAL

GOOD = {
    "username": "newcomer",
    "display_name": "测拾新",
    "staff_no": "YB-001",
    "role": "first_reviewer",
    "region": "990101",
    "institutions": "",
    "practitioner": "",
}


def user(username: str) -> User:
    return User.objects.get(username=username)


def acts() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("act", flat=True))


@pytest.fixture(autouse=True)
def nothing_imported(settings, tmp_path):
    settings.STORE = tmp_path / "store"


@pytest.fixture
def admin(signed_in):
    return signed_in("admin")


@pytest.fixture
def created(admin):
    """`created(role="confirmer")` posts the form of a new account; the answer."""
    return lambda **change: admin.post("/accounts/new/", GOOD | change)


def told_password(answer) -> str:
    return re.search(r"<dt>密码</dt><dd><code>(.+?)</code>", answer.text).group(1)


def test_a_new_account_gets_a_password_once_and_must_change_it_before_anything_else(created):
    password = told_password(created())
    client = Client()
    assert client.post("/login/", {"username": "newcomer", "password": password}).status_code == 302
    assert client.get("/findings/").url == "/password/"
    new = {"old_password": password, "new_password1": "Blau-gelb-2026", "new_password2": "Blau-gelb-2026"}
    assert client.post("/password/", new).url == "/password/done/"
    assert client.get("/findings/").status_code == 200
    assert acts() == ["新建账号", "登录", "修改密码"]
    told = Entry.objects.get(act="新建账号")
    assert (told.actor.username, told.object_id, told.region) == ("admin", "newcomer", "990101")
    assert password not in str(told.detail)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"username": "chief"}, "已存在"),
        ({"username": "Ä!"}, "格式不对"),
        ({"staff_no": "110101199003070011"}, "人员编号"),
        ({"staff_no": "13800000000"}, "人员编号"),
        ({"role": "nobody"}, "选择"),
        ({"region": "123456"}, "选择"),
        ({"role": "hospital_office"}, "须填写所属机构"),
        ({"role": "hospital_office", "institutions": "<b>"}, "格式不对"),
        ({"role": "doctor", "institutions": HOSPITAL}, "医师代码"),
    ],
)
def test_a_form_with_a_fault_makes_no_account_and_says_what_is_wrong(created, change, words):
    before = User.objects.count()
    answer = created(**change)
    assert (answer.status_code, words in answer.text) == (200, True)
    assert User.objects.count() == before


def test_institutions_are_kept_for_posts_of_institutions_only(created):
    created(role="hospital_office", institutions=f"{HOSPITAL}\n{HOSPITAL} H99010110002")
    assert user("newcomer").institutions == f"{HOSPITAL} H99010110002"
    created(username="other", staff_no="YB-002", institutions=HOSPITAL)
    assert user("other").institutions == ""


PAIRS = [(a, b) for a, b in itertools.combinations(ROLES, 2) if incompatible(a, b)]


def test_incompatible_posts_are_the_same_either_way_and_leave_the_rest_alone():
    assert all(incompatible(a, b) == incompatible(b, a) for a in ROLES for b in ROLES)
    assert ("first_reviewer", "confirmer") in PAIRS
    assert all(incompatible(*pair.posts) for pair in INCOMPATIBLE)
    assert not any(incompatible(role, role) for role in ROLES)
    assert not incompatible("first_reviewer", "expert")
    business = {"first_reviewer", "confirmer", "enforcement_officer", "division_chief", "knowledge_reviewer"}
    assert {b for b in ROLES if incompatible("administrator", b)} >= business


@pytest.mark.parametrize(("held", "asked"), PAIRS)
def test_one_person_does_not_get_two_incompatible_posts(admin, created, held, asked):
    User.objects.filter(username="reviewer1").update(role=held, staff_no="YB-001")
    answer = created(role=asked, institutions=HOSPITAL, practitioner="D90000000001")
    assert "A03" in answer.text
    assert not User.objects.filter(username="newcomer").exists()
    User.objects.filter(username="reviewer1").update(is_active=False)
    created(role=asked, institutions=HOSPITAL, practitioner="D90000000001")
    assert user("newcomer").role == asked


def test_a_compatible_second_account_of_a_person_is_made_and_then_keeps_the_first_from_changing(admin, created):
    User.objects.filter(username="reviewer1").update(staff_no="YB-001")
    created(role="expert")
    assert user("newcomer").role == "expert"
    post = GOOD | {"role": "first_reviewer"}
    User.objects.filter(username="reviewer1").update(role="confirmer")
    assert "A03" in admin.post(f"/accounts/{user('newcomer').pk}/", post).text
    assert user("newcomer").role == "expert"


def test_an_administrator_gives_nobody_of_the_own_person_a_post(admin, created):
    own = user("admin")
    assert "A04" in admin.post(f"/accounts/{own.pk}/", GOOD).text
    assert user("admin").role == "administrator"
    assert "A04" in created(staff_no=own.staff_no).text
    User.objects.filter(username="reviewer1").update(staff_no=own.staff_no)
    for act in ACTS:
        for account in (own, user("reviewer1")):
            answer = admin.post(f"/accounts/{account.pk}/{act}/")
            assert (answer.status_code, "A04" in answer.text) == (403, True), act


def test_an_administrator_reaches_the_own_regions_only(signed_in):
    User.objects.filter(username="admin").update(region=Region.objects.get(code="990100"))
    admin = signed_in("admin")
    User.objects.filter(username="reviewer2").update(region=Region.objects.get(code="990201"))
    assert admin.get(f"/accounts/{user('reviewer2').pk}/").status_code == 404
    assert admin.post(f"/accounts/{user('reviewer2').pk}/disable/").status_code == 404
    assert admin.post("/accounts/new/", GOOD | {"region": "990201"}).status_code == 200
    assert not User.objects.filter(username="newcomer").exists()
    shown = {row.username for row in admin.get("/accounts/", {"size": 100}).context["rows"]}
    assert "reviewer1" in shown
    assert "reviewer2" not in shown


def test_a_region_out_of_reach_is_refused_by_the_service_too(viewer):
    User.objects.filter(username="admin").update(region=Region.objects.get(code="990100"))
    post = Post("first_reviewer", Region.objects.get(code="990201"), "测拾新", "YB-001")
    with pytest.raises(AccessRefusal, match="A05"):
        posts.create(viewer("admin"), "newcomer", post)


def test_another_post_ends_the_sessions_and_enters_the_ledger(admin, signed_in):
    reviewer = signed_in("reviewer1")
    assert reviewer.get("/findings/").status_code == 200
    post = GOOD | {"role": "knowledge_reviewer", "region": "990100"}
    assert admin.post(f"/accounts/{user('reviewer1').pk}/", post).status_code == 302
    assert reviewer.get("/findings/").url.startswith("/login/")
    assert Entry.objects.latest("pk").detail == {"原岗位": "经办初审员", "岗位": "知识审核员", "区划": "示例市"}


@pytest.mark.parametrize("act", ["disable", "reset-password", "reset-second-factor", "end-sessions"])
def test_what_takes_something_away_ends_the_sessions_at_once(admin, signed_in, act):
    reviewer = signed_in("reviewer1")
    assert admin.post(f"/accounts/{user('reviewer1').pk}/{act}/").status_code in (200, 302)
    assert reviewer.get("/findings/").url.startswith("/login/")
    assert Entry.objects.latest("pk").act == ACTS[act].name


def test_a_disabled_account_cannot_sign_in_until_it_is_enabled(admin):
    reviewer = user("reviewer1")
    admin.post(f"/accounts/{reviewer.pk}/disable/")
    credentials = {"username": "reviewer1", "password": PASSWORD}
    assert Client().post("/login/", credentials).status_code == 200
    admin.post(f"/accounts/{reviewer.pk}/enable/")
    assert Client().post("/login/", credentials).status_code == 302


def test_enabling_asks_again_whether_the_persons_posts_go_together(admin, created):
    reviewer = user("reviewer1")
    User.objects.filter(pk=reviewer.pk).update(staff_no="YB-001", is_active=False)
    created(role="confirmer")
    assert "A03" in admin.post(f"/accounts/{reviewer.pk}/enable/").text
    assert not user("reviewer1").is_active


def test_a_reset_password_replaces_the_old_one_and_lifts_the_lock(admin):
    client, credentials = Client(), {"username": "reviewer1", "password": PASSWORD}
    for _ in range(5):
        client.post("/login/", credentials | {"password": "wrong"})
    assert client.post("/login/", credentials).status_code == 429
    password = told_password(admin.post(f"/accounts/{user('reviewer1').pk}/reset-password/"))
    assert client.post("/login/", credentials).status_code == 200
    assert client.post("/login/", credentials | {"password": password}).status_code == 302


FIRST_KEY = [("reset-password", "reset-second-factor"), ("reset-second-factor", "reset-password")]


@pytest.mark.parametrize(("first", "second"), FIRST_KEY)
def test_one_administrator_does_not_take_both_keys_of_somebody_who_determines(admin, signed_in, first, second):
    chief = user("chief")
    other = User.objects.create(username="admin2", role="administrator", region=user("admin").region, staff_no="x")
    assert admin.post(f"/accounts/{chief.pk}/{first}/").status_code in (200, 302)
    answer = admin.post(f"/accounts/{chief.pk}/{second}/")
    assert (answer.status_code, "A09" in answer.text) == (403, True)
    assert signed_in(other.username).post(f"/accounts/{chief.pk}/{second}/").status_code in (200, 302)


def test_both_keys_are_free_again_once_the_holder_has_come_in(admin):
    chief = user("chief")
    admin.post(f"/accounts/{chief.pk}/reset-second-factor/")
    Client().post("/login/", {"username": "chief", "password": PASSWORD})
    assert admin.post(f"/accounts/{chief.pk}/reset-password/").status_code == 200


def test_an_account_with_a_role_and_no_region_is_nobodys_to_administer(admin):
    User.objects.filter(username="chief").update(region=None)
    assert admin.get(f"/accounts/{user('chief').pk}/").status_code == 404
    User.objects.filter(username="chief").update(role="")
    assert admin.get(f"/accounts/{user('chief').pk}/").status_code == 200


def test_the_pages_show_account_filter_and_history(admin):
    reviewer = user("reviewer1")
    admin.post(f"/accounts/{reviewer.pk}/end-sessions/")
    text = admin.get(f"/accounts/{reviewer.pk}/").text
    assert "结束全部登录" in text
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|<script>", text)
    for query, found in (
        ({"q": "reviewer"}, {"reviewer1", "reviewer2"}),
        ({"q": "demo-chief"}, {"chief"}),
        ({"role": "expert"}, {"expert"}),
        ({"region": "990000"}, {"admin"}),
        ({"state": "off"}, set()),
        ({"role": "none"}, set()),
    ):
        assert {row.username for row in admin.get("/accounts/", query).context["rows"]} == found, query


def test_signing_out_everywhere_keeps_this_session_only(signed_in):
    here, there = signed_in("chief"), signed_in("chief")
    assert here.post("/security/end-sessions/").url == "/security/"
    assert here.get("/ledger/").status_code == 200
    assert there.get("/ledger/").url.startswith("/login/")
    assert acts() == ["退出全部登录"]


@pytest.mark.parametrize(("days", "due"), [(90, True), (0, False), (200, False)])
def test_an_old_password_must_be_changed_where_the_setting_says_so(signed_in, settings, days, due):
    settings.PASSWORD_DAYS = days
    User.objects.update(password_set_at=timezone.now() - timedelta(days=91))
    answer = signed_in("chief").get("/ledger/")
    assert (answer.status_code == 302 and answer.url == "/password/") == due


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("abcdefgh12", False),
        ("abcdefgH12", True),
        ("示例-稽核-2026", True),
        ("------------", False),
        ("示例示例示例示例12", False),
    ],
)
def test_a_password_has_three_kinds_of_signs(password, good):
    if good:
        passwords.KindsOfSigns().validate(password)
    else:
        with pytest.raises(ValidationError):
            passwords.KindsOfSigns().validate(password)


def test_the_password_in_use_is_no_new_password(signed_in):
    client = signed_in("chief")
    same = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert "不能与现在的密码相同" in client.post("/password/", same).text


def test_temporary_passwords_meet_the_rules_and_differ():
    made = {passwords.temporary() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        passwords.KindsOfSigns().validate(password)


def test_grounds_have_one_code_each_and_articles_on_file():
    assert sorted(GROUNDS) == [f"A{number:02}" for number in range(1, len(GROUNDS) + 1)]
    for ground in GROUNDS.values():
        if ground.article:
            assert article(ground.article)


def test_a_form_without_session_goes_back_to_its_page_and_says_that_nothing_was_done(people):
    answer = Client().post("/jobs/1/cancel/", headers={"Referer": "http://testserver/runs/start/?x=1"})
    assert answer.url == "/login/?next=/runs/start/%3Fx%3D1&ended=1"
    assert "没有生效" in Client().get(answer.url).text
    answer = Client().post("/jobs/1/cancel/", headers={"Referer": "https://example.org/runs/"})
    assert answer.url == "/login/?next=/&ended=1"


def test_once_claims_are_there_an_institution_must_be_among_them(upload, created):
    upload()
    assert "没有编号为 H00000000000 的机构" in created(role="hospital_office", institutions="H00000000000").text
    created(role="hospital_office", institutions=small_claims.YUNLING)
    assert user("newcomer").institutions == small_claims.YUNLING
