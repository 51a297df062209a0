"""A paper as PDF/A-2b by Typst: our own layout, the text handed over as data that is shown and never evaluated."""

from __future__ import annotations

import io
import json
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import segno
import typst

from fundguard.errors import Refusal
from fundguard.papers.kind import Paper

LAYOUT = Path(__file__).with_name("layout.typ")
#: Families in the order tried; the first that the folders hold sets the text.
FAMILIES = ("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Noto Sans CJK SC", "Noto Sans SC")
SYSTEM = (
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/truetype/noto"),
    Path("/usr/share/fonts/noto-cjk"),
)
#: Nothing in a PDF tells when it was made: the day of issue stands in the text.
MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Fonts:
    """Where the fonts are. `folder` (a bureau's own) comes before Debian's; `family` is one that it holds."""

    folder: Path | None = None
    family: str = ""


def to_pdf(paper: Paper, *, verify_url: str = "", fonts: Fonts | None = None) -> bytes:
    """The paper as PDF; `verify_url` becomes a QR code. Refusal where no Chinese font is installed."""
    known, family = _found(fonts or Fonts())
    content = asdict(paper) | {"check_code": paper.check_code, "qr": _qr(verify_url) if verify_url else ""}
    # The layout stands alone in its root: even one that asked for another file or a package would find none.
    with tempfile.TemporaryDirectory(prefix="fundguard-") as root:
        layout = Path(root, LAYOUT.name)
        layout.write_bytes(LAYOUT.read_bytes())
        return typst.compile(
            layout,
            root=Path(root),
            package_path=Path(root),
            package_cache_path=Path(root),
            font_paths=known,
            ignore_system_fonts=True,
            sys_inputs={"content": json.dumps(content, ensure_ascii=False), "family": family},
            pdf_standards="a-2b",
            timestamp=MOMENT,
        )


@cache
def _found(fonts: Fonts) -> tuple[typst.Fonts, str]:
    folders = [folder for folder in (fonts.folder, *SYSTEM) if folder and folder.is_dir()]
    known = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    for family in (fonts.family, *FAMILIES):
        if family in known.families():
            return known, family
    raise Refusal(
        "本机没有中文字体，不能生成 PDF",
        where="字体文件夹",
        seen="、".join(str(folder) for folder in folders) or "没有找到字体文件夹",
        remedy="请安装 fonts-noto-cjk，或用 FUNDGUARD_FONTS 指向放有中文字体的文件夹；Word 文件不受影响",
    )


def _qr(text: str) -> str:
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", xmldecl=False, border=2)
    return drawn.getvalue().decode()
