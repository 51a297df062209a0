"""Random walks through each workflow by people who change posts and stand in for each other: what never happens."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from fundguard.workflows.deadlines import running
from fundguard.workflows.finding import FIRST_REVIEW, REVIEW
from fundguard.workflows.history import CLOCK, SYSTEM, Actor, Item, Lent, replay
from fundguard.workflows.kernel import may, take
from fundguard.workflows.regions import VARIANTS
from tests.depth import examples
from tests.workflows.cast import ALL_POSTS, HOSPITAL, REGIONS, START, item, papers

PEOPLE = ("anna", "bo", "cy", "dong")
FLOWS = tuple(VARIANTS.values())
#: What leads back or out: taken seldom, or no walk would get far.
BACK = ("withdraw", "take_new_evidence", "return_to_review", "open_correction", "dismiss", "ask_papers")
BACK += ("take_back_review", "take_back_confirmation")


def anybody(random: Random, here: Item, day: date) -> Actor:
    """Somebody who today holds posts of use here, or has one lent: posts change with every step."""
    useful = sorted({post for step in here.workflow.leaving(here.state) for post in step.by if post in ALL_POSTS})
    posts = frozenset(random.choices(useful or ALL_POSTS, k=random.randint(1, 2)))
    person, principal = random.sample(PEOPLE, 2)
    if random.random() < 0.5:
        loan = Lent(principal, posts, day, day)
        return Actor(person, frozenset({"card_holder"}), REGIONS, frozenset({HOSPITAL}), (loan,))
    return Actor(person, posts | {"card_holder"}, REGIONS, frozenset({HOSPITAL}))


def walk(seed: int) -> Item:
    """A history of steps that the kernel allowed: of those possible one is chosen, by somebody who may."""
    random = Random(seed)
    here = item(random.choice(FLOWS), facts=frozenset({"paid", "complete", "undrawn"} if random.random() < 0.8 else ()))
    here, at = take(here, "publish", SYSTEM, START), START
    for _ in range(random.randint(0, 30)):
        at += timedelta(hours=random.randint(1, 24 * 12))
        due = {term.term: term for term in running(here, at)}
        who = [*(anybody(random, here, at.date()) for _ in range(4)), *map(holder, ALL_POSTS), CLOCK, SYSTEM]
        ways: dict[str, list[Actor]] = {}
        for step in here.workflow.leaving(here.state):
            brought = papers(step)
            fit = (one for one in who if one.posts_on(at.date()) & set(step.by))
            may_ = [one for one in fit if may(here, step.verb, one, at, papers=brought, due=due).allowed]
            ways |= {step.verb: may_} if may_ else {}
        if not ways:
            break
        onward = [verb for verb in ways if (verb in BACK) == (random.random() < 0.08)]
        verb = random.choice(onward or list(ways))
        taken = take(here, verb, random.choice(ways[verb]), at, papers(here.workflow.step_by_verb[verb]))
        assert isinstance(taken, Item), taken
        here = taken
    return here


walks = st.integers(0, 2**32).map(walk)


def holder(post: str) -> Actor:
    return Actor(f"holder of {post}", frozenset({post, "card_holder"}), REGIONS, frozenset({HOSPITAL}))


def nothing_forbidden(here: Item) -> None:
    assert replay(here.workflow, here.history) == here.state
    for place, row in enumerate(here.history):
        before = frozenset().union(*(r.people for r in here.history[:place] if r.verb in FIRST_REVIEW))
        if row.verb in ("confirm", "send_back", "reopen", "notify"):
            assert not row.people & before, "nobody confirms or samples what he first reviewed, nor lets others do it"
        if row.verb in ("determine", "determine_unanswered", "correct", "clear", "decide_handling"):
            reviewers = frozenset().union(*(r.people for r in here.history[:place] if r.verb in REVIEW))
            assert not row.people & reviewers
        former = here.workflow.state_by_code[here.history[place - 1].to] if place else None
        if former and former.final:
            again = (former.code, row.verb, row.post) == ("withdrawn", "come_again", "system")
            assert again or row.verb == "withdraw", "final states stay final"
        if row.to == "withdrawn":
            assert {"return_money", "revoke_notice"} <= set(here.workflow.step_by_verb[row.verb].effects)
            assert [later.verb for later in here.history[place + 1 : place + 2]] in ([], ["come_again"])
        if row.to == "accepted":
            assert row.post in ("hospital_office", "pharmacy", "chain_head_office"), "silence is not acceptance"
        if row.to == "recovering" and row.verb == "decide_handling":
            assert "hear_views" in [r.verb for r in here.history[:place]], "heard before the decision"
    assert 0 < here.amount_now <= here.amount_fen


@settings(max_examples=examples(60), deadline=None, derandomize=True, database=None)
@given(walks)
def test_every_walk_can_still_be_closed_or_withdrawn(here: Item) -> None:
    order = holder("recall_officer")
    at = here.history[-1].at + timedelta(hours=1)
    if here.state != "withdrawn":
        step = here.workflow.step_by_verb["withdraw"]
        assert take(here, "withdraw", order, at, papers(step)).state == "withdrawn"
    if here.state not in ("withdrawn", "cleared", "closed"):
        assert closes(Item(**(vars_of(here) | {"facts": frozenset({"paid", "complete", "undrawn"})})), at)


def vars_of(here: Item) -> dict:
    return {name: getattr(here, name) for name in Item.__dataclass_fields__}


def closes(here: Item, at) -> bool:
    """Whether new people, each with one post, can bring it to an end without a recall, waiting for terms if need be."""
    seen, open_ = set(), [(here, at)]
    while open_:
        item_, now = open_.pop(0)
        if item_.workflow.state_by_code[item_.state].final:
            return True
        for step in item_.workflow.leaving(item_.state):
            mark = (step.target(item_.state), step.verb)
            if step.recalls or mark in seen or step.by == ("system",):
                continue
            for post in step.by:
                one = CLOCK if post == "clock" else new_person(post, len(item_.history))
                then = next((term.until for term in running(item_, now) if term.term == step.after_due), now)
                taken = take(item_, step.verb, one, max(then, now), papers(step))
                if isinstance(taken, Item):
                    seen.add(mark)
                    open_.append((taken, max(then, now) + timedelta(minutes=1)))
                    break
    return False


def new_person(post: str, number: int) -> Actor:
    return Actor(f"new {post} {number}", frozenset({post, "card_holder"}), REGIONS, frozenset({HOSPITAL}))


def verbs_of(here: Item) -> list[str]:
    return [row.verb for row in here.history]


REACHED = {
    "closed in full": lambda here: "close" in verbs_of(here),
    "withdrawn after closing": lambda here: [row.to for row in here.history[-2:]] == ["closed", "withdrawn"],
    "decided by the bureau": lambda here: "decide_handling" in verbs_of(here),
    "a lent post": lambda here: any(row.on_behalf_of for row in here.history if row.verb == "confirm"),
    "taken back": lambda here: "take_back_review" in verbs_of(here),
    "experts": lambda here: "give_argument" in verbs_of(here),
    "second round": lambda here: "send_back" in verbs_of(here) and "confirm" in verbs_of(here),
}


def test_what_never_happens() -> None:
    """And the walks get far: the properties say nothing of what no walk does."""
    reached: set[str] = set()

    @settings(max_examples=250, deadline=None, derandomize=True, database=None)
    @given(walks)
    def check(here: Item) -> None:
        nothing_forbidden(here)
        reached.update(name for name, holds in REACHED.items() if holds(here))

    check()
    assert reached == set(REACHED)
