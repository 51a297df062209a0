"""From rows of the database to what the kernel is told: the item with its history, and who acts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from fundguard.claims.store import keys
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.roles import POSTS_HELD
from fundguard.web.desk.models import Recusal, StateRow, Substitution
from fundguard.web.ledger import selectors as ledger
from fundguard.workflows.history import Actor, Item, Lent, Taken, local_day
from fundguard.workflows.papers import PAPERS

#: Answers for which of these rows, with their histories by `object_id`, a fact holds.
Fact = Callable[[Sequence[StateRow], Mapping[str, Sequence[Taken]]], set[str]]
#: Kinds of papers that stand in the ledger as they are: the kernel reads them back.
OPEN_KINDS = frozenset({"lines", "other_lines", "amount", "part_amount", "articles"})


def items(rows: Iterable[StateRow]) -> dict[str, Item]:
    """`object_id` → item, for rows of one workflow: two queries, however many rows; facts are asked
    only for rows from which a step leads on that needs one."""
    listed = list(rows)
    if not listed:
        return {}
    wanted = [row.object_id for row in listed]
    history: dict[str, list[Taken]] = defaultdict(list)
    for entry in ledger.of_objects(listed[0].flow.title, wanted):
        history[entry.object_id].append(taken(entry.actor_id, entry.at, entry.detail))
    recused: dict[str, set[str]] = defaultdict(set)
    places = {row.fixmedins_code for row in listed}
    for place, person in Recusal.objects.filter(fixmedins_code__in=places).values_list("fixmedins_code", "person_id"):
        recused[place].add(str(person))
    facts = _known_facts(listed, history)
    return {
        row.object_id: Item(
            workflow=row.flow,
            state=row.state,
            region=row.region,
            institution=row.fixmedins_code,
            amount_fen=row.amount_fen,
            lines=frozenset(row.lines),
            history=tuple(history[row.object_id]),
            facts=frozenset(name for name, keys in facts.items() if row.object_id in keys),
            recused=frozenset(recused[row.fixmedins_code]),
        )
        for row in listed
    }


def _known_facts(listed: Sequence[StateRow], history: Mapping[str, Sequence[Taken]]) -> dict[str, set[str]]:
    """Fact → keys for which it holds; each is asked only of the rows from which a step leads on that needs it."""
    wanted = {row.pk: {fact for step in row.flow.leaving(row.state) for fact in step.facts} for row in listed}
    found = {}
    for name, told in _facts().items() if any(wanted.values()) else ():
        if asked := [row for row in listed if name in wanted[row.pk]]:
            found[name] = told(asked, history)
    return found


def _facts() -> dict[str, Fact]:
    """What `web/wiring.py` names; imported late, because it brings in every application."""
    from fundguard.web import wiring

    return wiring.FACTS


def item(row: StateRow) -> Item:
    return items([row])[row.object_id]


def taken(actor_id: int | None, at: datetime, detail: dict[str, Any]) -> Taken:
    """The history row that a ledger row holds."""
    return Taken(
        verb=detail["verb"],
        person="" if actor_id is None else str(actor_id),
        post=detail["post"],
        at=at,
        to=detail["to"],
        on_behalf_of=detail["on_behalf_of"],
        papers=detail["papers"],
    )


def kept(papers: dict[str, Any]) -> dict[str, Any]:
    """Papers as the ledger holds them: texts and files as a keyed digest."""
    return {code: value if PAPERS[code].kind in OPEN_KINDS else digest(value) for code, value in papers.items()}


def spoken(row: StateRow, papers: Mapping[str, Any]) -> list[str]:
    """The lines that a step of the institution names, with their amount, in words."""
    if "accepted_lines" not in papers:
        return []
    rest = set(row.lines) - set(papers["lines"]) - set(papers["accepted_lines"])
    told = (("申诉", papers["lines"]), ("认可", papers["accepted_lines"]), ("未表态", rest))
    amounts = ((name, lines, sum(row.lines.get(line, 0) for line in lines)) for name, lines in told)
    return [f"{name} {len(lines)} 条 {fen / 100:,.2f} 元" for name, lines, fen in amounts if lines]


def digest(text: str) -> str:
    """How the ledger holds a text: enough to prove it, not to read it."""
    return f"hmac:{_secret(settings.STORE).keyed(f'paper:{text}')}"


@lru_cache(maxsize=1)
def _secret(store: Path) -> keys.Keys:
    """The store's keys, read once: a bulk step asks thousands of times."""
    return keys.create(store)


def person(viewer: Viewer) -> str:
    return str(viewer.user.pk)


def actor(viewer: Viewer, at: datetime) -> Actor:
    """Who acts, with the posts of the account's role and those lent on that day."""
    day = local_day(at)
    loans = Substitution.objects.filter(substitute=viewer.user, since__lte=day, until__gte=day)
    return Actor(
        person=person(viewer),
        posts=POSTS_HELD.get(viewer.user.role, frozenset()),
        regions=viewer.regions,
        institutions=viewer.institutions or frozenset(),
        lent=tuple(
            Lent(str(loan.principal_id), POSTS_HELD.get(loan.principal.role, frozenset()), loan.since, loan.until)
            for loan in loans.select_related("principal")
        ),
    )
