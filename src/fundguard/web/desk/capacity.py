"""How many minutes a person has for reviewing on a day; leave leaves none."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.desk import order
from fundguard.web.desk.models import Capacity, Substitution
from fundguard.web.ledger.services import record

MOST = 600  # minutes


def minutes(people: Collection[int], day: date) -> dict[int, int]:
    """Account → minutes of that day; two statements."""
    stated = dict(Capacity.objects.filter(person__in=people).values_list("person_id", "minutes"))
    gone = away(people, day)
    return {person: 0 if person in gone else stated.get(person, order.DAY_MINUTES) for person in people}


def away(people: Collection[int], day: date) -> set[int]:
    """Those of them who are on leave that day."""
    leaves = Substitution.objects.filter(principal__in=people, since__lte=day, until__gte=day)
    return set(leaves.values_list("principal_id", flat=True))


@transaction.atomic
def state(viewer: Viewer, person: User, number: int) -> None:
    """What the person has from now on; in the ledger. The caller knows that the viewer may give work to the person."""
    if not 0 <= number <= MOST:
        raise Refusal(
            "每日办理时间不合要求", where=str(person), seen=f"{number} 分钟", remedy=f"请填写 0 至 {MOST} 分钟"
        )
    Capacity.objects.update_or_create(person=person, defaults={"minutes": number})
    home = person.region.code if person.region else ""
    record(viewer.user, "设定每日办理时间", "疑点分派", person.username, region=home, detail={"分钟": number})
