"""What a workflow is declared with. All frozen; `faults` tells what a declaration lacks, `may` who may take a step."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property


@dataclass(frozen=True)
class State:
    """What has been done. `name` is for those who work on it, `shown` for the institution; empty: it does not see it.

    A `final` state is left only by a step that recalls.
    """

    code: str
    name: str
    shown: str = ""
    final: bool = False


@dataclass(frozen=True)
class Clock:
    """A term that runs. `term` names the law or agreement parameter that sets it, and is also the clock's name.

    A `hard` term bars a late step; any other only makes it late. Time in the states of `pauses` does not count.
    `at_least` names a parameter in fen: below that amount the term does not begin.
    """

    term: str
    name: str
    hard: bool = False
    pauses: tuple[str, ...] = ()
    at_least: str = ""


@dataclass(frozen=True)
class Step:
    """One thing that can be done. `sources` is empty for the first step of all; `to` is empty where the state stays.

    `by` any of these posts takes it, `also` qualifications that must all be held, `needs` papers brought with it,
    `unless_did` steps that nobody who takes this one may have taken on the same item, `after` steps that must have
    been taken in this round, `facts` what the system must know to be so (paid). `within` the term it must keep,
    `after_due` the term that must have passed. `opens`, `closes` terms; `extends` a term by another parameter.
    `once` a round. `restarts` begins a new round: running terms end, earlier steps no longer serve as `after`.
    `recalls` may leave final states. `undone_by` the step that takes it back, and with it what became of the terms:
    they run on as they were opened. An `own` step takes back only what the same person did. `effects` what the
    application does then.
    """

    verb: str
    name: str
    sources: tuple[str, ...]
    to: str
    by: tuple[str, ...]
    article: str
    needs: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    unless_did: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    within: str = ""
    after_due: str = ""
    opens: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    extends: tuple[tuple[str, str], ...] = ()
    once: bool = False
    restarts: bool = False
    recalls: bool = False
    undone_by: str = ""
    own: bool = False
    effects: tuple[str, ...] = ()

    def target(self, state: str) -> str:
        """The state it leads to from `state`."""
        return self.to or state


@dataclass(frozen=True)
class Incompatible:
    """Two posts that one person may not hold, and the article it rests on."""

    posts: frozenset[str]
    article: str


@dataclass(frozen=True)
class Workflow:
    """One page: states, steps, terms.

    `separation` is the article on which "nobody acts twice" rests. `region` is empty for the nation, else the division
    the variant holds for, `place` its name, and `basis` the articles that make it differ.
    """

    name: str
    title: str
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    clocks: tuple[Clock, ...]
    incompatible: tuple[Incompatible, ...] = ()
    separation: str = ""
    region: str = ""
    place: str = ""
    basis: tuple[str, ...] = ()

    @cached_property
    def state_by_code(self) -> dict[str, State]:
        return {state.code: state for state in self.states}

    @cached_property
    def step_by_verb(self) -> dict[str, Step]:
        return {step.verb: step for step in self.steps}

    @cached_property
    def clock_by_term(self) -> dict[str, Clock]:
        return {clock.term: clock for clock in self.clocks}

    @cached_property
    def first(self) -> Step:
        """The step that nothing comes before."""
        return next(step for step in self.steps if not step.sources)

    def leaving(self, state: str) -> tuple[Step, ...]:
        """The steps that can be taken from `state`, in declared order."""
        return tuple(step for step in self.steps if state in step.sources)

    @cached_property
    def undoing(self) -> frozenset[str]:
        """The verbs that take another step back."""
        return frozenset(step.undone_by for step in self.steps if step.undone_by)

    @cached_property
    def effects(self) -> tuple[str, ...]:
        """Every effect that an application must wire."""
        return tuple(dict.fromkeys(effect for step in self.steps for effect in step.effects))

    @cached_property
    def fingerprint(self) -> str:
        """Changes with any change of the declaration; written into each history row."""
        declared = (self.name, self.region, self.states, self.steps, self.clocks)
        return hashlib.sha256(repr(declared).encode()).hexdigest()[:16]

    def varied(  # noqa: PLR0913 (the parts of a workflow)
        self,
        region: str,
        place: str,
        *,
        basis: tuple[str, ...],
        steps: Iterable[Step] = (),
        states: Iterable[State] = (),
        clocks: Iterable[Clock] = (),
        separation: str = "",
        incompatible: tuple[Incompatible, ...] = (),
    ) -> Workflow:
        """A region's variant: the parts given replace those of the same name or are added at the end."""
        return replace(
            self,
            region=region,
            place=place,
            basis=basis,
            steps=tuple((self.step_by_verb | {s.verb: s for s in steps}).values()),
            states=tuple((self.state_by_code | {s.code: s for s in states}).values()),
            clocks=tuple((self.clock_by_term | {c.term: c for c in clocks}).values()),
            separation=separation or self.separation,
            incompatible=incompatible or self.incompatible,
        )

    def changed(self, verb: str, **parts: object) -> Step:
        """A step of this workflow with some parts replaced."""
        return replace(self.step_by_verb[verb], **parts)  # type: ignore[arg-type]
