"""Guarded reads of what people did, from the ledger; every figure is derived, none is kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.desk import bulk
from fundguard.web.desk import selectors as desk
from fundguard.web.desk.models import StateRow
from fundguard.web.ledger.models import Entry
from fundguard.web.workload import forecasting
from fundguard.web.workload.measures import OPINIONS, TAKEN_BACK, Act, Standing, Work, work
from fundguard.web.workload.pages import Stage
from fundguard.workflows.regions import VARIANTS

WEEKS = 12
FLOW = VARIANTS[desk.FLOW, ""]
NAMES = {step.verb: step.name for step in FLOW.steps}
VERBS = {name: verb for verb, name in NAMES.items()}
COUNTED = [NAMES[verb] for verb in (*OPINIONS, "confirm", *TAKEN_BACK)]
SENT_BACK = [NAMES["send_back"], NAMES["reopen"]]
#: States in which what was upheld no longer is, or has to be looked at again.
NOT_UPHELD = frozenset({"found", "awaiting_papers", "dismissed", "cleared", "withdrawn"})
#: States that the backlog is told of.
STAGES = ("found", "upheld", "confirmed")


def since(today: date) -> datetime:
    """The Monday on which the first of the weeks told begins."""
    monday = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    return timezone.make_aware(datetime.combine(monday, time()))


def works(viewer: Viewer, people: Collection[int], today: date) -> dict[int, Work]:
    """Account → work of the weeks told, on items of the viewer's regions."""
    first = since(today)
    own = Entry.objects.filter(object_kind=FLOW.title, at__gte=first, region__in=viewer.regions)
    acts: dict[int, list[Act]] = defaultdict(list)
    told = own.filter(actor__in=people, act__in=COUNTED).order_by("at", "pk")
    for actor, key, name, at, detail in told.values_list("actor_id", "object_id", "act", "at", "detail").iterator():
        acts[actor].append(Act(key, VERBS[name], at, str(detail.get("request", "")).startswith(bulk.REQUEST)))
    sent_back = list(own.filter(act__in=SENT_BACK).values_list("object_id", "at"))
    keys = {act.key for listed in acts.values() for act in listed}
    standing = _standing(keys)
    return {person: work(acts[person], standing, sent_back) for person in people}


def _standing(keys: set[str]) -> dict[str, Standing]:
    found: dict[str, Standing] = {}
    listed = sorted(keys)
    for begin in range(0, len(listed), 10_000):
        rows = StateRow.objects.filter(workflow=desk.FLOW, object_id__in=listed[begin : begin + 10_000])
        for key, rule, state, fen in rows.values_list("object_id", "rule_code", "state", "amount_now_fen"):
            found[key] = Standing(rule, 0 if state in NOT_UPHELD else fen)
    return found


def backlog(viewer: Viewer, today: date) -> list[Stage]:
    """The states that wait for an office of the viewer's regions, with what is to be expected of each."""
    counts = dict(
        desk.rows(viewer).filter(state__in=STAGES).values_list("state").annotate(n=Count("pk")).order_by("state")
    )
    return [_stage(viewer, state, counts.get(state, 0), today) for state in STAGES]


def _stage(viewer: Viewer, state: str, waiting: int, today: date) -> Stage:
    comes = [step.name for step in FLOW.steps if step.to == state and state not in step.sources]
    goes = [step.name for step in FLOW.leaving(state) if step.sources == (state,) and step.target(state) != state]
    arrived, done, people = Counter[date](), Counter[date](), Counter[str]()
    for day, act, actor, count in _daily(viewer, [*comes, *goes], today):
        if act in comes:
            arrived[day] += count
        else:
            done[day] += count
            people[actor or "系统"] += count
    days = forecasting.past(arrived, done, today)
    due = _due(viewer, state)
    pace = sum(one.done for one in days) / len(days) if days else 0.0
    return Stage(
        state=state,
        name=FLOW.state_by_code[state].name,
        waiting=waiting,
        late=sum(count for day, count in due.items() if day < today),
        days=days,
        people=dict(people.most_common()),
        due=due,
        forecast=forecasting.forecast(waiting, days, f"{state}{today}"),
        pace=pace,
        missed=forecasting.missed(due, pace, today) if forecasting.enough(days) else None,
    )


def _daily(viewer: Viewer, acts: list[str], today: date) -> list[tuple[date, str, str | None, int]]:
    """Day, act, who (as colleagues read it), number."""
    first = timezone.make_aware(datetime.combine(today - timedelta(days=2 * forecasting.DAYS + 20), time()))
    found = Entry.objects.filter(object_kind=FLOW.title, act__in=acts, at__gte=first, region__in=viewer.regions)
    told = found.annotate(day=TruncDate("at")).values_list("day", "act", "actor_id").annotate(n=Count("pk"))
    rows = list(told.order_by("day"))
    names = {user.pk: str(user) for user in User.objects.filter(pk__in={actor for _, _, actor, _ in rows if actor})}
    return [(day, act, names.get(actor), count) for day, act, actor, count in rows]


def _due(viewer: Viewer, state: str) -> dict[date, int]:
    """Last day of the running term → items."""
    found = desk.rows(viewer).filter(state=state, due_at__isnull=False)
    counted = found.annotate(late=TruncDate("due_at")).values_list("late").annotate(n=Count("pk")).order_by("late")
    return {late - timedelta(days=1): count for late, count in counted}
