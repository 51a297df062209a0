"""A workflow as text: a Mermaid state diagram, and rows for its reference page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

from fundguard.law import article
from fundguard.workflows.papers import PAPERS
from fundguard.workflows.parts import Step, Workflow
from fundguard.workflows.posts import POSTS
from fundguard.workflows.refusals import CODES


def mermaid(workflow: Workflow) -> str:
    """States and the steps between them. Recalls, the same from everywhere, stand in the table only."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {state.code} : {state.name}" for state in workflow.states]
    for step in workflow.steps:
        if not step.recalls:
            lines += [f"    {source} --> {step.target(source)} : {step.name}" for source in step.sources or ("[*]",)]
    lines += [f"    {state.code} --> [*]" for state in workflow.states if state.final]
    return "\n".join(lines)


def state_rows(workflow: Workflow) -> Iterator[tuple[str, ...]]:
    """Code, name for those who work, name for the institution, what it is."""
    for state in workflow.states:
        yield state.code, state.name, state.shown or "（不可见）", "办结" if state.final else ""


def step_rows(workflow: Workflow) -> Iterator[tuple[str, ...]]:
    """Name, from, to, posts, papers, who may not, term, article."""
    for step in workflow.steps:
        yield step_row(workflow, step)


def step_row(workflow: Workflow, step: Step) -> tuple[str, ...]:
    """One step in words."""
    states, steps, clocks = workflow.state_by_code, workflow.step_by_verb, workflow.clock_by_term
    everywhere = len(step.sources) == len(states) - 1
    term = clocks[step.within or step.after_due].name if step.within or step.after_due else ""
    return (
        step.name,
        "其余各环节" if everywhere else "、".join(states[source].name for source in step.sources),
        states[step.to].name if step.to else "不变",
        "、".join(POSTS[post].name for post in (*step.by, *step.also)),
        "、".join(PAPERS[paper].name for paper in step.needs),
        "、".join(steps[verb].name for verb in step.unless_did),
        f"{term}届满后" if step.after_due else f"{term}内" if term else "",
        article(step.article).cited,
    )


def difference_rows(workflow: Workflow, base: Workflow) -> Iterator[tuple[str, str, str]]:
    """Step, what differs from the base, article: only what the variant changes or adds."""
    for step in workflow.steps:
        was = base.step_by_verb.get(step.verb)
        if was is None:
            yield step.name, "新增", article(step.article).cited
        elif was != step:
            changed = [field.name for field in fields(Step) if getattr(was, field.name) != getattr(step, field.name)]
            words = [PARTS[name] for name in PARTS if name in changed]
            yield step.name, "、".join(words) or PARTS["article"], article(step.article).cited


def code_rows() -> Iterator[tuple[str, ...]]:
    """Every refusal code: sentence, remedy, article (a step's own article stands first where it has one)."""
    for code in CODES.values():
        text = re.sub(r"\{\w+\}", "…", code.text)
        yield code.code, text, code.remedy, article(code.article).cited if code.article else "该事项的条文"


PARTS = {
    "sources": "可以办理的环节",
    "by": "岗位",
    "also": "资格",
    "needs": "材料",
    "unless_did": "不得由同一人办理的事项",
    "after": "前置事项",
    "opens": "开始的期限",
    "article": "依据",
}
