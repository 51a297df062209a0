"""A paper as a Word file by docxtpl, the same bytes for the same text, and the check of a bureau's own layout.

A layout is a Word file with places. It may show names, walk through lists and nothing else: the check reads its parsed
places and refuses calls, filters, arithmetic, attributes out of the list, and files that hold macros, embedded objects
or links to the outside. Rendering runs in a sandbox without any function.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import segno
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fundguard.errors import Refusal
from fundguard.papers.kind import Paper

LAYOUT = Path(__file__).with_name("layout.docx")
MAIN = "word/document.xml"
LARGEST = 20 * 1024 * 1024  # bytes of a layout when unpacked
ALLOWED = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.For, nodes.Getattr)
MEMBERS = {"title", "columns", "rows"}
#: Of every file in the package and of the properties: nothing in a Word file tells when it was made.
ZIPPED = (1980, 1, 1, 0, 0, 0)
MOMENT = datetime(2000, 1, 1)
_PLACES = re.compile(rb"\{\{|\{%|\{#")
_FOREIGN = re.compile(rb'TargetMode\s*=\s*"External"|oleObject|vbaProject|altChunk|attachedTemplate', re.IGNORECASE)


def to_word(paper: Paper, *, verify_url: str = "", layout: Path = LAYOUT) -> bytes:
    """The paper as a Word file; `verify_url` becomes a QR code. A bureau's own `layout` is checked first."""
    if layout != LAYOUT:
        check_layout(layout)
    template = DocxTemplate(layout)
    qr: Any = InlineImage(template, _qr(verify_url), width=Mm(24)) if verify_url else ""
    context: Mapping[str, Any] = asdict(paper) | {
        "check_code": f"扫码核验文书编号、日期和是否有效。校验码 {paper.check_code}" if verify_url else "",
        "basis": f"依据：{'、'.join(paper.basis)}" if paper.basis else "",
        "party": f"{paper.party}：" if paper.party else "",
        "qr": qr,
    }
    template.render(context, _environment(), autoescape=True)
    properties = template.docx.core_properties
    properties.created = properties.modified = properties.last_printed = MOMENT
    properties.title, properties.author, properties.last_modified_by = paper.title, paper.issuer, paper.issuer
    properties.comments = ""
    made = io.BytesIO()
    template.save(made)
    return _still(made)


def check_layout(path: Path) -> None:
    """Refusal where a layout could do more than show the paper's text."""
    try:
        with zipfile.ZipFile(path) as package:
            if sum(part.file_size for part in package.infolist()) > LARGEST:
                _refuse("文件过大")
            parts = {part.filename: package.read(part) for part in package.infolist()}
        for name, content in parts.items():
            if _FOREIGN.search(content) or _FOREIGN.search(name.encode()) or b"macroEnabled" in content:
                _refuse(f"{name} 含有宏、嵌入对象或外部链接")
            if name != MAIN and _PLACES.search(content):
                _refuse(f"{name} 中不能有占位标记")
        template = DocxTemplate(path)
        template.render_init()
        tree = _environment().parse(template.patch_xml(template.get_xml()))
    except (zipfile.BadZipFile, KeyError, ValueError, TemplateError) as fault:
        raise Refusal(
            "文书版式不能读取", where="版式文件", seen=type(fault).__name__, remedy="请提供 Word 的 docx 文件"
        ) from None
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, ALLOWED):
            _refuse(f"不允许的写法 {type(node).__name__}")
        if isinstance(node, nodes.Getattr) and node.attr not in MEMBERS:
            _refuse(f"不允许的成员 {node.attr}")


def _environment() -> ImmutableSandboxedEnvironment:
    """A sandbox without functions, filters or tests: nothing in a layout can be called."""
    environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    environment.globals.clear()
    environment.filters.clear()
    environment.tests.clear()
    return environment


def _still(made: io.BytesIO) -> bytes:
    """The package again with its parts in order and without the time of packing."""
    out = io.BytesIO()
    with zipfile.ZipFile(made) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as still:
        for name in sorted(package.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, ZIPPED)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            still.writestr(entry, package.read(name))
    return out.getvalue()


def _qr(text: str) -> io.BytesIO:
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="png", scale=8, border=2)
    drawn.seek(0)
    return drawn


def _refuse(seen: str) -> None:
    raise Refusal(
        "文书版式只能显示内容",
        where="版式文件",
        seen=seen,
        remedy="只用 {{ 名称 }} 和 {% for %}，不用宏、链接、函数和算式；可从系统自带版式改起",
    )
