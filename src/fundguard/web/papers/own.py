"""A bureau's own kinds of papers and Word layout, from the folder that FUNDGUARD_PAPERS names."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from fundguard.papers import LAYOUT, Fonts, Kind, kinds


def own_kinds() -> dict[str, Kind]:
    return kinds((settings.PAPERS,) if settings.PAPERS else ())


def own_layout() -> Path:
    """`layout.docx` of the folder, else the product's."""
    own = settings.PAPERS / LAYOUT.name if settings.PAPERS else LAYOUT
    return own if own.is_file() else LAYOUT


def own_fonts() -> Fonts:
    return Fonts(settings.FONTS, settings.FONT_FAMILY)
