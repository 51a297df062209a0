"""Catalogues of codes (drugs, items, consumables, diagnoses) as versioned imports: names in search, words for a code
that no catalogue knows. A catalogue accuses nobody."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from fundguard.claims.store import durable
from fundguard.errors import Refusal
from fundguard.knowledge import sheets
from fundguard.knowledge.sheets import Cell, Line
from fundguard.web.accounts.guard import Viewer
from fundguard.web.evidence.checking import checked
from fundguard.web.knowledge_base.models import Catalogue
from fundguard.web.knowledge_base.reading import WHERE, digest
from fundguard.web.ledger.services import record

LEDGER_KIND = "编码目录"
#: How the columns are called in the files of each catalogue; a diagnosis code has its own form.
_HEADS = {
    "code": (
        "编码",
        "代码",
        "项目编码",
        "药品代码",
        "药品编码",
        "耗材编码",
        "耗材代码",
        "项目代码",
        "诊断代码",
        "诊断编码",
    ),
    "name": ("名称", "项目名称", "药品名称", "注册名称", "通用名", "耗材名称", "诊断名称", "医保通用名"),
}
_DIAGNOSIS = re.compile(r"[A-Z][0-9A-Z]{2}[0-9A-Zx.+*†]{0,12}")
_SHOWN = 20


def take_over(viewer: Viewer, upload: UploadedFile, told: dict[str, object], place: Path) -> Catalogue:
    """A new version of a catalogue out of an .xlsx or a .csv file in UTF-8. Refuses one that says the same."""
    path = place / "upload"
    with path.open("wb") as target:
        for chunk in upload.chunks():
            target.write(chunk)
    kind = str(told["kind"])
    rows = dict(_rows(path, (upload.name or "").lower().endswith(".csv"), kind))
    if not rows:
        raise Refusal("目录里没有编码", where=WHERE, remedy="请确认文件有“编码”“名称”两列和内容")
    with transaction.atomic(), durable.locked(settings.KNOWLEDGE / "catalogues.lock", wait=True):
        former = latest(kind)
        before = _names(former.file) if former else {}
        if before == rows:
            raise Refusal("与现行目录相同，没有变化", where=WHERE, seen=str(former), remedy="不需要再次导入")
        number = former.number + 1 if former else 1
        file = f"catalogues/{kind}/{number}.parquet"
        target = settings.KNOWLEDGE / file
        _write(target, rows)
        made = Catalogue.objects.create(
            kind=kind,
            number=number,
            title=told["title"],
            day=told["day"],
            rows=len(rows),
            added=len(rows.keys() - before.keys()),
            changed=sum(before[code] != rows[code] for code in rows.keys() & before.keys()),
            gone=len(before.keys() - rows.keys()),
            file=file,
            content_hash=digest(target),
            made_by=viewer.user,
        )
        home = viewer.user.region.code if viewer.user.region else ""
        counts = {"编码数": made.rows, "新增": made.added, "更名": made.changed, "删除": made.gone}
        record(viewer.user, "导入编码目录", LEDGER_KIND, str(made), region=home, detail=counts)
    return made


def latest(kind: str) -> Catalogue | None:
    return Catalogue.objects.filter(kind=kind).order_by("-number").first()


def in_use() -> list[Catalogue]:
    """The latest of each kind."""
    found = [latest(kind) for kind in Catalogue.Kind.values]
    return [one for one in found if one]


def names_of(code: str) -> list[tuple[str, str]]:
    """Catalogue → its name of the code, in those that are in use."""
    found = [(one, _table(one.file).filter(pc.field("code") == code)["name"].to_pylist()) for one in in_use()]
    return [(f"{one.get_kind_display()}目录第 {one.number} 版", name) for one, names in found for name in names]


def search(text: str, most: int) -> list[tuple[str, str]]:
    """Codes with their names, by the start of the code or a part of the name."""
    sought = unicodedata.normalize("NFKC", text).strip()
    if len(sought) < 2:
        return []
    found: list[tuple[str, str]] = []
    for one in in_use():
        table = _table(one.file)
        hit = pc.or_(
            pc.starts_with(table["code"], sought.upper()), pc.match_substring(table["name"], sought, ignore_case=True)
        )
        hits = table.filter(hit).slice(0, most - len(found))
        found += zip(hits["code"].to_pylist(), hits["name"].to_pylist(), strict=True)
    return found


def compared(one: Catalogue) -> dict[str, list[tuple[str, str]]]:
    """What the version changed against the one before it: word → (code, name), the first of each."""
    former = Catalogue.objects.filter(kind=one.kind, number=one.number - 1).first()
    before, after = _names(former.file) if former else {}, _names(one.file)
    added = [(code, after[code]) for code in sorted(after.keys() - before.keys())]
    gone = [(code, before[code]) for code in sorted(before.keys() - after.keys())]
    both = sorted(code for code in after.keys() & before.keys() if after[code] != before[code])
    changed = [(code, f"{before[code]} → {after[code]}") for code in both]
    return {"新增": added[:_SHOWN], "更名": changed[:_SHOWN], "删除": gone[:_SHOWN]}


def _rows(path: Path, is_csv: bool, kind: str) -> Iterator[tuple[str, str]]:
    """Code and name of each row. Refuses by cell what is no code, an empty name, a code with two names."""
    seen: dict[str, str] = {}
    for line in _csv(path) if is_csv else _workbook(path):
        if sheets.is_total(line):
            continue
        code = _diagnosis(line["code"]) if kind == Catalogue.Kind.DIAGNOSIS else sheets.code(line["code"])
        name = sheets.name(line["name"])
        if seen.setdefault(code, name) != name:
            raise line["code"].refuse("同一编码有两个名称", f"前面的名称是“{seen[code][:40]}”，请只保留一个")
        yield code, name


def _diagnosis(cell: Cell) -> str:
    if not _DIAGNOSIS.fullmatch(cell.text):
        raise cell.refuse("诊断编码不合规范", "编码以一个大写字母和两位数字开头，不含空格和全角字符")
    return cell.text


def _workbook(path: Path) -> Iterator[Line]:
    checked(path, path.with_name("checked.xlsx"), WHERE, ("xlsx",))
    read = sheets.read(path.with_name("checked.xlsx"))
    if len(read) != 1:
        seen = "、".join(sheet.name for sheet in read)
        raise Refusal("目录须是一张工作表", where=WHERE, seen=seen, remedy="请只保留目录所在的工作表")
    yield from sheets.table(read[0], _HEADS, ("code", "name"))


def _csv(path: Path) -> Iterator[Line]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(
            "文件不是 UTF-8 编码", where=WHERE, remedy="请另存为 UTF-8 编码的 CSV 文件，或上传 .xlsx"
        ) from None
    lines = list(csv.reader(io.StringIO(text, newline="")))
    width = max(map(len, lines), default=0)
    rows = [
        [Cell("CSV", number, place, cell.strip()) for place, cell in enumerate((*line, *[""] * (width - len(line))), 1)]
        for number, line in enumerate(lines, start=1)
    ]
    yield from sheets.table(sheets.Sheet("CSV", rows, ()), _HEADS, ("code", "name"))


def _write(target: Path, rows: dict[str, str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_suffix(".part")
    codes = sorted(rows)
    pq.write_table(pa.table({"code": codes, "name": [rows[code] for code in codes]}), beside)
    durable.move(beside, target)


def _table(file: str) -> pa.Table:
    return _read(settings.KNOWLEDGE / file)


def _names(file: str) -> dict[str, str]:
    table = _table(file)
    return dict(zip(table["code"].to_pylist(), table["name"].to_pylist(), strict=True))


@lru_cache(maxsize=8)  # a version never changes
def _read(path: Path) -> pa.Table:
    return pq.read_table(path)
