"""Writing to the case file: a file is checked and kept first; row, table of papers and ledger follow in one
transaction."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from fundguard.claims.store import durable
from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.desk import standing
from fundguard.web.desk.models import StateRow
from fundguard.web.evidence import keeping, kinds, names, selectors
from fundguard.web.evidence.checking import FORMS, checked
from fundguard.web.evidence.models import WHOLE, Attachment, CaseFile, LinePaper, Side
from fundguard.web.ledger.services import record


@dataclass(frozen=True)
class Received:
    """A file that passed the check and lies in its place; nothing speaks of it yet."""

    name: str
    form: str
    size: int
    sha256: str
    sha256_came: str


def _receive(file: UploadedFile, where: str) -> Received:
    """Check a file by its content and keep it; Refusal, which names `where` and never the file, where it cannot be."""
    size = file.size or 0
    if size > settings.ATTACHMENT_LIMIT_MB << 20:
        remedy = f"每个附件不超过 {settings.ATTACHMENT_LIMIT_MB} MB，请压缩或者拆分"
        raise Refusal("附件过大", where=where, seen=f"{size / (1 << 20):.1f} MB", remedy=remedy)
    with tempfile.TemporaryDirectory(prefix="fundguard-") as folder:
        source, target = Path(folder) / "came", Path(folder) / "kept"
        came = hashlib.sha256()
        with durable.refusing_full_disk(Path(folder), "附件没有保存"), source.open("wb") as copy:
            for chunk in file.chunks():
                came.update(chunk)
                copy.write(chunk)
        form = checked(source, target, where, settings.ATTACHMENT_FORMS)
        content = target.read_bytes()
    name = names.ending(names.cleaned(file.name or ""), FORMS[form][0])
    return Received(name, form, len(content), keeping.put(content), came.hexdigest())


def receive_all(viewer: Viewer, key: str, files: Sequence[UploadedFile]) -> list[Received]:
    """Every file or none, outside a transaction: a check takes its time. Refused at once where the case file has no
    room, before anything is kept."""
    row = standing.standing(viewer, key)
    _refuse_closed(viewer, row)
    _refuse_full(key, [file.size or 0 for file in files])
    return [_receive(file, f"第 {place} 个文件") for place, file in enumerate(files, start=1)]


@transaction.atomic
def attach(  # noqa: PLR0913 (the parts of a form)
    viewer: Viewer,
    key: str,
    received: Sequence[Received],
    kind: str,
    lines: Collection[str] = (),
    *,
    shown: bool = False,
) -> list[Attachment]:
    """Put received files into the case file of a finding; `lines` none: they speak of all its charge lines."""
    row = standing.standing(viewer, key)
    _refuse_closed(viewer, row)
    file = locked(row)
    _refuse_full(key, [one.size for one in received])
    side, now = selectors.side_of(viewer), timezone.now()
    told = sorted(set(lines) & set(row.lines))
    made = []
    for one in received:
        attachment = Attachment.objects.create(
            file=file,
            kind=kind,
            name=one.name,
            form=one.form,
            size=one.size,
            sha256=one.sha256,
            sha256_came=one.sha256_came,
            lines=told,
            side=side,
            shown=shown and side == Side.OFFICE,
            brought_by=viewer.user,
            brought_at=now,
        )
        _write(viewer, row, "上传附件", attachment, 大小=one.size, 保存散列=one.sha256, 收到散列=one.sha256_came)
        made.append(attachment)
    if made and kind in kinds.expected(row.rule_code):
        cells = [(line, kind) for line in told or sorted(row.lines) or [WHOLE]]
        _settle(viewer, file, dict.fromkeys(cells, LinePaper.State.PRESENT), made[-1])
    return made


@transaction.atomic
def mark(viewer: Viewer, key: str, wanted: Mapping[tuple[str, str], str], version: int) -> int:
    """Say of (line, kind) which state holds; how many changed. `version` is that of the page (two people at once)."""
    row = standing.standing(viewer, key)
    _refuse_closed(viewer, row)
    file = locked(row)
    if file.version != version:
        raise Refusal("他人刚刚更新了材料情况，本次没有登记", where="逐行材料", remedy="请重新打开页面，核对后再登记")
    held = {(one.line, one.kind): one for one in file.papers.select_related("attachment")}
    states = {cell: LinePaper.State(state) for cell, state in wanted.items()}
    before = {cell: held[cell].state if cell in held else LinePaper.State.OPEN for cell in states}
    changed = {cell: state for cell, state in states.items() if state != before[cell]}
    for cell, state in changed.items():
        if state != LinePaper.State.PRESENT and cell in held and held[cell].attachment:
            raise Refusal(
                f"{cell[1]}已有附件 {held[cell].attachment.number}，不能登记为“{state.label}”",
                where=cell[0] or "整条疑点",
                remedy="附件有误的，由提交方先收回附件",
            )
    if changed:
        _settle(viewer, file, changed, None)
        told = {f"{kind} {state.label}": sorted(c[0] for c, s in changed.items() if (c[1], s) == (kind, state))
                for kind, state in dict.fromkeys((c[1], s) for c, s in changed.items())}  # fmt: skip
        detail = {"一方": selectors.side_of(viewer).label, "情况": told}
        record(viewer.user, selectors.MARKED, selectors.LEDGER_KIND, key, region=row.region, detail=detail)
    return len(changed)


@transaction.atomic
def withdraw(viewer: Viewer, pk: int, reason: str) -> Attachment:
    """Take back what one's own side brought; the file stays, and nobody reads it any more."""
    one = selectors.attachment(viewer, pk)
    row = standing.standing(viewer, one.file_id)
    _refuse_closed(viewer, row)
    file = locked(row)
    one.refresh_from_db()
    if one.side != selectors.side_of(viewer) or one.withdrawn_at:
        raise Refusal("此附件不能由您收回", where=one.number, remedy="只能收回本方提交且尚未收回的附件")
    if standing.rests_on(one.number):
        raise Refusal(
            "已办理的事项以此附件为材料，不能收回", where=one.number, remedy="可另行补充更正后的附件并写明情况"
        )
    one.withdrawn_at, one.withdrawn_by, one.reason = timezone.now(), viewer.user, reason
    one.save(update_fields=["withdrawn_at", "withdrawn_by", "reason"])
    others = list(file.attachments.filter(kind=one.kind, withdrawn_at=None))
    for paper in file.papers.filter(attachment=one):
        paper.attachment = next((other for other in others if not other.lines or paper.line in other.lines), None)
        paper.state = LinePaper.State.PRESENT if paper.attachment else LinePaper.State.OPEN
        paper.side, paper.told_by, paper.told_at = one.side, viewer.user, one.withdrawn_at
        paper.save()
    _grown(file)
    _write(viewer, row, "收回附件", one)
    return one


@transaction.atomic
def show(viewer: Viewer, pk: int, shown: bool) -> Attachment:
    """The office lets the institution read one of its files, or no longer."""
    one = selectors.attachment(viewer, pk)
    row = standing.standing(viewer, one.file_id)
    if viewer.institutions is not None or one.side != Side.OFFICE or one.withdrawn_at:
        raise Refusal("此附件不能改变机构是否可见", where=one.number, remedy="只有医保部门提交且未收回的附件可以设定")
    one.shown = shown
    one.save(update_fields=["shown"])
    _write(viewer, row, "附件对机构开放" if shown else "附件不再对机构开放", one)
    return one


@transaction.atomic
def opened(viewer: Viewer, pk: int) -> tuple[Attachment, bytes]:
    """A file to read, with the row in the ledger that says who read it."""
    one = selectors.attachment(viewer, pk)
    if one.withdrawn_at:
        raise Refusal("附件已收回，不再提供查看", where=one.number, seen=one.reason, remedy="请查看案卷中的其他附件")
    content = keeping.read(one.sha256)
    _write(viewer, standing.standing(viewer, one.file_id), "查看附件", one)
    return one, content


def _write(viewer: Viewer, row: StateRow, act: str, one: Attachment, **more: object) -> None:
    detail = {"一方": selectors.side_of(viewer).label, "附件": one.number, "材料": one.kind, **more}
    record(viewer.user, act, selectors.LEDGER_KIND, row.object_id, region=row.region, detail=detail)


def _settle(
    viewer: Viewer, file: CaseFile, states: Mapping[tuple[str, str], LinePaper.State], by: Attachment | None
) -> None:
    """Each cell gets its state; cells that nobody spoke of before are made."""
    now, side = timezone.now(), selectors.side_of(viewer)
    rows = [
        LinePaper(
            file=file, line=line, kind=kind, state=state, attachment=by, side=side, told_by=viewer.user, told_at=now
        )
        for (line, kind), state in states.items()
    ]
    LinePaper.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["file", "line", "kind"],
        update_fields=["state", "attachment", "side", "told_by", "told_at"],
        batch_size=500,
    )
    _grown(file)


def _grown(file: CaseFile) -> None:
    file.version += 1
    file.save(update_fields=["version"])


def locked(row: StateRow) -> CaseFile:
    """The case file, held until the transaction ends; made where this is the first that is kept."""
    place = {"region": row.region, "fixmedins_code": row.fixmedins_code}
    CaseFile.objects.get_or_create(pk=row.object_id, defaults=place)
    return CaseFile.objects.select_for_update().get(pk=row.object_id)


def _refuse_closed(viewer: Viewer, row: StateRow) -> None:
    if why := standing.closed_to(viewer, row):
        raise Refusal(why, where="案卷", remedy="如有疑问请与经办人员联系")


def _refuse_full(key: str, sizes: Iterable[int]) -> None:
    """Withdrawn files count: they still lie on the disk."""
    held = Attachment.objects.filter(file_id=key).aggregate(n=Count("pk"), bytes=Sum("size"))
    new, filled = list(sizes), held["bytes"] or 0
    many = held["n"] + len(new) > settings.FINDING_FILES
    if many or filled + sum(new) > settings.FINDING_LIMIT_MB << 20:
        raise Refusal(
            "案卷的附件已满",
            where="案卷",
            seen=f"已有 {held['n']} 个，{filled / (1 << 20):.1f} MB",
            remedy=f"每条疑点最多 {settings.FINDING_FILES} 个、{settings.FINDING_LIMIT_MB} MB，请合并或者压缩后提交",
        )
