"""From an uploaded file to the tables of a proposal: what it would change against the knowledge that holds."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from django.conf import settings

from fundguard import knowledge
from fundguard.errors import Refusal
from fundguard.knowledge import Knowledge
from fundguard.knowledge.difference import Change, counted, difference
from fundguard.knowledge.draft import Batch
from fundguard.knowledge.proposal import SIGNERS, Overlay, propose, refuse_contradictions
from fundguard.knowledge.prose import READINGS
from fundguard.knowledge.schema import LIMIT_TABLES
from fundguard.knowledge.source import PLAIN_TABLES, read_folder
from fundguard.knowledge.templates import read_templates
from fundguard.knowledge.versions import content_hash, prefix_of
from fundguard.knowledge.workbook import read_official
from fundguard.rules import catalogue
from fundguard.web.core.known import of_region
from fundguard.web.evidence.checking import checked
from fundguard.web.knowledge_base.models import Proposal

WHERE = "上传的文件"
UNPACKED = 100 << 20  # bytes of all files of a package
_FILES = {f"{name}.csv" for name in (*PLAIN_TABLES, *LIMIT_TABLES)} - {"phrase.csv"}


@dataclass(frozen=True)
class Asked:
    """What a file is handed in as."""

    form: str
    region: str
    batch: str
    valid_from: date
    rule_code: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Read:
    """What it would change, and the hashes it is known by."""

    base: str
    changes: list[Change]
    same: int
    content_hash: str

    def told(self) -> dict[str, object]:
        """The columns of a proposal."""
        rows = [
            {
                "kind": change.kind,
                "point": change.point.point_id,
                "rule": change.point.rule_code,
                "name": change.point.name,
                "told": list(change.told),
                "former": change.former,
            }
            for change in self.changes
        ]
        counts = {"changes": rows, "counts": counted(self.changes)}
        return counts | {"base": self.base, "same": self.same, "content_hash": self.content_hash}


def read(upload: Path, asked: Asked, folder: Path) -> Read:
    """Writes the tables of the proposal into `folder`. Refuses what cannot be read, contradicts itself or changes
    nothing."""
    known = of_region(asked.region)
    made = _FORMS[asked.form](upload, asked, known)
    if made.empty:
        raise Refusal(
            "与现行知识库相同，没有变化",
            where=WHERE,
            seen=f"{made.same} 个知识点未变",
            remedy="请核对文件；没有变化的不需要提出版本",
        )
    unknown = {row["rule_code"] for row in made.rows["point"]} - set(catalogue.load()) - set(READINGS)
    if unknown:
        raise Refusal("没有这条规则", where=WHERE, seen="、".join(sorted(unknown)), remedy="请先登记规则，再导入知识点")
    made.write(folder)
    after = knowledge.of_region(asked.region, settings.KNOWLEDGE, folder)
    refuse_contradictions(after, made.places, made.places)
    return Read(known.version, difference(known, after), made.same, content_hash(folder))


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _official(upload: Path, asked: Asked, known: Knowledge) -> Overlay:
    whole = frozenset({asked.rule_code}) if asked.whole else frozenset()
    drafts = read_official(_workbook(upload), asked.rule_code)
    return propose(drafts, known, Batch(asked.batch, asked.valid_from, whole), prefix_of(asked.region))


def _template(upload: Path, asked: Asked, known: Knowledge) -> Overlay:
    drafts = read_templates(_workbook(upload))
    whole = frozenset(draft.rule_code for draft in drafts) if asked.whole else frozenset()
    return propose(drafts, known, Batch(asked.batch, asked.valid_from, whole), prefix_of(asked.region))


def _workbook(upload: Path) -> Path:
    """The workbook when its content was checked: no macros, no embedded programs, no bomb."""
    checked(upload, upload.with_name("checked.xlsx"), WHERE, ("xlsx",))
    return upload.with_name("checked.xlsx")


def _folder(upload: Path, asked: Asked, known: Knowledge) -> Overlay:
    """Our own tables as CSV files in a zip. Signatures are given on the platform: those in the files do not count."""
    target = upload.with_name("tables")
    target.mkdir()
    try:
        with zipfile.ZipFile(upload) as packed:
            _unpack(packed, target)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        raise Refusal(
            "不是可以读取的压缩包", where=WHERE, remedy="请把 CSV 文件压缩成不加密的 zip 文件后上传"
        ) from None
    made = Overlay()
    for name, lines in read_folder(target).items():
        for line in lines:
            made.add(name, _unsigned(name, line.values))
            if name == "point":
                made.places[line["point_id"]] = f"{line.file} 第{line.number}行"
    return made


def _unsigned(table: str, row: Mapping[str, str]) -> dict[str, str]:
    if table != "point":
        return dict(row)
    return dict(row) | (SIGNERS if row["derived_by"] == "prose" else dict.fromkeys(SIGNERS, ""))


def _unpack(packed: zipfile.ZipFile, target: Path) -> None:
    members = [one for one in packed.infolist() if not one.is_dir()]
    if sum(one.file_size for one in members) > UNPACKED:
        raise Refusal("压缩包解压后过大", where=WHERE, remedy=f"请不超过 {UNPACKED >> 20} MB，分批上传")
    for one in members:
        name = PurePosixPath(one.filename).name
        if name not in _FILES or (target / name).exists():
            raise Refusal(
                "压缩包里有不认识的文件", where=WHERE, seen=name[:80], remedy=f"只能有：{'、'.join(sorted(_FILES))}"
            )
        (target / name).write_bytes(packed.read(one))


_FORMS = {
    Proposal.Form.OFFICIAL: _official,
    Proposal.Form.TEMPLATE: _template,
    Proposal.Form.FOLDER: _folder,
}
