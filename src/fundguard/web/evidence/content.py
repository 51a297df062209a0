"""What a file really is, and whether it can be kept: judged by its content, never by its name.

Runs as a program of its own (`checking.py` starts it with bounds on memory and time), because it opens files that
strangers send: `python -I content.py IN OUT KIND…` reads IN, writes what is to be kept to OUT and prints JSON,
`{"kind": …}` or `{"seen": …, "remedy": …}` where the file is refused. Knows nothing of the site.
"""

from __future__ import annotations

import io
import json
import re
import resource
import shutil
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

MEMORY = 1 << 30  # bytes
SECONDS = 20  # of processor time
PIXELS = 64_000_000
PDF_OBJECTS = 200_000
UNPACKED = 200 << 20  # bytes of all members of a package
MEMBERS = 5_000
ZIP_END = 22  # bytes of the end record without a comment
QUALITY = 92  # of a JPEG written anew
#: How a file begins → what it is. The first three are pictures and documents that can be kept.
BEGINS = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "package"),
    (b"MZ", "Windows 程序"),
    (b"\x7fELF", "Linux 程序"),
    (b"\xca\xfe\xba\xbe", "程序"),
    (b"\xcf\xfa\xed\xfe", "macOS 程序"),
    (b"#!", "脚本"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版 Office 文件或安装包"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf\x27\x1c", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"GIF8", "GIF 图片"),
    (b"BM", "BMP 图片"),
    (b"II*\x00", "TIFF 图片"),
    (b"MM\x00*", "TIFF 图片"),
    (b"RIFF", "WebP 图片或音视频"),
)
_MARKUP = re.compile(rb"<(!doctype|html|svg|script|\?xml|head|body)", re.IGNORECASE)
#: What a document package may hold, by the ends of its members' names.
OFFICE_MEMBERS = frozenset({".xml", ".rels", ".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".tif", ".tiff"})
OFD_MEMBERS = frozenset(
    {".xml", ".png", ".jpg", ".jpeg", ".bmp", ".jb2", ".gbig2", ".ttf", ".otf", ".esl", ".dat", ".tif"}
)
_ACTIVE_MEMBER = re.compile(r"vbaProject|vbaData|activeX|embeddings/|oleObject|ctrlProps|macrosheets", re.IGNORECASE)
_ACTIVE_TEXT = re.compile(rb"macroEnabled|vbaProject|altChunk|oleObject|<!DOCTYPE|<!ENTITY|DDEAUTO", re.IGNORECASE)
_PDF_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/RichMediaExecute"}
)
_PDF_KEYS = frozenset({"/JS", "/JavaScript", "/EF", "/EmbeddedFiles", "/XFA", "/RichMediaContent"})
_PDF_SUBTYPES = frozenset({"/RichMedia", "/FileAttachment", "/Screen", "/3D", "/EmbeddedFile"})
_PDF_WORDS = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia)\b")
SAVE_AS = "请另存为 PDF、JPEG、PNG、docx、xlsx 或 OFD 后重新上传"
PRINT = "请用打印的方式另存为 PDF 后重新上传"


class Refused(Exception):
    """`seen` what the file is or holds, `remedy` what to do; both in Chinese."""

    def __init__(self, seen: str, remedy: str = SAVE_AS) -> None:
        super().__init__(seen)
        self.seen, self.remedy = seen, remedy


def check(source: Path, target: Path, wanted: frozenset[str]) -> str:
    """The kind of `source`, one of `wanted`; what is to be kept of it stands in `target`. Refused otherwise."""
    kind = sniffed(source)
    if kind == "package":
        kind = _package(source)
    if kind not in wanted:
        raise Refused(f"文件内容是 {kind}，不在可接收的类型之内")
    _CHECKS[kind](source, target)
    return kind


def sniffed(source: Path) -> str:
    """What the first bytes say; `package` is a zip of any sort."""
    with source.open("rb") as file:
        first = file.read(4096)
    if not first:
        raise Refused("文件是空的", "请核对文件后重新上传")
    kind = next((kind for begin, kind in BEGINS if first.startswith(begin)), "")
    if kind in ("package", "jpeg", "png") and b"%PDF-" in first[:1024]:
        raise Refused("文件同时是两种类型")
    if kind:
        return kind
    if _MARKUP.search(first):
        return "网页或 SVG 图形"
    if first[4:8] == b"ftyp":
        return "HEIC 图片或视频"
    return "不能识别的类型"


def _picture(source: Path, target: Path, form: str) -> None:
    """Written anew from its pixels: nothing of the old file but what can be seen, the right way up."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # the bound below counts
    try:
        with Image.open(source, formats=[form]) as opened:
            if opened.width * opened.height > PIXELS:
                raise Refused(f"图片有 {opened.width}×{opened.height} 像素，过大", "请缩小后重新上传")
            image = ImageOps.exif_transpose(opened)
            modes = {"1": "L", "L": "L", "RGBA": "RGBA", "LA": "RGBA", "PA": "RGBA"}
            mode = "RGBA" if "transparency" in image.info else modes.get(image.mode, "RGB")
            clean = image.convert("RGB" if form == "JPEG" and mode == "RGBA" else mode)
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise Refused("图片已损坏，不能读取", "请重新拍摄或扫描后上传") from error
    clean.info.clear()
    if form == "JPEG":
        clean.save(target, "JPEG", quality=QUALITY)
    else:
        clean.save(target, "PNG")


def _pdf(source: Path, target: Path) -> None:
    """Kept as it came; refused where it could do anything when opened, hides something, or cannot be looked through."""
    from pypdf import PdfReader

    content = source.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(content)) or content.rpartition(b"%%EOF")[2].strip(b"\0 \r\n\t"):
        raise Refused("PDF 之后还有别的内容", PRINT)
    if _PDF_WORDS.search(content):
        raise Refused("PDF 中有脚本、启动命令或内嵌文件", PRINT)
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise Refused("PDF 已加密，不能检查", "请解除密码后重新上传")
        if not reader.pages:
            raise Refused("PDF 没有页面", PRINT)
        for one in _pdf_objects(reader):
            _pdf_harmless(one)
    except Refused:
        raise
    except Exception as error:  # whatever a broken file makes the reader do
        raise Refused("PDF 结构已损坏，不能检查", PRINT) from error
    shutil.copyfile(source, target)


def _pdf_objects(reader: Any) -> Iterator[Any]:
    """Every object that the file lists, and its trailer."""
    from pypdf.generic import IndirectObject

    listed = {(number, generation) for generation, numbers in reader.xref.items() for number in numbers}
    listed |= {(number, 0) for number in reader.xref_objStm}
    if len(listed) > PDF_OBJECTS:
        raise Refused("PDF 的对象过多", PRINT)
    yield reader.trailer
    for number, generation in sorted(listed):
        if number:
            yield IndirectObject(number, generation, reader).get_object()


def _pdf_harmless(one: Any) -> None:
    """Looks into what stands directly in an object; what it points to is an object of its own."""
    waiting = [one]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            acts = {str(part.raw_get(name)) for name in ("/S",) if name in part}
            kind = str(part.raw_get("/Subtype")) if "/Subtype" in part else ""
            if _PDF_KEYS & part.keys() or _PDF_ACTIONS & acts or kind in _PDF_SUBTYPES:
                raise Refused("PDF 中有脚本、启动命令或内嵌文件", PRINT)
            waiting.extend(part.raw_get(name) for name in part)
        elif isinstance(part, list):
            waiting.extend(list.__iter__(part))


def _package(source: Path) -> str:
    """docx, xlsx or ofd by what the package holds; bounds of a zip are checked before anything is unpacked."""
    try:
        with zipfile.ZipFile(source) as package:
            members = package.infolist()
            names = {member.filename for member in members}
            if min((member.header_offset for member in members), default=1) or not _ends_with_its_directory(source):
                raise Refused("文件同时是两种类型")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused("文件已损坏，不能读取") from error
    if len(members) > MEMBERS or len(names) < len(members) or sum(m.file_size for m in members) > UNPACKED:
        raise Refused("压缩文件展开后过大或者过多")
    if any(member.flag_bits & 1 for member in members):
        raise Refused("文件已加密，不能检查", "请解除密码后重新上传")
    if "OFD.xml" in names:
        return "ofd"
    if "[Content_Types].xml" in names:
        return next((kind for part, kind in _OFFICE.items() if part in names), "不能识别的 Office 文件")
    return "压缩包"


def _ends_with_its_directory(source: Path) -> bool:
    """Nothing stands behind the end record of a zip, and no comment in it."""
    with source.open("rb") as file:
        file.seek(-ZIP_END, io.SEEK_END)
        return file.read(4) == b"PK\x05\x06"


_OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}


def _document(source: Path, target: Path, allowed: frozenset[str]) -> None:
    """Kept as it came; refused where it holds macros, objects, templates from elsewhere, or files of other kinds."""
    left = UNPACKED
    try:
        with zipfile.ZipFile(source) as package:
            for member in package.infolist():
                if member.is_dir():
                    continue
                suffix = "." + member.filename.rpartition(".")[2].lower()
                printer = allowed is OFFICE_MEMBERS and "printerSettings" in member.filename and suffix == ".bin"
                if _ACTIVE_MEMBER.search(member.filename) or not (suffix in allowed or printer):
                    raise Refused(f"文件中有宏、内嵌对象或不允许的内容（{member.filename[:60]}）")
                with package.open(member) as file:
                    content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise Refused("压缩文件展开后过大或者过多")
                if suffix in (".xml", ".rels"):
                    _markup_harmless(content, relations=suffix == ".rels")
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise Refused("文件已损坏，不能读取") from error
    shutil.copyfile(source, target)


def _markup_harmless(content: bytes, *, relations: bool) -> None:
    if b"\0" in content or _ACTIVE_TEXT.search(content):
        raise Refused("文件中有宏、内嵌对象或外部引用")
    if not relations:
        return
    try:
        tree = ElementTree.fromstring(content)  # noqa: S314 (no document type gets here, and this program is bounded)
    except ElementTree.ParseError as error:
        raise Refused("文件已损坏，不能读取") from error
    for one in tree.iter():
        link = one.get("Type", "").endswith("/hyperlink")
        if one.get("TargetMode", "").lower() == "external" and not link:
            raise Refused("文件引用了外部内容")


_CHECKS: dict[str, Callable[[Path, Path], None]] = {
    "jpeg": lambda source, target: _picture(source, target, "JPEG"),
    "png": lambda source, target: _picture(source, target, "PNG"),
    "pdf": _pdf,
    "docx": lambda source, target: _document(source, target, OFFICE_MEMBERS),
    "xlsx": lambda source, target: _document(source, target, OFFICE_MEMBERS),
    "ofd": lambda source, target: _document(source, target, OFD_MEMBERS),
}


def main(source: str, target: str, *wanted: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    warnings.simplefilter("ignore")
    try:
        told = {"kind": check(Path(source), Path(target), frozenset(wanted))}
    except Refused as refused:
        told = {"seen": refused.seen, "remedy": refused.remedy}
    except (MemoryError, RecursionError):
        told = {"seen": "文件过于复杂，不能检查", "remedy": SAVE_AS}
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
