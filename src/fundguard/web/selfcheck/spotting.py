"""The drawn check of self-checks: a share of everything reported, frozen, drawn by a public value, verified one by one.

The draw is the one of `fundguard.sampling`: anyone who gets the list and the hash key can compute it again.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.sampling import draw
from fundguard.web.accounts.guard import Viewer
from fundguard.web.ledger.services import record
from fundguard.web.selfcheck import selectors
from fundguard.web.selfcheck.models import Checked, Report, Reported, SpotCheck

LEDGER_KIND = "自查抽查"


def base(viewer: Viewer, campaign: int) -> list[str]:
    """What may be drawn: results of submitted reports that no earlier check of the campaign held, in order."""
    one = selectors.campaign(viewer, campaign)
    earlier = {key for keys in one.spot_checks.values_list("keys", flat=True) for key in keys}
    found = Reported.objects.filter(report__campaign=one, report__state=Report.State.SUBMITTED)
    found = found.exclude(outcome=Reported.Outcome.NOT_APPLICABLE).order_by("pk")
    return [str(pk) for pk in found.values_list("pk", flat=True) if str(pk) not in earlier]


@transaction.atomic
def freeze(viewer: Viewer, campaign: int, share_e4: int, source: str) -> SpotCheck:
    """The list of what was reported so far, and its keyed hash in the ledger, before the public value exists."""
    at, keys, secret = timezone.now(), base(viewer, campaign), secrets.token_bytes(32)
    if not keys:
        raise Refusal("没有可以抽查的自查结果", where=LEDGER_KIND, remedy="有新提交的报告后再抽查")
    frozen = draw.freeze(keys, secret, size=draw.sample_size(len(keys), share_e4), source=source, at=at)
    made = SpotCheck.objects.create(
        campaign_id=campaign,
        source=source,
        keys=keys,
        size=frozen.size,
        commitment=frozen.commitment,
        hash_key=secret.hex(),
        frozen_at=at,
    )
    detail = {"名单散列": made.commitment, "名单数": len(keys), "抽取数": made.size, "公开数值来源": source}
    _tell(viewer, "封存抽查名单", made, detail)
    return made


@transaction.atomic
def draw_now(viewer: Viewer, pk: int, value: str, known_at: datetime) -> SpotCheck:
    """The public value is known: seed and draw."""
    selectors.spot_check(viewer, pk)
    made = SpotCheck.objects.select_for_update().get(pk=pk)
    if made.seed:
        raise Refusal("此名单已经抽取", where=LEDGER_KIND, remedy="请刷新页面")
    if known_at > timezone.now():
        raise Refusal("公开时间晚于现在", where="公开时间", seen=f"{known_at:%Y-%m-%d %H:%M}", remedy="请核对时间")
    made.public_value, made.known_at = value, known_at
    made.seed = draw.seed(published(made), value, known_at)
    made.save()
    drawn = draw.draw(made.keys, made.seed, made.size)
    Checked.objects.bulk_create(
        Checked(spot_check=made, place=place, reported_id=int(key)) for place, key in enumerate(drawn, 1)
    )
    _tell(viewer, "抽取自查结果", made, {"公开数值": value, "种子": made.seed, "抽取数": len(drawn)})
    return made


@transaction.atomic
def verify(viewer: Viewer, pk: int, outcome: str, note: str) -> Checked:
    """What the check found; once told it stays."""
    one = checks(viewer).select_for_update(of=("self",)).filter(pk=pk).first()
    if one is None:
        raise Http404
    if one.outcome:
        raise Refusal("此项已经核查", where=LEDGER_KIND, remedy="请刷新页面")
    one.outcome, one.note, one.checked_by, one.checked_at = outcome, note, viewer.user, timezone.now()
    one.save()
    detail = {"结果": one.get_outcome_display(), "报告": one.reported.report.number}
    _tell(viewer, "核查自查结果", one.spot_check, detail)
    return one


def checks(viewer: Viewer) -> QuerySet[Checked]:
    found = Checked.objects.filter(spot_check__campaign__in=selectors.campaigns(viewer))
    return found.select_related("reported__report__campaign", "reported__problem", "spot_check__campaign")


def faults(made: SpotCheck) -> tuple[str, ...]:
    """What does not agree with the publication when everything is computed again; empty before the draw."""
    if not made.seed or made.known_at is None:
        return ()
    drawn = [str(pk) for pk in made.checked.order_by("place").values_list("reported_id", flat=True)]
    return draw.verify(
        published(made),
        keys=made.keys,
        hash_key=bytes.fromhex(made.hash_key),
        public_value=made.public_value,
        known_at=made.known_at,
        drawn=drawn,
    )


def published(made: SpotCheck) -> draw.Frozen:
    return draw.Frozen(made.commitment, len(made.keys), made.size, made.source, made.frozen_at)


def _tell(viewer: Viewer, act: str, made: SpotCheck, detail: dict[str, object]) -> None:
    record(viewer.user, act, LEDGER_KIND, str(made.pk), region=made.campaign.region, detail=detail)
