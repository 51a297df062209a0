"""Writes: keep what was uploaded, import it in the background, remove it."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from fundguard.audit.kept import prepare
from fundguard.claims.intake import import_path
from fundguard.claims.store import Store
from fundguard.web.accounts.guard import Viewer
from fundguard.web.jobs import services as jobs
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import Cancelled, Report
from fundguard.web.ledger.services import record
from fundguard.web.runs.pages import step_name

KIND = "import"
LEFT_SECONDS = 6 * 3600  # an upload that no job names may still be on its way into the folder


def start_import(
    viewer: Viewer,
    uploads: Sequence[UploadedFile],
    *,
    mapping: str = "",
    encoding: str = "",
    as_of: datetime | None = None,
) -> Job:
    """Keep the files and queue their import. `as_of` is a Shanghai time without zone."""
    drawn = secrets.token_hex(16)
    names = keep(uploads, settings.UPLOADS / drawn / f"{len(uploads)}个文件")
    title = f"导入 {names[0]}" + (f" 等 {len(names)} 个文件" if len(names) > 1 else "")
    try:
        with transaction.atomic():
            job = jobs.start(
                KIND,
                title[:200],
                viewer.user,
                folder=drawn,
                files=names,
                mapping=mapping,
                encoding=encoding,
                as_of=as_of.isoformat() if as_of else "",
            )
            detail = {
                "文件": len(names),
                "字节": sum(one.size or 0 for one in uploads),
                "对照": mapping or "国家标准表",
            }
            record(viewer.user, "发起数据导入", "数据导入", str(job.pk), detail=detail)
    except BaseException:
        shutil.rmtree(settings.UPLOADS / drawn, ignore_errors=True)
        raise
    return job


def keep(uploads: Sequence[UploadedFile], folder: Path) -> list[str]:
    """Write the files into the new folder, each under a name rebuilt from its letters and digits; these names."""
    folder.mkdir(parents=True, mode=0o700)
    names: list[str] = []
    for upload in uploads:
        name = rebuilt(upload.name or "", names)
        with (folder / name).open("xb") as target:
            for chunk in upload.chunks():
                target.write(chunk)
        names.append(name)
    return names


def rebuilt(name: str, taken: Collection[str]) -> str:
    """A file name of letters, digits, `.`, `_`, `-` that still tells the table; never a path, hidden, given twice."""
    given = PurePath(name.replace("\\", "/")).name
    stem, dot, suffix = given.rpartition(".")
    stem = re.sub(r"[^\w.-]+", "_", stem if dot else given)[:80].strip("._") or "file"
    ending = "." + re.sub(r"[^a-z0-9]", "", suffix.lower())[:8] if dot else ""
    made, number = stem + ending, 1
    while made in taken:
        number += 1
        made = f"{stem}-{number}{ending}"
    return made


def perform(job: Job, report: Report) -> dict[str, Any]:
    """The job: import the kept files as one arrival, then bring the derived file up to date."""
    told = job.parameters
    folder = settings.UPLOADS / told["folder"]
    files = folder / f"{len(told['files'])}个文件"  # the arrival's source is called so
    try:
        result = import_path(
            files / told["files"][0] if len(told["files"]) == 1 else files,
            settings.STORE,
            mapping=told["mapping"] or None,
            encoding=told["encoding"] or None,
            as_of=datetime.fromisoformat(told["as_of"]) if told["as_of"] else None,
            progress=lambda done, total, rows: report(done * 95 // max(total, 1), 100, f"已读取 {rows:,} 行"),
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        sweep()
    counts = {name: asdict(count) for name, count in result.tables.items()}
    totals = {"读入": sum(c["read"] for c in counts.values()), "隔离": sum(c["quarantined"] for c in counts.values())}
    record(job.created_by, "数据导入完成", "导入批次", str(result.arrival), detail=totals)
    _tell(report, 95, "正在生成查询库")
    prepare(
        Store.open(settings.STORE), lambda done, total, name: _tell(report, 97 + done * 3 // total, step_name(name))
    )
    return {
        "arrival": result.arrival,
        "files": [asdict(one) for one in result.files],
        "reasons": result.reasons,
        "marked": result.marked,
        "unrecognised": result.unrecognised,
    }


def _tell(report: Report, done: int, what: str) -> None:
    """Report what follows an import: the rows are in, so it is too late to cancel."""
    with suppress(Cancelled):
        report(done, 100, what)


def sweep() -> None:
    """Remove uploads that no waiting or running import will read: of cancelled ones and of killed workers."""
    active = Job.objects.filter(kind=KIND, state__in=(Job.State.WAITING, Job.State.RUNNING))
    wanted = {parameters["folder"] for parameters in active.values_list("parameters", flat=True)}
    for folder in settings.UPLOADS.glob("*"):
        if folder.name not in wanted and folder.stat().st_mtime < time.time() - LEFT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def record_opening(viewer: Viewer, arrival: int, reason: str, rows: int) -> None:
    """Raw rows hold clear identities: who opened how many, and why, stands in the ledger before they leave."""
    record(viewer.user, "下载被隔离的原始行", "导入批次", str(arrival), detail={"理由": reason, "行数": rows})
