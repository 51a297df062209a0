"""Writes: register that an institution answers for another, and end it. Each leaves a row in the ledger."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import Region
from fundguard.web.core import store
from fundguard.web.ledger.services import record
from fundguard.web.units import selectors
from fundguard.web.units.models import Unit

LEDGER_KIND = "代为答复"
_NAMES = """
SELECT fixmedins_code, fixmedins_name, fix_blng_admdvs FROM fixmedins_b WHERE list_contains($codes, fixmedins_code)
"""


@transaction.atomic
def register(  # noqa: PLR0913 (what stands in the register)
    viewer: Viewer, *, head_code: str, unit_code: str, kind: str, since: date, until: date | None, basis: str
) -> Unit:
    """Both institutions must be of the viewer's regions. Refusal where the unit has a head on one of these days."""
    with store.reading(viewer) as connection:
        known = {row[0]: row[1:] for row in connection.execute(_NAMES, {"codes": [head_code, unit_code]}).fetchall()}
    if head_code == unit_code or {head_code, unit_code} - set(known):
        raise Refusal(
            "没有查到这两家机构，或者填成了同一家",
            where="机构编号",
            seen="、".join(sorted({head_code, unit_code} - set(known))) or head_code,
            remedy="请核对编号；两家机构都须在本人的管辖区内，并已随数据导入",
        )
    if until is not None and until < since:
        raise Refusal("结束日期早于开始日期", where="起止日期", seen=f"{since} 至 {until}", remedy="请核对日期")
    Region.objects.select_for_update().get(code=known[unit_code][1])  # one register of a division at a time
    same = Unit.objects.filter(Q(until=None) | Q(until__gte=since), unit_code=unit_code)
    same = same.filter(since__lte=until) if until else same
    if (former := same.first()) is not None:
        raise _taken(former)
    names = {code: told[0] or code for code, told in known.items()}
    try:
        with transaction.atomic():
            made = Unit.objects.create(
                head_code=head_code,
                unit_code=unit_code,
                head_name=names[head_code],
                unit_name=names[unit_code],
                kind=kind,
                region=known[unit_code][1],
                since=since,
                until=until,
                basis=basis,
                recorded_by=viewer.user,
            )
    except IntegrityError:
        raise _taken(Unit.objects.filter(unit_code=unit_code).latest("pk")) from None
    _tell(viewer, "登记代为答复", made)
    return made


@transaction.atomic
def end(viewer: Viewer, pk: int, until: date) -> Unit:
    """The last day on which the head answers for the unit."""
    one = selectors.units(viewer).select_for_update().filter(pk=pk).first()
    if one is None or until < one.since or (one.until is not None and until > one.until):
        raise Refusal(
            "不能这样结束",
            where="结束日期",
            seen=f"{until}",
            remedy="结束日期须在开始日期之后；要延长的，请另外登记一段",
        )
    one.until = until
    one.save(update_fields=["until"])
    _tell(viewer, "结束代为答复", one)
    return one


def _taken(former: Unit) -> Refusal:
    return Refusal(
        "该单位在这段时间已有代为答复的机构",
        where="起止日期",
        seen=f"{former.head_code}，{former.since} 至 {former.until or '未定'}",
        remedy="请先结束原来的登记，或者改填日期",
    )


def _tell(viewer: Viewer, act: str, one: Unit) -> None:
    detail = {"答复机构": one.head_code, "单位": one.unit_code, "从": str(one.since), "到": str(one.until or "")}
    record(viewer.user, act, LEDGER_KIND, str(one.pk), region=one.region, detail=detail | {"依据": one.basis})
