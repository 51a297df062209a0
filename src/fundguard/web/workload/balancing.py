"""Giving unassigned work to whoever has time for it: previewed, then assigned like any other work."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.db import transaction
from django.db.models import Count, QuerySet

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.accounts.roles import POSTS_HELD
from fundguard.web.desk import assigning, capacity, order, selectors
from fundguard.web.desk.models import Recusal, StateRow
from fundguard.web.workload.pages import Load

STATES = ("found", "upheld")  # that wait for one reviewer at a time
AT_ONCE = 500


def loads(viewer: Viewer, state: str, day: date) -> list[Load]:
    """The colleagues who work on `state`: their minutes of that day and what their open work takes."""
    people = [user for user in assigning.colleagues(viewer) if state in selectors.states_of(POSTS_HELD[user.role])]
    ids = [user.pk for user in people]
    has, gone = capacity.minutes(ids, day), capacity.away(ids, day)
    open_ = StateRow.objects.filter(workflow=selectors.FLOW, assignee__in=ids, state__in=STATES)
    number, used = Counter[int](), Counter[int]()
    for person, kind, count in open_.values_list("assignee_id", "subject_kind").annotate(n=Count("pk")).order_by():
        number[person] += count
        used[person] += count * order.MINUTES[kind]
    return [Load(user, user.pk in gone, has[user.pk], number[user.pk], used[user.pk]) for user in people]


def plan(viewer: Viewer, state: str, day: date, rows: Iterable[StateRow]) -> dict[int, list[StateRow]]:
    """Account → items, each to whoever has most time left, within the day, the region and without a conflict."""
    people = {load.person.pk: load for load in loads(viewer, state, day)}
    left = {pk: load.minutes - load.used for pk, load in people.items()}
    reach = {pk: Viewer(load.person).regions for pk, load in people.items()}
    barred: dict[int, set[str]] = defaultdict(set)
    for person, place in Recusal.objects.filter(person__in=people).values_list("person_id", "fixmedins_code"):
        barred[person].add(place)
    given: dict[int, list[StateRow]] = defaultdict(list)
    for row in rows:
        needs = order.MINUTES[row.subject_kind]
        fit = [
            pk
            for pk in people
            if left[pk] >= needs and row.region in reach[pk] and row.fixmedins_code not in barred[pk]
        ]
        if fit:
            best = max(fit, key=lambda pk: (left[pk], -pk))
            given[best].append(row)
            left[best] -= needs
    return dict(given)


def previewed(viewer: Viewer, state: str, day: date) -> list[Load]:
    """Everybody's day, with what balancing would add now."""
    given = plan(viewer, state, day, _free(viewer, state)[:AT_ONCE])
    return [
        replace(
            load,
            more=len(given.get(load.person.pk, ())),
            more_minutes=sum(order.MINUTES[row.subject_kind] for row in given.get(load.person.pk, ())),
        )
        for load in loads(viewer, state, day)
    ]


@transaction.atomic
def balance(viewer: Viewer, state: str, day: date) -> int:
    """Assign what is free now; how many. What a colleague takes meanwhile stays with that colleague."""
    if state not in STATES:
        raise Refusal("此环节不能均衡分派", where="均衡分派", remedy="请选择待初审或者待复核的疑点")
    rows = list(_free(viewer, state).select_for_update(of=("self",))[:AT_ONCE])
    given = plan(viewer, state, day, rows)
    people = {user.pk: user for user in User.objects.filter(pk__in=given)}
    for person, mine in sorted(given.items()):
        assigning.assign(viewer, [row.object_id for row in mine], people[person])
    return sum(map(len, given.values()))


def _free(viewer: Viewer, state: str) -> QuerySet[StateRow]:
    return selectors.rows(viewer).filter(state=state, assignee=None).defer("lines").order_by("-score", "pk")
