"""What is wrong with a declared workflow, found before anybody uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from fundguard import law
from fundguard.errors import Refusal
from fundguard.workflows.kernel import FACTS
from fundguard.workflows.papers import PAPERS
from fundguard.workflows.parts import Step, Workflow
from fundguard.workflows.posts import POSTS


@dataclass(frozen=True)
class Fault:
    """`kind` is a key of `KINDS`; `where` the step, state, term or post."""

    kind: str
    where: str
    text: str


def faults(workflow: Workflow) -> tuple[Fault, ...]:
    """Every fault; names first: while a name is unknown the rest is not looked at."""
    unknown = tuple(_fault(*found) for found in _unknown(workflow))
    return unknown or tuple(_fault(kind, where) for kind, check in SENSE.items() for where in check(workflow))


def checked(workflow: Workflow) -> Workflow:
    """The workflow itself, or Refusal with all its faults."""
    if found := faults(workflow):
        told = "；".join(f"{fault.where}：{fault.text}" for fault in found)
        raise Refusal("办理流程的声明有误", where=workflow.name, seen=told, remedy="请改正 workflows 中的声明")
    return workflow


def _fault(kind: str, where: str) -> Fault:
    return Fault(kind, where, KINDS[kind])


def _unknown(w: Workflow) -> Iterator[tuple[str, str]]:
    known = {
        "state": set(w.state_by_code),
        "post": set(POSTS),
        "paper": set(PAPERS),
        "clock": set(w.clock_by_term),
        "parameter": set(law.parameter_keys()),
        "article": {article.ref for article in law.articles()},
        "step": set(w.step_by_verb),
        "fact": set(FACTS),
    }
    for kind, where, names in _named(w):
        yield from ((f"unknown_{kind}", f"{where} {name}") for name in names if name and name not in known[kind])
    yield from (("repeated", name) for name in _repeated(step.verb for step in w.steps))
    yield from (("repeated", name) for name in _repeated(state.code for state in w.states))
    if sum(not step.sources for step in w.steps) != 1:
        yield "no_first_step", w.name


def _named(w: Workflow) -> Iterator[tuple[str, str, Iterable[str]]]:
    for step in w.steps:
        yield "state", step.verb, (*step.sources, step.to)
        yield "post", step.verb, (*step.by, *step.also)
        yield "paper", step.verb, step.needs
        yield "article", step.verb, (step.article,)
        yield "step", step.verb, (*step.unless_did, *step.after, step.undone_by)
        yield "fact", step.verb, step.facts
        extended = tuple(term for term, _ in step.extends)
        yield "clock", step.verb, (*step.opens, *step.closes, step.within, step.after_due, *extended)
        yield "parameter", step.verb, tuple(by for _, by in step.extends)
    for clock in w.clocks:
        yield "parameter", clock.term, (clock.term, clock.at_least)
        yield "state", clock.term, clock.pauses
    for pair in w.incompatible:
        yield "post", "incompatible", pair.posts
        yield "article", "incompatible", (pair.article,)
    yield "article", w.name, (w.separation, *w.basis)


def _repeated(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})


def _reached(w: Workflow, start: str, *, recalls: bool = True) -> set[str]:
    found, open_ = {start}, [start]
    while open_:
        state = open_.pop()
        onward = {step.target(state) for step in w.leaving(state) if recalls or not step.recalls}
        open_ += onward - found
        found |= onward
    return found


def _unreachable(w: Workflow) -> list[str]:
    return [state.code for state in w.states if state.code not in _reached(w, w.first.to)]


def _dead_end(w: Workflow) -> list[str]:
    """Not final, and no step but a recall leads to another state."""
    moves = {
        source for step in w.steps for source in step.sources if not step.recalls and step.target(source) != source
    }
    return [state.code for state in w.states if not state.final and state.code not in moves]


def _no_way_out(w: Workflow) -> list[str]:
    ends = {state.code for state in w.states if state.final}
    return [s.code for s in w.states if not s.final and not _reached(w, s.code, recalls=False) & ends]


def _final_left(w: Workflow) -> list[str]:
    final = {state.code for state in w.states if state.final}
    return [step.verb for step in w.steps if not step.recalls and final & set(step.sources)]


def _not_withdrawn(w: Workflow) -> list[str]:
    """Every state but those a recall leads to must have one."""
    recalls = [step for step in w.steps if step.recalls]
    ends = {step.to for step in recalls}
    covered = {source for step in recalls for source in step.sources}
    return [state.code for state in w.states if state.code not in covered | ends]


def _not_undone(w: Workflow) -> list[str]:
    """The step that takes another back must lead from where it went to where it came from."""
    found = []
    for step in w.steps:
        undo = w.step_by_verb.get(step.undone_by)
        if undo and not (step.to in undo.sources and undo.target(step.to) in step.sources):
            found.append(step.verb)
    return found


def _not_restored(w: Workflow) -> list[str]:
    """What was taken back must leave nothing behind: the other step names the same terms the other way round."""
    wrong = []
    for step in w.steps:
        if undo := w.step_by_verb.get(step.undone_by):
            undone = [one for one in w.steps if one.undone_by == undo.verb]
            opened = {term for one in undone for term in one.opens}
            closed = {term for one in undone for term in one.closes}
            lasting = step.effects or step.extends or step.restarts or step.recalls
            if lasting or (opened, closed) != (set(undo.closes), set(undo.opens)):
                wrong.append(step.verb)
    return wrong


def _clock_unused(w: Workflow) -> list[str]:
    opened = {term for step in w.steps for term in step.opens}
    return [clock.term for clock in w.clocks if clock.term not in opened]


def _clock_not_opened(w: Workflow) -> list[str]:
    """A step with a term that need not be running when the step is offered: every path to its state is followed."""
    start = (w.first.to, frozenset(w.first.opens))
    seen, open_ = {start}, [start]
    wrong: dict[str, None] = {}
    while open_:
        state, terms = open_.pop()
        for step in w.leaving(state):
            wanted = {t for t in (step.within, step.after_due) if t and not w.clock_by_term[t].at_least}
            if wanted - terms:
                wrong[step.verb] = None
            end = step.restarts or w.state_by_code[step.target(state)].final
            after = (step.target(state), (frozenset() if end else terms - set(step.closes)) | set(step.opens))
            if after not in seen:
                seen.add(after)
                open_.append(after)
    return list(wrong)


def _units_differ(w: Workflow) -> list[str]:
    units = law.parameter_units()
    wrong = [c.term for c in w.clocks if units[c.term] not in ("days", "working_days")]
    wrong += [c.term for c in w.clocks if c.at_least and units[c.at_least] != "fen"]
    return wrong + [step.verb for step in w.steps for term, by in step.extends if units[term] != units[by]]


def _same_person(w: Workflow) -> list[str]:
    """Two steps that must be taken by different people, and only the one holder of a post can take either."""
    found = []
    for step in w.steps:
        for other in (w.step_by_verb[verb] for verb in step.unless_did):
            takers = {*step.by, *other.by}
            if len(takers) == 1 and all(POSTS[post].single for post in takers):
                found.append(step.verb)
    return found


def _nobody(w: Workflow) -> list[str]:
    """A step that no one may take: each of its posts is barred by a post or qualification it needs beside it."""

    def barred(post: str, step: Step) -> bool:
        return any(pair.posts <= {post, *step.also} for pair in w.incompatible)

    return [
        step.verb
        for step in w.steps
        if not step.by or all(POSTS[post].qualification or barred(post, step) for post in step.by)
    ]


SENSE: dict[str, Callable[[Workflow], list[str]]] = {
    "unreachable": _unreachable,
    "dead_end": _dead_end,
    "no_way_out": _no_way_out,
    "final_left": _final_left,
    "not_withdrawn": _not_withdrawn,
    "not_undone": _not_undone,
    "not_restored": _not_restored,
    "clock_unused": _clock_unused,
    "clock_not_opened": _clock_not_opened,
    "units_differ": _units_differ,
    "same_person": _same_person,
    "nobody": _nobody,
}
KINDS = {
    "unknown_state": "没有此环节",
    "unknown_post": "没有此岗位",
    "unknown_paper": "没有此材料",
    "unknown_clock": "没有此期限",
    "unknown_parameter": "没有此参数",
    "unknown_article": "没有登记此条文",
    "unknown_step": "没有此办理事项",
    "unknown_fact": "没有此办理条件",
    "repeated": "名称重复",
    "no_first_step": "须有且只有一个起始事项",
    "unreachable": "没有办理事项通向此环节",
    "dead_end": "不是办结环节，却没有后续事项",
    "no_way_out": "从此环节不能到达办结",
    "final_left": "办结环节只能撤回",
    "not_withdrawn": "此环节不能撤回",
    "not_undone": "撤销它的事项不能回到原环节",
    "not_restored": "撤销以后不能恢复原状",
    "clock_unused": "没有事项开始此期限",
    "clock_not_opened": "可以办理时，要遵守的期限未必在计算",
    "units_differ": "期限的单位不能计算或者不一致",
    "same_person": "须由不同的人办理，却只有同一人能办理",
    "nobody": "按岗位不相容的规定没有人能办理",
}
