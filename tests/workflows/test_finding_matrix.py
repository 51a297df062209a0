"""Every state × step × post × same person or not × a second post: the kernel answers as the hand-written table says."""

from datetime import timedelta
from itertools import product

import pytest

from fundguard.workflows.deadlines import running
from fundguard.workflows.finding import FINDING
from fundguard.workflows.history import Item
from fundguard.workflows.kernel import may, take
from fundguard.workflows.posts import POSTS
from tests.workflows import finding_oracle as oracle
from tests.workflows.cast import ALL_POSTS, actor, item, papers, play, way_to

LEADS = oracle.leads()
VERBS = [step.verb for step in FINDING.steps if step.sources]
#: What the tables speak of; papers are complete and terms are looked at in their own tests.
TABLED = {"WF-101", "WF-102", "WF-103", "WF-104", "WF-108", "WF-116", "WF-119"}


def expected(
    state: str, verb: str, posts: tuple[str, ...], did: set[str], *, last: tuple[str, bool], card: bool
) -> set[str]:
    """`last`: the step taken last, and whether it was the same person's."""
    codes = set()
    lead = LEADS.get((state, verb))
    by = next(posts for (_, v), (posts, _) in LEADS.items() if v == verb)
    if lead is None:
        codes.add("WF-101")
    if state in oracle.FINAL and verb not in oracle.LEAVE_FINAL:
        codes.add("WF-108")
    if not set(posts) & set(by):
        codes.add("WF-102")
    if did & set(oracle.MAY_NOT.get(verb, "").split()):
        codes.add("WF-103")
    if last[0] in oracle.TAKES_BACK.get(verb, "").split() and not last[1]:
        codes.add("WF-119")
    if len(posts) == 2 and oracle.incompatible(*posts):
        codes.add("WF-104")
    if verb in oracle.CARD and not card:
        codes.add("WF-116")
    return codes


@pytest.mark.parametrize("state", [state.code for state in FINDING.states])
def test_who_may_do_what(state: str) -> None:
    here = play(item(), *way_to(FINDING, state))
    people = {row.person for row in here.history if row.person} | {"somebody new"}
    at = here.history[-1].at + timedelta(minutes=1)
    due = {term.term: term for term in running(here, at)}
    pairs = [(one, other) for one, other in product(ALL_POSTS, repeat=2) if one < other]
    asked = [
        *product(VERBS, [(post,) for post in ALL_POSTS], sorted(people), (True,)),
        *product(VERBS, pairs, ("somebody new", "first_reviewer"), (True,)),
        *product(oracle.CARD, [(post,) for post in ALL_POSTS], ("somebody new",), (False,)),
    ]
    for verb, held, person, card in asked:
        who = actor(held[0], person, posts=frozenset({*held, "card_holder"} if card else held))
        answer = may(here, verb, who, at, papers=papers(FINDING.step_by_verb[verb]), due=due)
        did = {row.verb for row in here.history if row.person == person}
        told = {bar.code for bar in answer.bars} & TABLED
        last = (here.history[-1].verb, here.history[-1].person == person)
        assert told == expected(state, verb, held, did, last=last, card=card), (state, verb, held, person)


@pytest.mark.parametrize(("state", "verb"), sorted(LEADS))
def test_a_step_leads_where_the_table_says(state: str, verb: str) -> None:
    posts, to = LEADS[state, verb]
    here = play(item(), *way_to(FINDING, state))
    if verb == "close":
        here = play(here, "submit_rectification", "accept_rectification")
    if verb == "accept_rectification":
        here = play(here, "submit_rectification")
    for post in posts:
        at = here.history[-1].at + timedelta(minutes=1)
        if after := FINDING.step_by_verb[verb].after_due:
            at = next(term.until for term in running(here, at) if term.term == after)
        own = here.history[-1].person if verb in oracle.TAKES_BACK else "somebody new"
        who = actor(post, own if POSTS[post].side != "machine" else "")
        taken = take(here, verb, who, at, papers(FINDING.step_by_verb[verb]))
        assert isinstance(taken, Item), taken
        assert (taken.state, taken.history[-1].post) == (to, post)


def test_the_table_and_the_declaration_know_the_same_steps() -> None:
    assert {verb for _, verb in LEADS} == set(VERBS)
    assert {(source, step.verb) for step in FINDING.steps for source in step.sources} == set(LEADS)


MACHINE = ["go_on_without", "lapse", "take_new_evidence", "return_to_review", "open_correction", "come_again"]


@pytest.mark.parametrize("verb", MACHINE)
def test_no_person_takes_a_machine_s_step(verb: str) -> None:
    here = play(item(), *way_to(FINDING, FINDING.step_by_verb[verb].sources[0]))
    for post in ALL_POSTS:
        answer = may(here, verb, actor(post), here.history[-1].at + timedelta(days=99))
        assert "WF-102" in {bar.code for bar in answer.bars}
