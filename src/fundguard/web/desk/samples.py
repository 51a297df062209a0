"""Sample review (随机复审): the list is frozen and its keyed hash published, then a public value draws, and the drawn
are reviewed blind by people who had no part in the first review."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from fundguard import law
from fundguard.errors import Refusal
from fundguard.sampling import agreement, assignment, draw
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.desk import items, selectors
from fundguard.web.desk.models import Draw, Drawn, StateRow
from fundguard.web.ledger.services import record
from fundguard.workflows.finding import FIRST_REVIEW, REVIEW
from fundguard.workflows.history import Item, Taken, local_day

KIND = "随机复审"
SHARE = "review.sample_share"
#: States in which the first review has not spoken, or no longer counts.
UNREVIEWED = ("found", "awaiting_papers", "withdrawn", "correcting")
SPOKEN = {"uphold": "upheld", "uphold_part": "upheld", "dismiss": "dismissed"}


@dataclass(frozen=True)
class Score:
    """How far first and sample review agree in a group (a rule, a first reviewer, everything)."""

    group: str
    told: agreement.Agreement


def draws(viewer: Viewer) -> QuerySet[Draw]:
    return Draw.objects.filter(region__in=viewer.regions)


def base(viewer: Viewer) -> list[str]:
    """What may be drawn: keys first reviewed in the viewer's regions, and on no list before; in order."""
    earlier = {key for keys in draws(viewer).values_list("keys", flat=True) for key in keys}
    found = selectors.rows(viewer).exclude(state__in=UNREVIEWED).order_by("object_id")
    return [key for key in found.values_list("object_id", flat=True) if key not in earlier]


@transaction.atomic
def freeze(viewer: Viewer, source: str) -> Draw:
    """Freeze the list of today's base and publish its keyed hash in the ledger, before the public value exists."""
    at = timezone.now()
    region = viewer.user.region.code if viewer.user.region else ""
    share = law.parameter(SHARE, day=local_day(at), region=region)
    keys = base(viewer)
    if not keys:
        raise Refusal("没有可以抽取的疑点", where=KIND, remedy="有新的初审结论后再封存名单")
    secret = secrets.token_bytes(32)
    frozen = draw.freeze(keys, secret, size=draw.sample_size(len(keys), share.value), source=source, at=at)
    made = Draw.objects.create(
        region=region,
        source=source,
        share_e4=share.value,
        keys=keys,
        size=frozen.size,
        commitment=frozen.commitment,
        hash_key=secret.hex(),
        frozen_at=at,
    )
    detail = {"名单散列": made.commitment, "名单数": len(keys), "抽取数": made.size, "公开数值来源": source}
    record(viewer.user, "封存复审名单", KIND, str(made.pk), region=region, detail=detail)
    return made


@transaction.atomic
def draw_now(viewer: Viewer, pk: int, value: str, known_at: datetime) -> Draw:
    """The public value is known: seed, draw, and give each drawn item to somebody who took no part in its review."""
    made = draws(viewer).select_for_update().filter(pk=pk, seed="").first()
    if made is None:
        raise Refusal("此名单已经抽取，或者不在本人的管辖区内", where=KIND, remedy="请刷新页面")
    if known_at > timezone.now():
        raise Refusal("公开时间晚于现在", where="公开时间", seen=f"{known_at:%Y-%m-%d %H:%M}", remedy="请核对时间")
    made.public_value, made.known_at = value, known_at
    made.seed = draw.seed(published(made), value, known_at)
    drawn = draw.draw(made.keys, made.seed, made.size)
    known = items.items(StateRow.objects.filter(workflow=selectors.FLOW, object_id__in=drawn))
    chosen = assignment.assign(drawn, _reviewers(viewer), {k: _barred(one) for k, one in known.items()}, made.seed)
    made.save()
    ids = dict(StateRow.objects.filter(workflow=selectors.FLOW, object_id__in=drawn).values_list("object_id", "pk"))
    Drawn.objects.bulk_create(
        Drawn(draw=made, place=place, row_id=ids[key], reviewer_id=int(chosen[key]), **_first(known[key]))
        for place, key in enumerate(drawn, 1)
    )
    detail = {"公开数值": value, "种子": made.seed, "抽取数": len(drawn)}
    record(viewer.user, "抽取复审疑点", KIND, str(made.pk), region=made.region, detail=detail)
    return made


@transaction.atomic
def answer(viewer: Viewer, pk: int, said: str, opinion: str) -> Drawn:
    """The blind second answer; once given it stays."""
    one = Drawn.objects.select_for_update().filter(pk=pk, reviewer=viewer.user).first()
    if one is None or one.answer:
        raise Refusal("此项已经复审，或者没有分派给本人", where=KIND, remedy="请刷新页面")
    one.answer, one.opinion, one.answered_at = said, opinion, timezone.now()
    one.save()
    detail = {"结论": one.get_answer_display(), "意见": items.digest(opinion), "抽取": one.draw_id}
    record(viewer.user, "随机复审", "疑点", one.row.object_id, region=one.row.region, detail=detail)
    return one


def undrawn(rows: Sequence[StateRow], histories: Mapping[str, Sequence[Taken]]) -> set[str]:
    """Keys of those that nobody is to review a second time: an opinion on record there is taken back no more."""
    drawn = set(Drawn.objects.filter(row__in=[row.pk for row in rows]).values_list("row_id", flat=True))
    return {row.object_id for row in rows if row.pk not in drawn}


def waiting(viewer: Viewer) -> QuerySet[Drawn]:
    """The viewer's blind work."""
    return Drawn.objects.filter(reviewer=viewer.user, answer="").select_related("row")


def scores(made: Draw) -> tuple[list[Score], list[Score], list[Score]]:
    """Of the answers so far: everything, by rule, by first reviewer."""
    told = list(made.drawn.exclude(answer="").values_list("row__rule_code", "first_by", "first", "answer"))
    people = dict(User.objects.filter(pk__in={int(by) for _, by, *_ in told if by}).values_list("pk", "display_name"))
    return (
        _scored(("全部", first, second) for _, _, first, second in told),
        _scored((rule, first, second) for rule, _, first, second in told),
        _scored((people.get(int(by or 0), ""), first, second) for _, by, first, second in told),
    )


def faults(made: Draw) -> tuple[str, ...]:
    """What does not agree with the publication when everything is computed again; empty before the draw."""
    if not made.seed:
        return ()
    drawn = made.drawn.order_by("place").values_list("row__object_id", flat=True)
    secret = bytes.fromhex(made.hash_key)
    told = {"public_value": made.public_value, "known_at": made.known_at}
    return draw.verify(published(made), keys=made.keys, hash_key=secret, drawn=drawn, **told)


def published(made: Draw) -> draw.Frozen:
    return draw.Frozen(made.commitment, len(made.keys), made.size, made.source, made.frozen_at)


def _reviewers(viewer: Viewer) -> list[str]:
    found = User.objects.filter(is_active=True, role="sample_reviewer", region__code__in=viewer.regions)
    return [str(pk) for pk in found.order_by("pk").values_list("pk", flat=True)]


def _barred(item: Item) -> frozenset[str]:
    return item.did(REVIEW) | item.recused


def _first(item: Item) -> dict[str, str]:
    """The last word of the first review, and whose it was."""
    last = next(row for row in reversed(item.history) if row.verb in FIRST_REVIEW and row.verb in SPOKEN)
    return {"first": SPOKEN[last.verb], "first_by": last.person}


def _scored(rows: Iterable[tuple[str, str, str]]) -> list[Score]:
    return [Score(group, told) for group, told in agreement.agreement_by(rows, Drawn.Answer.values).items()]
