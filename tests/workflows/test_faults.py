"""Each kind of fault is found, shown by a workflow broken in that one way; the shipped ones have none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fundguard.errors import Refusal
from fundguard.workflows.faults import KINDS, checked, faults
from fundguard.workflows.parts import Clock, Incompatible, State, Step, Workflow
from fundguard.workflows.posts import POSTS
from fundguard.workflows.regions import VARIANTS

# fmt: off
SOUND = Workflow(
    "sound", "样例",
    (State("new", "新建"), State("done", "办结", final=True), State("gone", "撤回", final=True)),
    (
        Step("begin", "开始", (), "new", ("system",), "条例:10", opens=("finding.answer",)),
        Step("wait", "等待", ("new",), "", ("confirmer",), "条例:10",
             extends=(("finding.answer", "finding.answer_extension"),)),
        Step("end", "办结", ("new",), "done", ("confirmer",), "条例:10", needs=("opinion",), facts=("paid",),
             unless_did=("wait",), within="finding.answer"),
        Step("withdraw", "撤回", ("new", "done"), "gone", ("recall_officer",), "条例:10", recalls=True),
    ),
    (Clock("finding.answer", "期限", pauses=("new",)),),
    incompatible=(Incompatible(frozenset({"confirmer", "first_reviewer"}), "条例:10"),),
    separation="条例:10",
)
# fmt: on
JUDGE = Incompatible(frozenset({"judge"}), "条例:10")


def step(verb: str, **parts) -> Workflow:
    return SOUND.varied("", "", basis=(), steps=(SOUND.changed(verb, **parts),))


def more(*steps: Step, states: tuple[State, ...] = (), clocks: tuple[Clock, ...] = ()) -> Workflow:
    return SOUND.varied("", "", basis=(), steps=steps, states=states, clocks=clocks)


def extra(verb: str, sources: tuple[str, ...], to: str, **parts) -> Step:
    return Step(verb, verb, sources, to, ("confirmer",), "条例:10", **parts)


BROKEN = [
    ("unknown_state", "end nowhere", step("end", to="nowhere")),
    ("unknown_state", "end nowhere", step("end", sources=("nowhere",))),
    ("unknown_state", "finding.answer nowhere", more(clocks=(Clock("finding.answer", "期限", pauses=("nowhere",)),))),
    ("unknown_post", "end judge", step("end", by=("judge",))),
    ("unknown_post", "end judge", step("end", also=("judge",))),
    (
        "unknown_post",
        "incompatible judge",
        replace(SOUND, incompatible=(Incompatible(frozenset({"judge"}), "条例:10"),)),
    ),
    ("unknown_paper", "end poem", step("end", needs=("poem",))),
    ("unknown_clock", "end finding.papers", step("end", within="finding.papers")),
    ("unknown_clock", "wait finding.papers", step("wait", extends=(("finding.papers", "finding.answer_extension"),))),
    ("unknown_parameter", "test.never test.never", more(clocks=(Clock("test.never", "期限"),))),
    ("unknown_parameter", "wait test.never", step("wait", extends=(("finding.answer", "test.never"),))),
    ("unknown_parameter", "finding.answer x", more(clocks=(Clock("finding.answer", "期限", at_least="x"),))),
    ("unknown_article", "end 条例:99", step("end", article="条例:99")),
    ("unknown_article", "sound 条例:99", replace(SOUND, separation="条例:99")),
    ("unknown_step", "end never", step("end", unless_did=("never",))),
    ("unknown_step", "end never", step("end", after=("never",))),
    ("unknown_step", "wait never", step("wait", undone_by="never")),
    ("unknown_fact", "end rich", step("end", facts=("rich",))),
    ("repeated", "end", replace(SOUND, steps=(*SOUND.steps, extra("end", ("new",), "done")))),
    ("repeated", "new", replace(SOUND, states=(*SOUND.states, State("new", "新建")))),
    ("no_first_step", "sound", step("begin", sources=("new",))),
    ("no_first_step", "sound", more(extra("also", (), "new"))),
    ("unreachable", "far", more(extra("leave", ("far",), "done"), states=(State("far", "远"),))),
    ("dead_end", "stuck", more(extra("go", ("new",), "stuck"), states=(State("stuck", "停"),))),
    ("dead_end", "new", step("end", to="")),
    (
        "no_way_out",
        "a",
        more(
            extra("go", ("new",), "a"),
            extra("on", ("a",), "b"),
            extra("back", ("b",), "a"),
            states=(State("a", "甲"), State("b", "乙")),
        ),
    ),
    ("final_left", "again", more(extra("again", ("done",), "new"))),
    ("not_withdrawn", "new", step("withdraw", sources=("done",))),
    ("not_withdrawn", "done", step("withdraw", sources=("new",))),
    ("not_undone", "end", step("end", undone_by="wait")),
    (
        "not_restored",
        "go",
        more(
            extra("go", ("new",), "a", closes=("finding.answer",), undone_by="back"),
            extra("back", ("a",), "new"),
            states=(State("a", "甲"),),
        ),
    ),
    ("clock_unused", "finding.answer", step("begin", opens=())),
    ("clock_unused", "finding.papers", more(clocks=(Clock("finding.papers", "期限"),))),
    ("clock_not_opened", "end", step("begin", opens=())),
    ("clock_not_opened", "end", step("wait", closes=("finding.answer",))),
    ("clock_not_opened", "end", step("wait", restarts=True)),
    ("units_differ", "wait", step("wait", extends=(("finding.answer", "finding.refund"),))),
    ("units_differ", "review.first_share", more(clocks=(Clock("review.first_share", "期限"),))),
    ("units_differ", "finding.answer", more(clocks=(Clock("finding.answer", "期限", at_least="finding.refund"),))),
    ("same_person", "end", more(SOUND.changed("wait", by=("bureau_head",)), SOUND.changed("end", by=("bureau_head",)))),
    ("nobody", "end", step("end", also=("first_reviewer",))),
    ("nobody", "end", step("end", by=())),
    ("nobody", "end", step("end", by=("card_holder",))),
]


def test_the_sound_one_has_none() -> None:
    assert faults(SOUND) == ()


@pytest.mark.parametrize(("kind", "where", "broken"), BROKEN, ids=[f"{kind} {where}" for kind, where, _ in BROKEN])
def test_a_broken_workflow_says_how(kind: str, where: str, broken: Workflow) -> None:
    assert (kind, where) in [(fault.kind, fault.where) for fault in faults(broken)]


def test_every_kind_is_shown() -> None:
    assert {kind for kind, _, _ in BROKEN} == set(KINDS)


def test_a_conditional_term_need_not_run() -> None:
    """A term that begins only from an amount on is not demanded on every path."""
    conditional = Clock("finding.papers", "期限", at_least="finding.incident_amount")
    assert faults(more(SOUND.changed("begin", opens=("finding.answer", "finding.papers")),
                       SOUND.changed("wait", within="finding.papers", closes=("finding.papers",)),
                       clocks=(conditional,))) == ()  # fmt: skip


def test_a_broken_workflow_does_not_start() -> None:
    with pytest.raises(Refusal, match="声明有误") as refused:
        checked(step("end", to="nowhere"))
    assert "end nowhere：没有此环节" in refused.value.seen
    assert checked(SOUND) is SOUND


@pytest.mark.parametrize("flow", VARIANTS.values(), ids=lambda flow: flow.place or "nation")
def test_the_shipped_ones_have_none(flow: Workflow) -> None:
    assert faults(flow) == ()


@pytest.mark.parametrize("flow", VARIANTS.values(), ids=lambda flow: flow.place or "nation")
def test_every_post_is_of_use_and_every_state_is_named_for_whom_it_concerns(flow: Workflow) -> None:
    unused = set(POSTS) - {post for step in flow.steps for post in (*step.by, *step.also)}
    assert unused <= {"legal_reviewer"}
    institution = {code for code, post in POSTS.items() if post.side == "institution"}
    for one in flow.steps:
        if institution & set(one.by):
            assert all(flow.state_by_code[source].shown for source in one.sources), one.verb
    before = ("found", "upheld", "dismissed", "confirmed")
    assert not [code for code in before if flow.state_by_code[code].shown], "not seen before it is told"
