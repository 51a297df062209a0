"""Papers: a declared kind and typed values become one text, and that text a Word file, a PDF and a hash. No Django.

The same text gives the same bytes each time. Kinds are data (`kinds/*.yaml`); a bureau's own kinds and its own Word
layout are data as well: nothing in them is executed (`kind.py`, `word.py` say what they may hold).
"""

from fundguard.papers.kind import Heading, Kind, Paper, Table, compose, kinds
from fundguard.papers.pdf import Fonts, to_pdf
from fundguard.papers.word import LAYOUT, check_layout, to_word

__all__ = [
    "LAYOUT",
    "Fonts",
    "Heading",
    "Kind",
    "Paper",
    "Table",
    "check_layout",
    "compose",
    "kinds",
    "to_pdf",
    "to_word",
]
