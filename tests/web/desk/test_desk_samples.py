"""The sample review: frozen before the public value, recomputable after it, blind, and never by who took part."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from fundguard import law
from fundguard.errors import Refusal
from fundguard.sampling import draw
from fundguard.web.accounts.models import User
from fundguard.web.desk import samples, selectors
from fundguard.web.desk.models import Draw, Drawn, StateRow
from fundguard.web.ledger.models import Entry
from tests.web.desk.conftest import key_of, row, steps, viewer
from tests.web.desk.test_desk_pages import page_of

pytestmark = pytest.mark.usefixtures("bare")
DISMISS = ("reviewer1", "dismiss", {"reason": "病历有说明"})
UPHOLD = ("reviewer2", "uphold", {"opinion": "与病历不符"})


@pytest.fixture
def reviewed(told) -> None:
    """Forty items first reviewed (half of them upheld), one that waits, one in another division."""
    told("r1", **{f"n{n}": {} for n in range(40)}, open={}, east={"at": "H99010200001"})
    for n in range(40):
        steps(f"n{n}", UPHOLD if n % 2 else DISMISS)


@pytest.fixture
def drawn(reviewed) -> Draw:
    made = samples.freeze(viewer("chief"), "福利彩票第 001 期")
    return samples.draw_now(viewer("chief"), made.pk, "12 03 07", timezone.now())


def test_the_list_is_frozen_with_its_hash_before_anything_is_drawn(reviewed) -> None:
    made = samples.freeze(viewer("chief"), "福利彩票第 001 期")
    assert set(made.keys) == {key_of(f"n{n}") for n in range(40)}
    assert made.size == draw.sample_size(40, law.parameter(samples.SHARE, day=timezone.localdate()).value) == 2
    told = Entry.objects.get(act="封存复审名单").detail
    assert (told["名单散列"], told["名单数"]) == (made.commitment, 40)
    assert made.hash_key not in str(told)
    assert not Drawn.objects.exists()
    with pytest.raises(Refusal, match="没有可以抽取"):  # what stood on a list is not drawn from again
        samples.freeze(viewer("chief"), "福利彩票第 002 期")


def test_a_public_value_from_before_the_freezing_or_from_the_future_is_refused(reviewed) -> None:
    made = samples.freeze(viewer("chief"), "福利彩票第 001 期")
    for known_at, words in ((made.frozen_at, "不晚于"), (timezone.now() + dt.timedelta(hours=1), "晚于现在")):
        with pytest.raises(Refusal, match=words):
            samples.draw_now(viewer("chief"), made.pk, "12 03 07", known_at)
    assert Draw.objects.get().seed == ""


def test_the_draw_can_be_computed_again_and_a_swapped_item_is_noticed(drawn) -> None:
    assert samples.faults(drawn) == ()
    one = drawn.drawn.first()
    taken = set(drawn.drawn.values_list("row_id", flat=True))
    one.row = StateRow.objects.filter(state="dismissed").exclude(pk__in=taken).first()
    one.save()
    assert samples.faults(drawn) == ("抽取结果与重算的不符",)
    drawn.keys = drawn.keys[1:]
    assert "名单与公布的散列不符" in samples.faults(drawn)
    with pytest.raises(Refusal, match="已经抽取"):
        samples.draw_now(viewer("chief"), drawn.pk, "再抽一次", timezone.now())


def test_nobody_reviews_what_he_had_a_part_in_also_after_a_change_of_post(reviewed) -> None:
    User.objects.filter(username__in=("reviewer1", "reviewer2")).update(role="sample_reviewer")
    User.objects.filter(username="sampler").update(is_active=False)
    made = samples.freeze(viewer("chief"), "福利彩票第 001 期")
    samples.draw_now(viewer("chief"), made.pk, "12 03 07", timezone.now())
    for one in made.drawn.all():
        assert str(one.reviewer_id) != one.first_by


def test_a_draw_that_nobody_may_review_is_refused_whole(reviewed) -> None:
    User.objects.filter(username="sampler").update(is_active=False)
    made = samples.freeze(viewer("chief"), "福利彩票第 001 期")
    with pytest.raises(Refusal, match="没有可以复审的人员"):
        samples.draw_now(viewer("chief"), made.pk, "12 03 07", timezone.now())
    assert (Draw.objects.get().seed, Drawn.objects.count()) == ("", 0)


def test_the_reviewer_sees_no_verdict_before_the_own_one(drawn, signed_in) -> None:
    one = drawn.drawn.first()
    name = next(f"n{n}" for n in range(40) if key_of(f"n{n}") == one.row.object_id)
    client = signed_in("sampler")
    hidden = ("病历有说明", "与病历不符", "转入“", "待复核", "测一初", "测二初")
    pages = ("/desk/samples/mine/", f"/desk/samples/{one.pk}/answer/", page_of(name), f"/desk/?state={one.row.state}")
    for address in pages[:3]:
        html = client.get(address).text
        assert not [word for word in hidden if word in html], address
    assert one.row.object_id not in client.get(pages[3]).text
    assert "请先完成复审" in client.get(page_of(name, "reopen")).text
    assert client.get(f"/desk/samples/{drawn.pk}/").status_code == 403
    assert one.row.object_id in signed_in("confirmer").get(pages[3] + "&size=100").text
    sent = {"said": "upheld", "opinion": "证据充分"}
    assert client.post(pages[1], sent).status_code == 302
    assert "初审" in client.get(page_of(name)).text
    assert client.post(pages[1], sent).status_code == 404
    assert Entry.objects.get(act="随机复审").detail["结论"] == "成立"


def test_agreement_is_told_for_everything_by_rule_and_by_first_reviewer(drawn, signed_in) -> None:
    for one in drawn.drawn.all():
        samples.answer(viewer("sampler"), one.pk, one.first, "同意")
    everything, by_rule, by_reviewer = samples.scores(drawn)
    assert [(score.group, score.told.pairs, score.told.observed) for score in everything] == [("全部", 2, 1.0)]
    assert [score.group for score in by_rule] == ["N67"]
    assert sum(score.told.pairs for score in by_reviewer) == 2
    html = signed_in("chief").get(f"/desk/samples/{drawn.pk}/").text
    assert "重算一致" in html
    assert "Gwet AC1" in html


def test_an_answer_is_given_once_and_by_its_reviewer_only(drawn) -> None:
    one = drawn.drawn.first()
    with pytest.raises(Refusal, match="没有分派给本人"):
        samples.answer(viewer("confirmer"), one.pk, "upheld", "越权")
    samples.answer(viewer("sampler"), one.pk, "upheld", "成立")
    with pytest.raises(Refusal, match="已经复审"):
        samples.answer(viewer("sampler"), one.pk, "dismissed", "改口")


def test_a_dismissal_that_the_sample_review_does_not_share_is_reopened(drawn) -> None:
    one = drawn.drawn.first()
    drawn.drawn.exclude(pk=one.pk).delete()  # chance may have drawn n0 as well
    Drawn.objects.filter(pk=one.pk).update(row=row("n0"), first="dismissed")
    samples.answer(viewer("sampler"), one.pk, "upheld", "成立")
    assert steps("n0", ("sampler", "reopen", {"opinion": "应当成立"})).state == "found"
    assert key_of("n0") not in selectors.blind(viewer("sampler"))


def test_the_pages_of_the_organiser(reviewed, signed_in) -> None:
    client = signed_in("chief")
    assert "还没有封存过名单" in client.get("/desk/samples/").text
    answer = client.post("/desk/samples/freeze/", {"source": "福利彩票第 001 期"})
    html = client.get(answer.url).text
    assert "待公开数值" in html
    made = Draw.objects.get()
    assert made.hash_key not in html
    now = timezone.localtime() + dt.timedelta(minutes=-1)
    sent = {"value": "12 03 07", "known_at": f"{now:%Y-%m-%dT%H:%M}"}
    assert "不晚于" in client.post(f"/desk/samples/{made.pk}/draw/", sent).text
    Draw.objects.update(frozen_at=timezone.now() - dt.timedelta(hours=2))
    assert client.post(f"/desk/samples/{made.pk}/draw/", sent).status_code == 302
    assert made.hash_key in client.get(answer.url).text
    assert "待复审" in signed_in("sampler").get("/desk/samples/mine/").text
