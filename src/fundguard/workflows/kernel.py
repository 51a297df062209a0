"""May this person take this step on this item now? One answer with every reason against it. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fundguard.workflows.deadlines import Due, running
from fundguard.workflows.history import Actor, Item, Taken, local_day
from fundguard.workflows.papers import clash, fault
from fundguard.workflows.parts import Step
from fundguard.workflows.posts import POSTS
from fundguard.workflows.refusals import Bar, bar

#: What the facts of a step are called.
FACTS = {"paid": "应退款项已全部退回或者扣减", "complete": "案卷材料齐全", "undrawn": "没有被抽中随机复审"}


@dataclass(frozen=True)
class Answer:
    """`bars` is empty where the step may be taken; `post` it is taken in, `on_behalf_of` who lent that post."""

    bars: tuple[Bar, ...]
    post: str = ""
    on_behalf_of: str = ""

    @property
    def allowed(self) -> bool:
        return not self.bars


@dataclass(frozen=True)
class _Attempt:
    item: Item
    step: Step
    actor: Actor
    at: datetime
    papers: Mapping[str, Any] | None
    due: Mapping[str, Due]
    post: str
    on_behalf_of: str


def may(  # noqa: PLR0913 (the two last ones are seldom given)
    item: Item,
    verb: str,
    actor: Actor,
    at: datetime,
    *,
    papers: Mapping[str, Any] | None = None,
    due: Mapping[str, Due] | None = None,
) -> Answer:
    """Whether `actor` may take `verb` on `item` at the instant `at`, and everything against it.

    `papers` None: not brought yet (a button asks before its form is filled), nothing is said of them. `due` saves a
    caller who has the running terms from computing them again.
    """
    step = item.workflow.step_by_verb.get(verb)
    if step is None:
        return Answer((bar("WF-109"),))
    terms = {term.term: term for term in running(item, at)} if due is None else due
    post, on_behalf_of = _post(step, actor, at)
    attempt = _Attempt(item, step, actor, at, papers, terms, post, on_behalf_of)
    return Answer(tuple(found for check in CHECKS for found in check(attempt)), post, on_behalf_of)


def take(item: Item, verb: str, actor: Actor, at: datetime, papers: Mapping[str, Any] | None = None) -> Item | Answer:
    """The item after the step, or the answer that bars it. The service does the same and writes it down."""
    brought = papers or {}
    answer = may(item, verb, actor, at, papers=brought)
    if not answer.allowed:
        return answer
    step = item.workflow.step_by_verb[verb]
    kept = {code: brought[code] for code in step.needs if code in brought}
    to = step.target(item.state)
    return item.after(step, Taken(verb, actor.person, answer.post, at, to, answer.on_behalf_of, kept))


def offered(item: Item, actor: Actor, at: datetime) -> dict[Step, Answer]:
    """Every step that leads on from here, with the answer for this person: the buttons, and why one is grey."""
    due = {term.term: term for term in running(item, at)}
    return {step: may(item, step.verb, actor, at, due=due) for step in item.workflow.leaving(item.state)}


def _post(step: Step, actor: Actor, at: datetime) -> tuple[str, str]:
    """An own post before a lent one, in the order the step names them."""
    for post in step.by:
        if post in actor.posts:
            return post, ""
    for post in step.by:
        for loan in actor.lent_on(local_day(at)):
            if post in loan.posts:
                return post, loan.principal
    return "", ""


def _state(a: _Attempt) -> Iterator[Bar]:
    state = a.item.workflow.state_by_code.get(a.item.state)
    if state and state.final and not a.step.recalls:
        yield bar("WF-108", a.step.article)
    fits = state.code in a.step.sources if state else not a.step.sources
    if not fits:
        yield bar("WF-101", a.step.article, state=state.name if state else "未建立", step=a.step.name)


def _posts(a: _Attempt) -> Iterator[Bar]:
    if not a.post:
        yield bar("WF-102", a.step.article, posts=_names(a.step.by), step=a.step.name)
    held = a.actor.posts_on(local_day(a.at))
    if missing := [code for code in a.step.also if code not in held]:
        yield bar("WF-116", posts=_names(tuple(missing)))
    for pair in a.item.workflow.incompatible:
        if pair.posts <= held:
            yield bar("WF-104", pair.article, posts=_names(tuple(sorted(pair.posts))))


def _same_person(a: _Attempt) -> Iterator[Bar]:
    """A substitute acts for himself and for whose post it is: neither may have taken the other step."""
    acting = {person for person in (a.actor.person, a.on_behalf_of) if person}
    did = [verb for verb in a.step.unless_did if acting & a.item.did((verb,))]
    if did:
        names = "、".join(a.item.workflow.step_by_verb[verb].name for verb in did)
        yield bar("WF-103", a.item.workflow.separation, did=names, step=a.step.name)
    last = a.item.standing[-1] if a.item.standing else None
    if last and a.step.own and a.actor.person not in last.people:
        undone = a.item.workflow.step_by_verb[last.verb]
        if undone.undone_by == a.step.verb:
            yield bar("WF-119", a.step.article, did=undone.name)
    if acting & a.item.recused:
        yield bar("WF-110", a.step.article)


def _reach(a: _Attempt) -> Iterator[Bar]:
    side = POSTS[a.post].side if a.post else ""
    if side == "institution" and a.item.institution not in a.actor.institutions:
        yield bar("WF-111", a.step.article)
    if side not in ("institution", "machine", "") and a.item.region not in (a.actor.regions or ()):
        yield bar("WF-112", a.step.article)


def _before(a: _Attempt) -> Iterator[Bar]:
    steps = a.item.workflow.step_by_verb
    done = {row.verb for row in a.item.this_round}
    if missing := [steps[verb].name for verb in a.step.after if verb not in done]:
        yield bar("WF-113", a.step.article, steps="、".join(missing))
    if missing := [FACTS[fact] for fact in a.step.facts if fact not in a.item.facts]:
        yield bar("WF-114", a.step.article, facts="、".join(missing))
    if a.step.once and a.step.verb in done:
        yield bar("WF-115", a.step.article, step=a.step.name)
    if a.item.history and a.at < a.item.history[-1].at:
        yield bar("WF-118")


def _terms(a: _Attempt) -> Iterator[Bar]:
    for code in filter(None, (a.step.within, a.step.after_due)):
        term = a.due.get(code)
        clock = a.item.workflow.clock_by_term[code]
        if term is None:
            yield bar("WF-117", a.step.article, clock=clock.name)
        elif code == a.step.within and clock.hard and term.late(a.at):
            yield bar("WF-106", a.step.article, clock=clock.name, day=f"{term.day:%Y-%m-%d}")
        elif code == a.step.after_due and not term.late(a.at):
            yield bar("WF-107", a.step.article, clock=clock.name)


def _papers(a: _Attempt) -> Iterator[Bar]:
    if a.papers is None:
        return
    brought = a.papers
    faults = [words for code in a.step.needs if (words := fault(code, brought.get(code), a.item))]
    if words := clash(brought):
        faults.append(words)
    if faults:
        yield bar("WF-105", a.step.article, papers="；".join(faults))


def _names(codes: tuple[str, ...]) -> str:
    return "、".join(POSTS[code].name for code in codes)


CHECKS: tuple[Callable[[_Attempt], Iterator[Bar]], ...] = (
    _state,
    _posts,
    _same_person,
    _reach,
    _before,
    _terms,
    _papers,
)
