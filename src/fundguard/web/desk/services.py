"""The one way to take a step: lock, compare, ask the kernel, write state, ledger, papers, term and effects, notify."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from fundguard import law
from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.desk import items
from fundguard.web.desk.listening import listeners
from fundguard.web.desk.models import StateRow, StepPaper
from fundguard.web.findings import selectors as findings
from fundguard.web.ledger.models import Entry
from fundguard.web.ledger.services import append, entry
from fundguard.workflows.deadlines import running
from fundguard.workflows.history import Actor, Item
from fundguard.workflows.kernel import Answer, may
from fundguard.workflows.papers import PAPERS
from fundguard.workflows.parts import Step
from fundguard.workflows.refusals import Bar, bar

#: Effect → effect that it takes back: where that one never happened there is nothing to do.
UNDOES = {"revoke_notice": "send_notice", "return_money": "record_debt"} | dict.fromkeys(
    ("suspend_recovery", "correct_debt"), "record_debt"
)
SENDS = frozenset({"send_notice", "tell_institution"})
LONGEST = 40  # signs of `told`
#: Columns of a state row that a step changes.
MOVED = ("state", "version", "request", "amount_now_fen", "entered_at", "due_at", "due_term", "due_flag")


@dataclass(frozen=True)
class Wish:
    """A step wanted on a row that the caller holds locked, with the item it is."""

    row: StateRow
    item: Item
    papers: Mapping[str, Any]


@dataclass(frozen=True)
class Done:
    """A step as it was taken: what effects and notifications are told. `papers` are clear. `together`: the caller
    sends one paper for many items, so none is issued for this one."""

    row: StateRow
    before: Item
    step: Step
    papers: Mapping[str, Any]
    at: datetime
    by: User | None
    together: bool = False


Effects = dict[str, Callable[[Done], None]]


class Barred(Refusal):
    """The kernel's reasons against a step, every one with its permanent code."""

    def __init__(self, bars: tuple[Bar, ...]) -> None:
        self.bars = bars
        cited = dict.fromkeys(law.article(one.article).cited for one in bars if one.article)
        super().__init__(
            "；".join(one.reason for one in bars),
            where="、".join(one.code for one in bars),
            seen=f"依据{'、'.join(cited)}" if cited else "",
            remedy="；".join(dict.fromkeys(one.remedy for one in bars)),
        )


@transaction.atomic
def take(  # noqa: PLR0913 (the parts of a form)
    viewer: Viewer, key: str, verb: str, papers: Mapping[str, Any], version: int, *, request: str = ""
) -> StateRow:
    """Take a step on a finding that the viewer may know of; `version` and `request` are those of the form.

    Http404 where there is none for this viewer; Barred with the kernel's reasons; nothing is written then.
    """
    findings.finding(viewer, key)
    row = locked(key)
    _fresh(row, version, request)
    at = timezone.now()  # after the lock: later than every step before
    who = items.actor(viewer, at)
    return taken_by(row, items.item(row), verb, who, papers=papers, at=at, by=viewer.user, request=request)


def locked(key: str) -> StateRow:
    """The row, held until the transaction ends."""
    row = StateRow.objects.select_for_update(of=("self",)).filter(workflow="finding", object_id=key).first()
    if row is None:
        raise Http404
    return row


def taken_by(  # noqa: PLR0913 (who, what, when)
    row: StateRow,
    item: Item,
    verb: str,
    actor: Actor,
    *,
    papers: Mapping[str, Any],
    at: datetime,
    by: User | None = None,
    request: str = "",
    together: bool = False,
) -> StateRow:
    """A step on a locked row whose item is known; within the caller's transaction. Barred where the kernel says so."""
    wish = Wish(row, item, papers)
    for barred in taken_all([wish], verb, actor, at=at, by=by, request=request, together=together).values():
        raise barred
    return row


def taken_all(  # noqa: PLR0913 (who, what, when)
    wishes: Iterable[Wish],
    verb: str,
    actor: Actor,
    *,
    at: datetime,
    by: User | None = None,
    request: str = "",
    together: bool = False,
) -> dict[int, Barred]:
    """The same step on many locked rows, within the caller's transaction; of those that are barred, number and why.

    The kernel is asked for each. What it lets pass is written in few statements, then what follows each step is run.
    """
    barred: dict[int, Barred] = {}
    done: list[tuple[Done, tuple[str, ...]]] = []
    entries, former = [], []
    for wish in wishes:
        row, item = wish.row, wish.item
        answer = may(item, verb, actor, at, papers=wish.papers)
        if not answer.allowed:
            barred[row.pk] = Barred(answer.bars)
            continue
        step = item.workflow.step_by_verb[verb]
        effects = _connected(item, step)
        brought = {code: wish.papers[code] for code in step.needs if code in wish.papers}
        former.append({name: getattr(row, name) for name in MOVED})
        entries.append(stepped(row, item, step, answer, brought=brought, at=at, by=by, request=request))
        done.append((Done(row, item, step, brought, at, by, together), effects))
    append(entries)
    _save([one.row for one, _ in done], former)
    StepPaper.objects.bulk_create(text for one, _ in done for text in texts(one.row, one.papers))
    for one, effects in done:
        for effect in effects:
            wired()[effect](one)
        for told in listeners().step:
            told(one)
    return barred


def _connected(item: Item, step: Step) -> tuple[str, ...]:
    """The effects that the step has here. Refusal where nothing is wired to one of them."""
    effects = due_effects(item, step)
    if missing := [effect for effect in effects if effect not in wired()]:
        raise Refusal(
            f"“{step.name}”之后的办理尚未接通，不能办理",
            where="、".join(missing),
            remedy="请由系统管理员接通相应的办理，再办此事项",
        )
    return effects


def _save(rows: Iterable[StateRow], former: Iterable[Mapping[str, Any]]) -> None:
    """What the steps moved: one statement for all rows that moved in the same way."""
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    for row, was in zip(rows, former, strict=True):
        alike[tuple((name, getattr(row, name)) for name in MOVED if getattr(row, name) != was[name])].append(row.pk)
    for moved, numbers in alike.items():
        StateRow.objects.filter(pk__in=numbers).update(**dict(moved))


def stepped(  # noqa: PLR0913 (the columns of a history row)
    row: StateRow,
    item: Item,
    step: Step,
    answer: Answer,
    *,
    brought: Mapping[str, Any],
    at: datetime,
    by: User | None = None,
    request: str = "",
) -> Entry:
    """The ledger row, and the state row brought up to it; neither is saved yet."""
    version = row.version + 1
    told = detail(item, step, answer, version, brought, request)
    made = entry(by, step.name, item.workflow.title, row.object_id, region=row.region, detail=told)
    row.version, row.request = version, request
    bring_up(row, item.after(step, items.taken(made.actor_id, made.at, told)), at)
    return made


def detail(  # noqa: PLR0913, PLR0917 (the parts of a history row)
    item: Item, step: Step, answer: Answer, version: int, brought: Mapping[str, Any], request: str = ""
) -> dict[str, Any]:
    """What the ledger's row of a step says; `version` is the one that the step leads to."""
    return {
        "workflow": item.workflow.name,
        "variant": item.workflow.region,
        "fingerprint": item.workflow.fingerprint,
        "verb": step.verb,
        "from": item.state,
        "to": step.target(item.state),
        "post": answer.post,
        "on_behalf_of": answer.on_behalf_of,
        "version": version,
        "request": request,
        "papers": items.kept(dict(brought)),
    }


def bring_up(row: StateRow, item: Item, at: datetime) -> None:
    """What the row derives from the item: state, amount, earliest term."""
    if row.state != item.state:
        row.state, row.entered_at = item.state, at
    row.amount_now_fen = item.amount_now
    first = next(iter(running(item, at)), None)
    row.due_at = first.until if first and not first.paused else None
    row.due_term, row.due_flag = (first.name, first.flag) if first else ("", "")


def texts(row: StateRow, brought: Mapping[str, Any]) -> list[StepPaper]:
    """The papers of the step just taken that stand beside the ledger."""
    return [
        StepPaper(row=row, version=row.version, code=code, text=value)
        for code, value in brought.items()
        if PAPERS[code].kind not in items.OPEN_KINDS
    ]


def due_effects(item: Item, step: Step) -> tuple[str, ...]:
    """The step's effects that have something to do: what was never done is not taken back."""
    steps = item.workflow.step_by_verb
    happened = {effect for row in item.history for effect in steps[row.verb].effects}
    happened |= {"send_notice"} if happened & SENDS else set()
    return tuple(effect for effect in step.effects if effect not in UNDOES or UNDOES[effect] in happened)


def connected(item: Item, step: Step) -> bool:
    """Whether everything that follows the step is wired."""
    return all(effect in wired() for effect in due_effects(item, step))


def in_turn(*effects: Callable[[Done], None]) -> Callable[[Done], None]:
    """Several things that follow one step, in this order; what the first refuses the others do not do."""

    def all_of(done: Done) -> None:
        for effect in effects:
            effect(done)

    return all_of


def wired() -> Effects:
    """What `web/wiring.py` names; imported late, because it brings in every application."""
    from fundguard.web import wiring

    return wiring.EFFECTS


def _fresh(row: StateRow, version: int, request: str) -> None:
    if request and row.request == request:
        raise Barred((bar("WF-202"),))
    if row.version != version:
        raise Barred((bar("WF-201"),))
