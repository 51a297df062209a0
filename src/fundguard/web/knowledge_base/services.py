"""Handing in a version, signing, sending back, publishing; disputes of a point. Each leaves a row in the ledger."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from fundguard.claims.store import durable
from fundguard.errors import Refusal
from fundguard.knowledge import proposal, versions
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.core.known import of_region
from fundguard.web.knowledge_base import reading
from fundguard.web.knowledge_base.models import Dispute, Proposal, Signature
from fundguard.web.knowledge_base.reading import Asked
from fundguard.web.ledger.services import record

LEDGER_KIND, DISPUTE_KIND = "知识库版本", "知识点异议"
SIGNATURES = 2
REASON_AT_LEAST = 6
#: Numbers of identity papers and telephones; item codes of fifteen digits may be written.
_NUMBERS = re.compile(r"(?<![0-9A-Z])(\d{17}[\dXx]|1[3-9]\d{9})(?![0-9A-Z])")


def hand_in(viewer: Viewer, upload: UploadedFile, asked: Asked, title: str, reason: str) -> Proposal:
    """Reads the file and keeps what it would change. Nothing stays where it is refused."""
    if asked.region not in viewer.regions:
        raise Refusal("区划不在本账号的管理范围内", where="区划", remedy="请选择本级或者下级区划")
    _written(reason, "说明")
    drawn = secrets.token_hex(16)
    folder = settings.KNOWLEDGE / "proposals" / drawn
    try:
        with tempfile.TemporaryDirectory(prefix="fundguard-") as place:
            path = Path(place) / "upload"
            with path.open("wb") as target:
                for chunk in upload.chunks():
                    target.write(chunk)
            told = reading.read(path, asked, folder)
            file_hash = reading.digest(path)
        with transaction.atomic():
            made = Proposal.objects.create(
                **vars(asked),
                **told.told(),
                title=title,
                reason=reason.strip(),
                file_hash=file_hash,
                folder=drawn,
                author=viewer.user,
            )
            detail = {"名称": title, "批次": asked.batch, **made.counts, "内容摘要": made.content_hash}
            record(viewer.user, "提出知识库版本", LEDGER_KIND, made.number, region=made.region, detail=detail)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return made


@transaction.atomic
def sign(viewer: Viewer, pk: int, opinion: str) -> Proposal:
    """One of two signatures, neither by the author. Refuses a version whose base is no longer what holds."""
    one = _locked(viewer, pk, Proposal.State.OPEN)
    if _same_person(one.author, viewer.user):
        raise Refusal("提出人不能签署自己的版本", where="签署人", remedy="请由另外两名知识审核员签署")
    signed = [signature.person for signature in one.signatures.select_related("person")]
    if any(_same_person(person, viewer.user) for person in signed):
        raise Refusal("同一人不能签署两次", where="签署人", remedy="请由另一名知识审核员签署")
    _written(opinion, "意见", at_least=0)
    _still(one)
    Signature.objects.create(proposal=one, person=viewer.user, opinion=opinion.strip())
    if len(signed) + 1 == SIGNATURES:
        one.state = Proposal.State.SIGNED
        one.save(update_fields=["state"])
    detail = {"第几人": len(signed) + 1, "意见": opinion.strip(), "内容摘要": one.content_hash}
    record(viewer.user, "签署知识库版本", LEDGER_KIND, one.number, region=one.region, detail=detail)
    return one


@transaction.atomic
def reject(viewer: Viewer, pk: int, reason: str) -> Proposal:
    """Sent back with a reason, before it is published."""
    one = _locked(viewer, pk, Proposal.State.OPEN, Proposal.State.SIGNED)
    _written(reason, "退回理由")
    one.state, one.closing = Proposal.State.REJECTED, reason.strip()
    one.closed_by, one.closed_at = viewer.user, timezone.now()
    one.save()
    record(viewer.user, "退回知识库版本", LEDGER_KIND, one.number, region=one.region, detail={"理由": one.closing})
    return one


@transaction.atomic
def publish(viewer: Viewer, pk: int) -> Proposal:
    """Makes a signed version hold in its division and below. Where it was cut off it is done once more, to the same."""
    one = _locked(viewer, pk, Proposal.State.SIGNED)
    people = [signature.person for signature in one.signatures.select_related("person")]
    with durable.locked(settings.KNOWLEDGE / "publishing.lock", wait=True):
        kept = next((v for v in _own_versions(one) if v.proposal == one.folder), None) or _kept(one, people)
    one.state, one.version = Proposal.State.PUBLISHED, kept.number
    one.closed_by, one.closed_at = viewer.user, timezone.now()
    one.save()
    detail = {
        "版本": kept.name,
        "签署人": "、".join(person.username for person in people),
        "发布的内容摘要": kept.content_hash,
    }
    record(viewer.user, "发布知识库版本", LEDGER_KIND, one.number, region=one.region, detail=detail)
    return one


@transaction.atomic
def dispute(viewer: Viewer, point_id: str, reason: str) -> Dispute:
    """A doubt about a point that holds in the viewer's division."""
    home = viewer.user.region
    point = of_region(home.code if home else "").points.get(point_id)
    if point is None:
        raise Http404
    _written(reason, "理由")
    made = Dispute.objects.create(
        point_id=point_id,
        rule_code=point.rule_code,
        region=home.code if home else "",
        institution=viewer.institutions is not None,
        reason=reason.strip(),
        raised_by=viewer.user,
    )
    record(viewer.user, "提出知识点异议", DISPUTE_KIND, str(made), region=made.region, detail={"知识点": point_id})
    return made


@transaction.atomic
def answer(viewer: Viewer, pk: int, text: str) -> Dispute:
    """The answer of another person than the one who raised it."""
    one = Dispute.objects.select_for_update().filter(pk=pk, region__in=viewer.regions).first()
    if one is None:
        raise Http404
    if one.state != Dispute.State.OPEN:
        raise Refusal("这项异议已经答复", where=str(one), remedy="请刷新页面查看")
    if _same_person(one.raised_by, viewer.user):
        raise Refusal("不能答复自己提出的异议", where=str(one), remedy="请由另一名知识审核员答复")
    _written(text, "答复")
    one.state, one.answer = Dispute.State.ANSWERED, text.strip()
    one.answered_by, one.answered_at = viewer.user, timezone.now()
    one.save()
    record(viewer.user, "答复知识点异议", DISPUTE_KIND, str(one), region=one.region, detail={"知识点": one.point_id})
    return one


def _kept(one: Proposal, people: Sequence[User]) -> versions.Version:
    _still(one)
    signers = (people[0].username, people[1].username)
    told = versions.Signed(one.title, one.batch, one.valid_from.isoformat(), one.author.username, signers, one.folder)
    with tempfile.TemporaryDirectory(prefix="fundguard-") as place:
        tables = Path(place) / "tables"
        proposal.signed(one.path, tables, signers)
        return versions.keep(settings.KNOWLEDGE, one.region, tables, told)


def _own_versions(one: Proposal) -> tuple[versions.Version, ...]:
    return versions.of_prefix(versions.prefix_of(one.region), settings.KNOWLEDGE)


def _still(one: Proposal) -> None:
    """Refuses where the knowledge or the tables are no longer those that the difference tells of."""
    if of_region(one.region).version != one.base:
        raise Refusal(
            "知识库在提出之后已经更新",
            where=one.number,
            remedy="所列变化已不准确，请退回，由提出人重新上传",
        )
    if versions.content_hash(one.path) != one.content_hash:
        raise Refusal("保存的内容与提出时不同", where=one.number, remedy="请退回，由提出人重新上传，并告知系统管理员")


def _locked(viewer: Viewer, pk: int, *states: str) -> Proposal:
    found = Proposal.objects.select_for_update(of=("self",)).select_related("author")
    one = found.filter(pk=pk, region__in=viewer.regions).first()
    if one is None:
        raise Http404
    if one.state not in states:
        raise Refusal("该版本不在这一环节", where=one.number, seen=one.get_state_display(), remedy="请刷新页面查看结果")
    return one


def _same_person(one: User, other: User) -> bool:
    """One account, or accounts of one person."""
    return one.pk == other.pk or bool(one.staff_no and one.staff_no == other.staff_no)


def _written(text: str, where: str, at_least: int = REASON_AT_LEAST) -> None:
    if len(text.strip()) < at_least:
        raise Refusal("须写明理由", where=where, remedy=f"请写明事实和依据，至少 {at_least} 个字，不写个人信息")
    if _NUMBERS.search(text):
        raise Refusal("不能写证件号码或者电话号码", where=where, remedy="请只写事实、依据和文号")
