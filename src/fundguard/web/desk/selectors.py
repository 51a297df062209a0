"""Guarded reads of the desk: the queue, a finding's panel, a day's work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from itertools import chain
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from fundguard import law
from fundguard.web.accounts.guard import Viewer
from fundguard.web.core.parts import Happening
from fundguard.web.desk import capacity, items, order, services
from fundguard.web.desk.models import Drawn, Recusal, StateRow, StepPaper
from fundguard.web.desk.pages import Button, Day, Letter, Panel, Preview, Work
from fundguard.web.findings import selectors as findings
from fundguard.web.ledger import selectors as ledger
from fundguard.workflows.history import Item
from fundguard.workflows.kernel import Answer, offered
from fundguard.workflows.papers import PAPERS
from fundguard.workflows.parts import Step
from fundguard.workflows.posts import POSTS
from fundguard.workflows.regions import VARIANTS

FLOW = "finding"
#: Papers that the desk itself makes; and the kinds that its forms can ask for.
MADE = frozenset({"notice", "agreement_notice"})
ASKED = frozenset({"text", "lines", "other_lines", "amount", "part_amount", "articles", "file"})
#: Sides whose people work at the desk; the institutions answer.
OFFICES = frozenset({"agency", "bureau", "expert"})
INSTITUTION = frozenset({"institution"})
#: Keys of the finding's page; every other step is reached with Tab.
KEYS = {"uphold": "u", "uphold_part": "p", "dismiss": "d", "ask_papers": "a", "confirm": "c", "send_back": "b"}
KEYS |= {"notify": "n", "take_back_review": "z", "take_back_confirmation": "z"}


def rows(viewer: Viewer) -> QuerySet[StateRow]:
    """Items treated in the viewer's regions, or in the own institutions."""
    own = StateRow.objects.filter(workflow=FLOW)
    if viewer.institutions is None:
        return own.filter(region__in=viewer.regions)
    return own.filter(fixmedins_code__in=viewer.institutions)


@cache
def states_of(posts: frozenset[str]) -> tuple[str, ...]:
    """The states from which a step of one of these posts leads on, in declared order."""
    return tuple(
        dict.fromkeys(
            state.code
            for flow in VARIANTS.values()
            for state in flow.states
            for step in flow.leaving(state.code)
            if posts & set(step.by) and not step.recalls and fillable(step) and step.verb not in flow.undoing
        )
    )


def own_states(viewer: Viewer) -> tuple[str, ...]:
    """With those of the posts lent to the viewer today."""
    return states_of(items.actor(viewer, timezone.now()).posts_on(timezone.localdate()))


def fillable(step: Step) -> bool:
    """Whether the desk can bring every paper that the step needs."""
    return all(code in MADE or PAPERS[code].kind in ASKED for code in step.needs)


def matching(viewer: Viewer, wanted: Mapping[str, Any]) -> QuerySet[StateRow]:
    """Items of a filter (`forms.DeskFilter` cleaned): without a state those that are under way."""
    found = filtered(viewer, wanted)
    state = wanted.get("state")
    return found.filter(state=state) if state else found


def page(found: QuerySet[StateRow], first: int, size: int, total: int = 0) -> list[Work]:
    """A page in the order of the queue: the largest expected amount per hour first.

    Its numbers are found in the index, from the nearer end where `total` (rows that match) is told; then its rows.
    """
    ordered, begin = found.order_by("-score", "pk"), first
    if first * 2 > total > 0:
        size = min(size, total - first)
        ordered, begin = found.order_by("score", "-pk"), total - first - size
    numbers = list(ordered.values_list("pk", flat=True)[begin : begin + size])
    listed = StateRow.objects.filter(pk__in=numbers).select_related("assignee").defer("lines")
    return works(listed.order_by("-score", "pk"))


def works(listed: Iterable[StateRow], drawn: frozenset[int] = frozenset()) -> list[Work]:
    kept = list(listed)
    told = findings.shown([row.object_id for row in kept])
    names, regions, now = findings.rule_names(), findings.region_names(), timezone.now()
    return [
        Work(
            key=row.object_id,
            number=told[row.object_id].number,
            institution=told[row.object_id].institution_name or row.fixmedins_code,
            region=regions.get(row.region, row.region),
            rule_code=row.rule_code,
            rule_name=names.get(row.rule_code, row.rule_code),
            verdict=row.verdict,
            amount_fen=row.amount_now_fen,
            per_hour_fen=row.score,
            state=row.stands.name,
            due=last_day(row),
            due_flag=row.due_flag,
            late=row.due_at is not None and row.due_at <= now,
            assignee=str(row.assignee or ""),
            told=row.told,
            minutes=order.MINUTES[row.subject_kind],
            drawn=row.pk in drawn,
        )
        for row in kept
    ]


def day(viewer: Viewer, today: date) -> Day:
    """The day's advice for a first reviewer, from what nobody has taken; the same all day for the same backlog."""
    waiting = _free(viewer)
    limit = capacity.minutes([viewer.user.pk], today)[viewer.user.pk]
    spare = limit // order.RANDOM_SHARE
    begin = order.start(today)
    lots = waiting.order_by("lot")
    best = _within(waiting.order_by("-score", "pk")[:limit], limit - spare, set())
    taken = {row.pk for row in best}
    around = chain(lots.filter(lot__gte=begin)[:limit], lots.filter(lot__lt=begin)[:limit])
    slice_ = _within(around, spare, taken)
    both = [*best, *slice_]
    made = works(both, frozenset(row.pk for row in slice_))
    return Day(made, sum(one.minutes for one in made), len({row.rule_code for row in both}), limit)


def _free(viewer: Viewer) -> QuerySet[StateRow]:
    barred = Recusal.objects.filter(person=viewer.user).values("fixmedins_code")
    return rows(viewer).filter(state="found", assignee=None).exclude(fixmedins_code__in=barred).defer("lines")


def _within(candidates: Iterable[StateRow], minutes: int, without: set[int]) -> list[StateRow]:
    """From the front, as long as the minutes last."""
    found = []
    for row in candidates:
        minutes -= order.MINUTES[row.subject_kind]
        if minutes < 0:
            break
        if row.pk not in without:
            found.append(row)
    return found


def todo(viewer: Viewer) -> QuerySet[StateRow]:
    """What is assigned to the viewer, or to whom the viewer stands in for, and waits for a step of their posts."""
    loans = items.actor(viewer, timezone.now()).lent_on(timezone.localdate())
    people = [viewer.user.pk, *(int(loan.principal) for loan in loans)]
    return rows(viewer).filter(assignee__in=people, state__in=own_states(viewer))


def panel(viewer: Viewer, key: str) -> Panel | None:
    """For a finding that the viewer may know of; None where the workflow does not hold it."""
    row = StateRow.objects.select_related("assignee").filter(workflow=FLOW, object_id=key).first()
    if row is None or not findings.findings(viewer).filter(pk=key).exists():
        return None
    if viewer.institutions is not None:
        from fundguard.web.desk import answering  # it reads from here

        return answering.panel(viewer, row)
    if key in blind(viewer):
        return Panel("随机复审中，初审结论隐去", "", row.amount_fen, None, "", "", late=False, assignee="")
    now = timezone.now()
    item = items.item(row)
    return Panel(
        state=row.stands.name,
        told=row.told,
        amount_now_fen=row.amount_now_fen,
        due=last_day(row),
        due_name=row.due_term,
        due_flag=row.due_flag,
        late=row.due_at is not None and row.due_at <= now,
        assignee=str(row.assignee or ""),
        buttons=buttons(viewer, row, item, OFFICES, "desk:step") if viewer.may("do.steps") else (),
        history=_history(row),
        notices=letters(row),
        previous=_neighbour(viewer, row, before=True),
        next=_neighbour(viewer, row, before=False),
        claimable=row.assignee_id is None and viewer.may("do.steps") and row.state in own_states(viewer),
    )


def letters(row: StateRow) -> tuple[Letter, ...]:
    return tuple(
        Letter(one.number, one.title, one.text, one.sent_at, one.revoked_at) for one in row.notices.order_by("-version")
    )


def taken_on(step: Step, sides: frozenset[str]) -> bool:
    """Whether a post of one of these sides takes the step by a form; a recall has no form."""
    return any(POSTS[post].side in sides for post in step.by) and not step.recalls and fillable(step)


def buttons(viewer: Viewer, row: StateRow, item: Item, sides: frozenset[str], form: str) -> tuple[Button, ...]:
    """The steps that people on these sides take, each leading to its `form`; to take back is offered to its author."""
    return tuple(
        Button(step.verb, step.name, reverse(form, args=[row.object_id, step.verb]), KEYS.get(step.verb, ""), why)
        for step, answer in offered(item, items.actor(viewer, timezone.now()), timezone.now()).items()
        if taken_on(step, sides) and services.connected(item, step)
        for why in [_why(answer)]
        if answer.allowed or step.verb not in item.workflow.undoing
    )


def _why(answer: Answer) -> tuple[str, ...]:
    return tuple(
        f"{bar.code} {bar.reason}" + (f"（{law.article(bar.article).cited}）" if bar.article else "")
        for bar in answer.bars
    )


def brought(row: StateRow) -> dict[int, list[str]]:
    """Version → the texts that the step leading to it brought."""
    texts: dict[int, list[str]] = {}
    for paper in StepPaper.objects.filter(row=row):
        texts.setdefault(paper.version, []).append(f"{PAPERS[paper.code].name}：{paper.text}")
    return texts


def _history(row: StateRow) -> tuple[Happening, ...]:
    """The steps from the ledger, newest first, with the texts that were brought."""
    texts = brought(row)
    states = row.flow.state_by_code
    return tuple(
        Happening(
            entry.at,
            entry.act,
            str(entry.actor or "系统"),
            "；".join(
                [
                    f"转入“{states[entry.detail['to']].name}”",
                    *items.spoken(row, entry.detail["papers"]),
                    *texts.get(entry.detail["version"], []),
                ]
            ),
        )
        for entry in ledger.of_objects(row.flow.title, [row.object_id]).select_related("actor").reverse()
        if entry.detail["from"]
    )


def _neighbour(viewer: Viewer, row: StateRow, *, before: bool) -> str:
    """Key of the item before or after this one in the queue of its state."""
    same = rows(viewer).filter(state=row.state)
    level = same.filter(score=row.score)
    if before:
        tries, order = (level.filter(pk__lt=row.pk), same.filter(score__gt=row.score)), ("score", "-pk")
    else:
        tries, order = (level.filter(pk__gt=row.pk), same.filter(score__lt=row.score)), ("-score", "pk")
    keys = (near.order_by(*order).values_list("object_id", flat=True).first() for near in tries)
    return next(filter(None, keys), "")


def next_for(viewer: Viewer, state: str) -> str:
    """Key of what to look at next in this state: the own work first."""
    own = todo(viewer).filter(state=state).order_by("-score", "pk")
    free = rows(viewer).filter(state=state, assignee=None).order_by("-score", "pk")
    found = own.values_list("object_id", flat=True).first() or free.values_list("object_id", flat=True).first()
    return found or ""


def same_point(viewer: Viewer, row: StateRow) -> QuerySet[StateRow]:
    """Other items of the same institution, rule and knowledge point in the same state."""
    same = {name: getattr(row, name) for name in ("fixmedins_code", "rule_code", "point", "state")}
    return rows(viewer).filter(**same).exclude(pk=row.pk)


def of_point(viewer: Viewer, point_id: str) -> int:
    """How many items of the viewer's regions that are not withdrawn rest on a knowledge point."""
    found = rows(viewer).filter(point__contains=point_id).exclude(state="withdrawn").values_list("point", flat=True)
    return sum(point_id in points.split(",") for points in found.iterator(chunk_size=2000))


def like(viewer: Viewer, key: str, state: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The filter of what is the same point as this item in `state`, and the texts of the opinion last given on it."""
    row = get_object_or_404(rows(viewer).exclude(point=""), object_id=key)
    wanted = {"institution": row.fixmedins_code, "rule": row.rule_code, "point": row.point, "state": state}
    return wanted, dict(StepPaper.objects.filter(row=row, version=row.version).values_list("code", "text"))


def preview(found: QuerySet[StateRow], step: Step) -> Preview:
    told = found.aggregate(
        n=Count("pk"),
        fen=Sum("amount_now_fen"),
        places=Count("fixmedins_code", distinct=True),
        rules=Count("rule_code", distinct=True),
    )
    return Preview(step.name, told["n"], told["fen"] or 0, told["places"], told["rules"])


def blind(viewer: Viewer) -> frozenset[str]:
    """Keys of what the viewer is to review without knowing what others said."""
    open_ = Drawn.objects.filter(reviewer=viewer.user, answer="")
    return frozenset(open_.values_list("row__object_id", flat=True))


def states_shown(viewer: Viewer, keys: Iterable[str]) -> dict[str, str]:
    """Key → name of the state, for findings that the viewer may see; institutions are not told how far it is."""
    if viewer.institutions is not None:
        return {}
    keys = set(keys) - blind(viewer)
    found = StateRow.objects.filter(workflow=FLOW, object_id__in=list(keys)).defer("lines")
    return {row.object_id: row.stands.name for row in found}


def filtered(viewer: Viewer, wanted: Mapping[str, Any], *, without: frozenset[str] | None = None) -> QuerySet[StateRow]:
    """Items of every state; left out are the keys `without`, by default what the viewer reviews blind."""
    found = rows(viewer)
    if unseen := blind(viewer) if without is None else without:
        found = found.exclude(object_id__in=unseen)
    same = {"rule": "rule_code", "region": "region", "institution": "fixmedins_code", "verdict": "verdict"}
    same |= {"point": "point"}
    found = found.filter(**{column: wanted[name] for name, column in same.items() if wanted.get(name)})
    whose = wanted.get("whose")
    if whose == "mine":
        found = found.filter(assignee=viewer.user)
    elif whose == "nobody":
        found = found.filter(assignee=None)
    if wanted.get("requests"):
        found = found.filter(request__in=wanted["requests"])
    if wanted.get("late"):
        found = found.filter(due_at__lte=timezone.now())
    return found


def last_day(row: StateRow) -> date | None:
    return timezone.localdate(row.due_at - timedelta(microseconds=1)) if row.due_at else None
