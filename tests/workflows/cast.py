"""People, papers and an item to play workflows with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fundguard.workflows.deadlines import running
from fundguard.workflows.finding import FINDING
from fundguard.workflows.history import CLOCK, SYSTEM, ZONE, Actor, Item
from fundguard.workflows.kernel import take
from fundguard.workflows.parts import Step, Workflow
from fundguard.workflows.posts import POSTS

REGION = "990101"
REGIONS = frozenset({REGION, "430000", "330600", "140500"})
HOSPITAL = "H99000000001"
START = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)  # a Monday
LINES = frozenset({"L1", "L2", "L3"})
PAPERS: dict[str, Any] = {
    "lines": ["L1"],
    "accepted_lines": [],
    "part_amount": 4_000,
    "amount": 3_000,
    "articles": ["条例:38(3)"],
}
ALL_POSTS = tuple(code for code, post in POSTS.items() if post.side != "machine" and not post.qualification)


def actor(post: str, person: str = "", **changes: Any) -> Actor:
    """A person of one post who may do all that the post may; the machines for their posts."""
    if POSTS[post].side == "machine":
        return CLOCK if post == "clock" else SYSTEM
    made: dict[str, Any] = {
        "person": person or post,
        "posts": frozenset({post, "card_holder"}),
        "regions": REGIONS,
        "institutions": frozenset({HOSPITAL}),
    }
    return Actor(**(made | changes))


def papers(step: Step) -> dict[str, Any]:
    return {code: PAPERS.get(code, "有") for code in step.needs}


def item(workflow: Workflow = FINDING, **changes: Any) -> Item:
    """An item not yet begun."""
    made: dict[str, Any] = {
        "workflow": workflow,
        "state": "",
        "region": workflow.region or REGION,
        "institution": HOSPITAL,
        "amount_fen": 9_000,
        "lines": LINES,
        "facts": frozenset({"paid", "complete", "undrawn"}),
    }
    return Item(**(made | changes))


def play(started: Item, *verbs: str, at: datetime | None = None, apart: timedelta = timedelta(hours=1)) -> Item:
    """Take the steps one after the other, each by its first post; a machine that waits for a term takes it when due."""
    now = at or (started.history[-1].at + apart if started.history else START)
    for verb in verbs:
        step = started.workflow.step_by_verb[verb]
        if step.after_due:
            now = next(term.until for term in running(started, now) if term.term == step.after_due)
        taken = take(started, verb, actor(step.by[0]), now, papers(step))
        assert isinstance(taken, Item), f"{verb}: {taken}"
        started, now = taken, now + apart
    return started


def way_to(workflow: Workflow, state: str) -> tuple[str, ...]:
    """The verbs of a shortest way from nothing to `state` (recalls and the system's corrections included)."""
    ways: dict[str, tuple[str, ...]] = {workflow.first.to: (workflow.first.verb,)}
    open_ = [workflow.first.to]
    while open_:
        here = open_.pop(0)
        done = ways[here]
        for step in workflow.leaving(here):
            there = step.target(here)
            if there not in ways and set(step.after) <= set(done):
                ways[there] = (*done, step.verb)
                open_.append(there)
    if state == "closed":
        return (*ways["recovering"], "submit_rectification", "accept_rectification", "record_payment", "close")
    return ways[state]
