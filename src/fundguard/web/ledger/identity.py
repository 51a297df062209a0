"""Opening masked personal data: with a reason, on a page that was allowed to show the mask, once, and in the ledger.

A mask on a page carries a *ticket*: signed, for one account, one subject and one field. Whoever has no page that
shows the mask has no ticket, so pseudonyms cannot be tried one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing
from django.db import transaction

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.ledger.services import record

MIN_REASON = 6
_SALT = "identity"
_MAX_AGE = 3600  # seconds


@dataclass(frozen=True)
class Opened:
    value: str


def ticket(viewer: Viewer, kind: str, key: str, field: str, region: str) -> str:
    """A ticket for one field (national name) of one subject; made only by pages that checked the subject's region."""
    return signing.dumps([viewer.user.pk, kind, key, field, region], salt=_SALT)


def open_field(viewer: Viewer, given: str, reason: str) -> Opened:
    """The clear value behind a ticket. The ledger row is committed before the value is read.

    Refused: a ticket that is forged, older than an hour or someone else's; a reason shorter than six signs.
    """
    from fundguard.web.wiring import (
        IDENTITY_SOURCES,
    )  # wiring names the apps that show masks, and those need this module

    try:
        owner, kind, key, field, region = signing.loads(given, salt=_SALT, max_age=_MAX_AGE)
    except signing.BadSignature:
        owner = None
    if owner != viewer.user.pk:
        raise Refusal("页面已过期，未打开明文", remedy="请刷新页面后重试。")
    reason = " ".join(reason.split())
    if len(reason) < MIN_REASON:
        raise Refusal(
            "查看理由过短，未打开明文",
            where="查看理由",
            seen=f"{len(reason)} 个字",
            remedy=f"请填写不少于 {MIN_REASON} 个字的具体理由。",
        )
    with transaction.atomic():
        record(viewer.user, "identity.open", (kind, key), region=region, detail={"field": field, "reason": reason})
    value = IDENTITY_SOURCES[kind](viewer, key).get(field, "")
    if not value:
        raise Refusal("没有可显示的内容", seen="来源数据没有提供这一项", remedy="如需核实，请向数据来源机构调取。")
    return Opened(value)
