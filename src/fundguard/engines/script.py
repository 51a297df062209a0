"""What passes between a plan and the engine that runs it, whichever it is: statements in, seconds and faults out.

An engine sees a plan as tables to load and statements to run; which rules a statement serves it knows by code only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import pyarrow as pa

#: Called with (steps done, steps in all, name of the step) before each step and every `BEAT` seconds during it.
#: Raising from it cancels the run: the statement is interrupted and the exception goes on to the caller.
Progress = Callable[[int, int, str], None]


class Statement(Protocol):
    """One step: `sql` may hold several statements, `rules` are the codes it serves."""

    @property
    def name(self) -> str: ...
    @property
    def sql(self) -> str: ...
    @property
    def rules(self) -> tuple[str, ...]: ...


Step = TypeVar("Step", bound=Statement)


class Script(Protocol[Step]):
    """What an engine needs of a compiled plan. `alone` splits a step into one step per rule."""

    @property
    def staging(self) -> Sequence[Step]: ...
    @property
    def shapes(self) -> Sequence[Step]: ...
    @property
    def closing(self) -> Sequence[Step]: ...
    @property
    def tables(self) -> Mapping[str, pa.Table]: ...
    def alone(self, step: Step, /) -> Sequence[Step]: ...


@dataclass(frozen=True)
class Fault:
    """Why a rule gave no answer: the four parts of a refusal, without any value of a row."""

    what: str
    where: str
    seen: str
    remedy: str


@dataclass(frozen=True)
class Outcome:
    """Seconds of each step in order of running, and the faults of rules that failed even when run alone."""

    seconds: tuple[tuple[str, float], ...]
    faults: dict[str, Fault]


def fault(step: str, seen: str) -> Fault:
    """The fault of a rule whose statement failed also when it ran alone; `seen` holds no value of a row."""
    return Fault(
        what="规则执行出错，本次未得出结论",
        where=f"步骤 {step}",
        seen=seen,
        remedy="其他规则不受影响；请知识审核员检查该规则的参数和知识点后重新运行。",
    )


def beating(tell: Progress, done: int, total: int, name: str) -> Callable[[], None]:
    """Tells where the run stands, each time it is called."""
    return lambda: tell(done, total, name)
