"""Build the Word layout of all papers, `src/fundguard/papers/layout.docx`; a bureau starts its own from it."""

from __future__ import annotations

import sys
from pathlib import Path

from docx import Document
from docx.document import Document as Made
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

TARGET = Path(__file__).resolve().parent.parent / "src" / "fundguard" / "papers" / "layout.docx"
INDENTED = ("{{ text }}", "{{ basis }}")
FONT = "仿宋"  # Word takes the reader's own where it has none


def main() -> int:
    made = Document()
    page = made.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(32), Mm(30), Mm(26), Mm(24)
    style = made.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    centre = WD_ALIGN_PARAGRAPH.CENTER
    _line(made, "{{ title }}", size=20, bold=True, align=centre)
    _line(made, "{{ number }}", size=12, align=centre)
    _line(made, "{{ party }}")
    _line(made, "{%p for text in paragraphs %}")
    _line(made, "{{ text }}")
    _line(made, "{%p endfor %}")
    _line(made, "{%p for table in tables %}")
    _line(made, "{{ table.title }}", size=11, bold=True)
    _table(made)
    _line(made, "{%p endfor %}")
    _line(made, "{{ basis }}")
    _line(made, "{{ issuer }}", align=WD_ALIGN_PARAGRAPH.RIGHT)
    _line(made, "{{ issued_on }}", align=WD_ALIGN_PARAGRAPH.RIGHT)
    _line(made, "{{ qr }}")
    _line(made, "{{ check_code }}", size=9)
    made.save(TARGET)
    return 0


def _line(made: Made, text: str, *, size: int = 14, bold: bool = False, align: int | None = None) -> None:
    paragraph = made.add_paragraph()
    _write(paragraph, text, size, bold)
    paragraph.alignment = align
    paragraph.paragraph_format.first_line_indent = Pt(28) if text in INDENTED else None
    paragraph.paragraph_format.space_after = Pt(4)


def _table(made: Made) -> None:
    """A row of heads, a row repeated for each row of the table; columns are as many as the table has."""
    table = made.add_table(rows=4, cols=3)
    table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    cells = (
        ("{%tc for head in table.columns %}", "{{ head }}", "{%tc endfor %}"),
        ("{%tr for row in table.rows %}", "", ""),
        ("{%tc for cell in row %}", "{{ cell }}", "{%tc endfor %}"),
        ("{%tr endfor %}", "", ""),
    )
    for row, texts in zip(table.rows, cells, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            _write(cell.paragraphs[0], text, 9, text == "{{ head }}")


def _write(paragraph: Paragraph, text: str, size: int, bold: bool) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold
    run.font.name = FONT
    run._element.rPr.rFonts.set(qn("w:eastAsia"), FONT)


if __name__ == "__main__":
    sys.exit(main())
