"""Regional variants differ where their document says so, and only there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fundguard import law
from fundguard.errors import Refusal
from fundguard.workflows import diagram
from fundguard.workflows.finding import FINDING
from fundguard.workflows.kernel import may
from fundguard.workflows.parts import Workflow
from fundguard.workflows.regions import HUNAN, JINCHENG, SHAOXING, VARIANTS, workflow_for
from tests.workflows.cast import actor, item, papers, play

DETERMINED = ("publish", "uphold", "confirm", "notify", "accept", "determine")
HEARD = (*DETERMINED, "refer_to_bureau", "announce_views", "hear_views")


def codes(flow: Workflow, verbs: tuple[str, ...], verb: str, post: str, *, brought=None, person: str = "") -> list[str]:
    here = play(item(flow), *verbs)
    brought = papers(FINDING.step_by_verb.get(verb) or flow.step_by_verb[verb]) | (brought or {})
    at = here.history[-1].at + timedelta(minutes=1)
    return [found.code for found in may(here, verb, actor(post, person), at, papers=brought).bars]


@pytest.mark.parametrize(
    ("region", "flow"),
    [
        ("", FINDING),
        ("110101", FINDING),
        ("430000", HUNAN),
        ("430102", HUNAN),
        ("330602", SHAOXING),
        ("330102", FINDING),  # another city of the same province
        ("140502", JINCHENG),
        ("140100", FINDING),
    ],
)
def test_the_nearest_variant_holds(region: str, flow: Workflow) -> None:
    assert workflow_for("finding", region) is flow


def test_a_workflow_nobody_knows_is_refused() -> None:
    with pytest.raises(Refusal, match="没有此办理流程"):
        workflow_for("case")


@pytest.mark.parametrize("flow", [SHAOXING, JINCHENG], ids=["绍兴市", "晋城市"])
def test_without_legal_review_no_handling_decision(flow: Workflow) -> None:
    assert codes(FINDING, HEARD, "decide_handling", "bureau_head") == []
    assert codes(flow, HEARD, "decide_handling", "bureau_head") == ["WF-101", "WF-113"]
    assert codes(flow, (*HEARD, "pass_legal_review"), "decide_handling", "bureau_head") == []
    assert codes(flow, (*HEARD, "fail_legal_review"), "decide_handling", "bureau_head") == ["WF-101", "WF-113"]
    who_heard = codes(flow, HEARD, "pass_legal_review", "legal_reviewer", person="enforcement_officer")
    assert who_heard == ["WF-103"], "not by a handler of the same matter"


def test_in_hunan_agreement_handling_states_why_no_penalty() -> None:
    assert codes(FINDING, DETERMINED, "recover", "agreement_officer") == []
    assert codes(HUNAN, DETERMINED, "recover", "agreement_officer") == ["WF-105"]
    grounds = {"agreement_track_grounds": "无主观故意，标准不清"}
    assert codes(HUNAN, DETERMINED, "recover", "agreement_officer", brought=grounds) == []


def test_in_hunan_the_bureau_calls_the_experts() -> None:
    objected = ("publish", "uphold", "confirm", "notify", "object")
    assert codes(FINDING, objected, "convene_experts", "agreement_officer") == []
    assert codes(HUNAN, objected, "convene_experts", "agreement_officer") == ["WF-102"]
    assert codes(HUNAN, objected, "convene_experts", "enforcement_officer") == []


def test_in_hunan_the_separation_of_posts_rests_on_its_own_document() -> None:
    for flow, cited in ((HUNAN, "三（一）"), (FINDING, "第十条")):
        here = play(item(flow), "publish", "uphold")
        same = actor("confirmer", "first_reviewer", posts=frozenset({"confirmer", "first_reviewer"}))
        bars = may(here, "confirm", same, here.history[-1].at).bars
        assert [found.code for found in bars] == ["WF-104", "WF-103"]
        assert all(law.article(found.article).cited.endswith(cited) for found in bars)


@pytest.mark.parametrize("flow", VARIANTS.values(), ids=lambda flow: flow.place or "nation")
def test_one_finding_from_hit_to_money_back(flow: Workflow) -> None:
    decision = ("pass_legal_review",) if "pass_legal_review" in flow.step_by_verb else ()
    end = ("submit_rectification", "accept_rectification", "record_payment", "close")
    assert play(item(flow), *HEARD, *decision, "decide_handling", *end).state == "closed"
    contested = ("publish", "uphold_part", "confirm", "notify", "object", "convene_experts", "give_argument")
    assert play(item(flow), *contested, "determine", "refuse_payment", *end, "withdraw").state == "withdrawn"


def test_a_variant_is_told_apart() -> None:
    assert len({flow.fingerprint for flow in VARIANTS.values()}) == len(VARIANTS)
    assert all(flow.basis and flow.place for flow in VARIANTS.values() if flow.region)


@pytest.mark.parametrize("flow", VARIANTS.values(), ids=lambda flow: flow.place or "nation")
def test_the_diagram_shows_every_state_and_step(flow: Workflow) -> None:
    lines = diagram.mermaid(flow).splitlines()
    drawn = sum(" --> " in line for line in lines)
    final = sum(state.final for state in flow.states)
    assert drawn == 1 + final + sum(len(step.sources) for step in flow.steps if not step.recalls)
    assert all(f"    {state.code} : {state.name}" in lines for state in flow.states)
    assert len(list(diagram.step_rows(flow))) == len(flow.steps)


def test_the_differences_of_a_variant_are_told() -> None:
    told = {row[0]: row[1] for row in diagram.difference_rows(JINCHENG, FINDING)}
    assert told["报告要情"] == "新增"
    assert told["认定成立"] == "开始的期限"
    assert "初审成立" not in told
