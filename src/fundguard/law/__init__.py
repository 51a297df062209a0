"""Layer 1. Articles, dated parameters with regional overlays, working-day calendar. Knows no claim."""

from fundguard.law import calendar
from fundguard.law.citation import Article, article, articles
from fundguard.law.dated import Period, Value, parameter, parameter_keys, parameter_units, periods, places, version

__all__ = [
    "Article",
    "Period",
    "Value",
    "article",
    "articles",
    "calendar",
    "parameter",
    "parameter_keys",
    "parameter_units",
    "periods",
    "places",
    "version",
]
