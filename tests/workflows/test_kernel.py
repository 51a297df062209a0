"""What the kernel says and why: all reasons, substitutes, conflicts of interest, papers, order of steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundguard import law
from fundguard.workflows import kernel
from fundguard.workflows.finding import FINDING
from fundguard.workflows.history import SYSTEM, Actor, Item, Lent, Taken, local_day, replay
from fundguard.workflows.kernel import FACTS, may, offered, take
from fundguard.workflows.papers import KINDS, PAPERS, fault
from fundguard.workflows.posts import POSTS
from fundguard.workflows.refusals import CODES, bar
from tests.workflows.cast import HOSPITAL, LINES, REGIONS, START, actor, item, papers, play, way_to

UPHELD = play(item(), "publish", "uphold")
NOTIFIED = play(UPHELD, "confirm", "notify")
DAY = START.date()


def codes(here: Item, verb: str, who: Actor, *, brought=None, after=timedelta(hours=1)) -> list[str]:
    return [bar.code for bar in may(here, verb, who, here.history[-1].at + after, papers=brought).bars]


def lent(principal: str, *posts: str, since=DAY, until=DAY) -> tuple[Lent, ...]:
    return (Lent(principal, frozenset(posts), since, until),)


def test_all_reasons_are_told_not_only_the_first() -> None:
    who = Actor("first_reviewer", frozenset({"first_reviewer", "confirmer"}), frozenset({"110000"}))
    told = codes(UPHELD, "confirm", who, brought={"opinion": " "})
    assert told == ["WF-104", "WF-103", "WF-112", "WF-105"]
    final = play(item(), *way_to(FINDING, "closed"))
    assert codes(final, "confirm", who) == ["WF-108", "WF-101", "WF-104", "WF-103", "WF-112", "WF-117"]


def test_an_answer_names_the_reason_the_remedy_and_the_article() -> None:
    answer = may(UPHELD, "confirm", actor("confirmer", "first_reviewer"), START + timedelta(hours=2))
    (only,) = answer.bars
    assert only.reason == "本人或委托人已办理“初审成立”，不得再办理“复核成立”"
    assert law.article(only.article).cited == "《医疗保障基金使用监督管理条例》第十条"
    assert only.remedy


def test_what_no_workflow_knows_is_refused() -> None:
    assert codes(UPHELD, "convict", actor("confirmer")) == ["WF-109"]


@pytest.mark.parametrize(
    ("who", "told"),
    [
        # anna first-reviewed. A substitute acts for himself and for the one whose post it is.
        (Actor("bo", frozenset(), REGIONS, lent=lent("cy", "confirmer")), []),
        (Actor("anna", frozenset(), REGIONS, lent=lent("cy", "confirmer")), ["WF-103"]),
        (Actor("bo", frozenset(), REGIONS, lent=lent("anna", "confirmer")), ["WF-103"]),
        (Actor("bo", frozenset({"confirmer"}), REGIONS, lent=lent("anna", "fund_clerk")), []),
        (Actor("bo", frozenset({"first_reviewer"}), REGIONS, lent=lent("cy", "confirmer")), ["WF-104"]),
        (Actor("bo", frozenset(), REGIONS, lent=lent("cy", "confirmer", until=DAY - timedelta(days=1))), ["WF-102"]),
        (Actor("bo", frozenset(), REGIONS, lent=lent("cy", "confirmer", since=DAY + timedelta(days=1))), ["WF-102"]),
        (Actor("bo", frozenset(), REGIONS, lent=lent("cy", "verifier")), ["WF-102"]),
        # another account post since: the person stays the same
        (Actor("anna", frozenset({"confirmer"}), REGIONS), ["WF-103"]),
    ],
)
def test_nobody_confirms_what_he_first_reviewed_through_a_substitute_either(who: Actor, told: list[str]) -> None:
    here = play(item(), "publish")
    here = take(here, "uphold", actor("first_reviewer", "anna"), START + timedelta(hours=1), {"opinion": "有"})
    assert codes(here, "confirm", who, brought={"opinion": "同意"}) == told


def test_a_step_in_a_lent_post_is_written_for_both() -> None:
    here = play(item(), "publish")
    bo = Actor("bo", frozenset(), REGIONS, lent=lent("cy", "first_reviewer"))
    here = take(here, "uphold", bo, START + timedelta(hours=1), {"opinion": "有"})
    row = here.history[-1]
    assert (row.person, row.on_behalf_of, row.post) == ("bo", "cy", "first_reviewer")
    for person in ("bo", "cy"):
        assert codes(here, "confirm", actor("confirmer", person)) == ["WF-103"]


def test_who_has_an_interest_does_not_act_nor_does_one_for_him() -> None:
    here = replace(UPHELD, recused=frozenset({"cy"}))
    assert codes(here, "confirm", actor("confirmer", "cy")) == ["WF-110"]
    assert codes(here, "confirm", Actor("bo", frozenset(), REGIONS, lent=lent("cy", "confirmer"))) == ["WF-110"]
    assert codes(here, "confirm", actor("confirmer", "bo")) == []


@pytest.mark.parametrize(
    ("here", "verb", "who", "told"),
    [
        (UPHELD, "confirm", actor("confirmer", regions=frozenset({"990102"})), ["WF-112"]),
        (UPHELD, "confirm", actor("confirmer", regions=None), ["WF-112"]),
        (NOTIFIED, "accept", actor("hospital_office", institutions=frozenset({"H0"})), ["WF-111"]),
        (NOTIFIED, "accept", actor("hospital_office", regions=frozenset()), []),
        (NOTIFIED, "accept", actor("chain_head_office", institutions=frozenset({"H0", HOSPITAL})), []),
    ],
)
def test_one_s_own_region_and_institution(here: Item, verb: str, who: Actor, told: list[str]) -> None:
    assert codes(here, verb, who) == told


@pytest.mark.parametrize(
    ("paper", "value", "words"),
    [
        ("opinion", None, "缺少审查意见"),
        ("opinion", "", "缺少审查意见"),
        ("opinion", " \n", "没有内容"),
        ("opinion", "字" * 4001, "超过 4000 字"),
        ("opinion", "字" * 4000, ""),
        ("opinion", 7, "没有内容"),
        ("opinion", "第一段\r\n\t第二段", ""),
        ("opinion", "见附件\0", "不能保存"),
        ("opinion", "\ud800", "不能保存"),
        ("lines", ["L1", "L9"], "不在本疑点的明细之内"),
        ("lines", "L1", "不在本疑点的明细之内"),
        ("lines", ["L1", "L3"], ""),
        ("part_amount", 9_000, "须小于"),
        ("part_amount", 8_999, ""),
        ("part_amount", 0, "大于零"),
        ("amount", 9_000, ""),
        ("amount", 9_001, "超过此前的金额"),
        ("amount", 1.5, "大于零"),
        ("amount", True, "大于零"),
        ("amount", "12", "大于零"),
        ("articles", ["条例:38(3)", "条例:99"], "未登记"),
        ("articles", "条例:38(3)", "须为条文"),
        ("articles", [["条例:38(3)"]], "须为条文"),
        ("articles", ["条例:38(3)"], ""),
        ("notice", "a1b2", ""),
        ("notice", " ", "没有登记"),
    ],
)
def test_papers_are_what_they_must_be(paper: str, value: object, words: str) -> None:
    found = fault(paper, value, item())
    assert words in found
    assert bool(found) is bool(words)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, database=None, derandomize=True)
@given(st.sampled_from(sorted(PAPERS)), anything)
def test_whatever_a_form_sends_is_answered_not_an_error(paper: str, value: object) -> None:
    assert isinstance(fault(paper, value, item()), str)


def test_a_part_upheld_bounds_everything_after_it() -> None:
    here = play(item(), "publish", "uphold_part", "confirm", "notify", "accept")
    assert (here.amount_now, here.lines_now) == (4_000, {"L1"})
    brought = {"grounds": "有", "articles": ["条例:38(3)"], "amount": 4_001}
    assert codes(here, "determine", actor("agreement_officer"), brought=brought) == ["WF-105"]
    assert codes(here, "determine", actor("agreement_officer"), brought=brought | {"amount": 4_000}) == []


def test_sent_back_or_with_new_evidence_the_whole_is_looked_at_again() -> None:
    for back in ("send_back", "take_new_evidence"):
        here = play(item(), "publish", "uphold_part", back)
        assert (here.amount_now, here.lines_now) == (9_000, LINES)


def test_only_the_papers_asked_for_are_kept() -> None:
    here = take(play(item(), "publish"), "uphold", actor("first_reviewer"), START, {"opinion": "有", "note": "x"})
    assert here.history[-1].papers == {"opinion": "有"}


def test_an_extension_is_asked_once_a_round() -> None:
    here = play(NOTIFIED, "ask_extension", "refuse_extension")
    assert codes(here, "ask_extension", actor("hospital_office")) == ["WF-115"]
    again = play(here, "return_to_review", "uphold", "confirm", "notify")
    assert codes(again, "ask_extension", actor("hospital_office")) == []


def test_closed_only_when_paid_rectified_and_complete() -> None:
    here = play(item(facts=frozenset()), *way_to(FINDING, "recovering"))
    close = {"archive_list": "有"}
    assert codes(here, "close", actor("agreement_officer"), brought=close) == ["WF-113", "WF-114"]
    here = play(here, "submit_rectification", "accept_rectification")
    answer = may(here, "close", actor("agreement_officer"), here.history[-1].at, papers=close)
    assert [found.reason for found in answer.bars] == [f"尚未具备办理条件：{FACTS['paid']}、{FACTS['complete']}"]
    here = replace(here, facts=frozenset({"paid", "complete", "undrawn"}))
    assert codes(here, "close", actor("agreement_officer"), brought=close) == []


def test_time_does_not_run_backwards() -> None:
    assert codes(UPHELD, "confirm", actor("confirmer"), after=timedelta(seconds=-1)) == ["WF-118"]
    assert codes(UPHELD, "confirm", actor("confirmer"), after=timedelta()) == []
    with pytest.raises(ValueError, match="zone"):
        local_day(START.replace(tzinfo=None))


def test_the_buttons_of_a_page() -> None:
    here = offered(UPHELD, actor("confirmer"), UPHELD.history[-1].at)
    assert {step.verb: answer.allowed for step, answer in here.items()} == {
        "confirm": True,
        "send_back": True,
        "take_back_review": False,
        "take_new_evidence": False,
        "withdraw": False,
    }


def test_a_history_replays_to_its_state_and_a_forged_one_does_not() -> None:
    assert replay(FINDING, NOTIFIED.history) == "notified"
    forged = replace(NOTIFIED.history[1], to="confirmed")
    for history in (
        NOTIFIED.history[1:],
        (NOTIFIED.history[0], forged),
        (NOTIFIED.history[0], NOTIFIED.history[2]),
        (*NOTIFIED.history, replace(NOTIFIED.history[0], at=START)),
        (Taken("invent", "", "system", START, "found"),),
        (NOTIFIED.history[0], replace(NOTIFIED.history[1], at=START - timedelta(seconds=1))),
    ):
        with pytest.raises(ValueError, match="row"):
            replay(FINDING, history)


def test_the_first_step_is_taken_once() -> None:
    assert codes(UPHELD, "publish", SYSTEM) == ["WF-101"]


def test_codes_are_permanent() -> None:
    """Never change a line of this list; add to it."""
    numbers = {*range(101, 120), 201, 202, 203}
    assert list(CODES) == [f"WF-{number}" for number in sorted(numbers)]
    for code in CODES.values():
        names = {name for _, name, _, _ in Formatter().parse(code.text) if name}
        made = bar(code.code, **dict.fromkeys(names, "某"))
        assert "{" not in made.reason
        assert not code.article or law.article(code.article)


def test_every_paper_kind_and_every_fact_is_used() -> None:
    assert {paper.kind for paper in PAPERS.values()} == set(KINDS)
    assert {fact for step in FINDING.steps for fact in step.facts} == set(FACTS)
    assert len(kernel.CHECKS) == 7
    assert all(post.name for post in POSTS.values())
    assert papers(FINDING.step_by_verb["object"]) == {
        "objection_statement": "有",
        "lines": ["L1"],
        "accepted_lines": [],
    }


def test_an_objection_may_name_what_it_accepts_and_never_the_same_line_twice() -> None:
    step = FINDING.step_by_verb["object"]
    notified = play(item(), "publish", "uphold", "confirm", "notify")
    office, at = actor("hospital_office"), notified.history[-1].at + timedelta(hours=1)

    def faults(**given: list[str]) -> list[str]:
        brought = papers(step) | given
        return [bar.reason for bar in may(notified, "object", office, at, papers=brought).bars]

    assert faults(lines=["L1"], accepted_lines=["L2"]) == []
    assert faults(lines=["L1"], accepted_lines=["L1", "L2"]) == ["材料不齐或者不合要求：有 1 条费用明细既申诉又认可"]
    assert faults(accepted_lines=["L9"]) == ["材料不齐或者不合要求：同时认可的费用明细不在本疑点的明细之内"]
    without = {code: value for code, value in papers(step).items() if code != "accepted_lines"}
    assert may(notified, "object", office, at, papers=without).allowed  # silence is not acceptance
