"""SQL as coloured, escaped HTML, made on the server: the page needs no script."""

from __future__ import annotations

import re

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_KEYWORDS = [
    "ALL",
    "AND",
    "AS",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "COUNT",
    "CREATE",
    "CROSS",
    "DELETE",
    "DESC",
    "DISTINCT",
    "DROP",
    "ELSE",
    "END",
    "EXISTS",
    "FROM",
    "GROUP",
    "HAVING",
    "IF",
    "IN",
    "INSERT",
    "INTO",
    "IS",
    "JOIN",
    "LAG",
    "LEFT",
    "MAX",
    "MIN",
    "NOT",
    "NULL",
    "ON",
    "OR",
    "ORDER",
    "OVER",
    "PARTITION",
    "RECURSIVE",
    "ROWS",
    "SELECT",
    "SET",
    "SUM",
    "TABLE",
    "TEMP",
    "TEXT",
    "THEN",
    "UNION",
    "UPDATE",
    "VALUES",
    "WHEN",
    "WHERE",
    "WITH",
]
_TOKEN = re.compile(
    rf"(?P<text>'[^']*')|(?P<note>--[^\n]*)|(?P<word>\b(?:{'|'.join(_KEYWORDS)})\b)|(?P<number>\b\d+\b)", re.IGNORECASE
)


def highlighted(text: str) -> SafeString:
    """The text with spans of class sql-text, sql-note, sql-word and sql-number."""
    parts: list[tuple[SafeString | str]] = []
    end = 0
    for match in _TOKEN.finditer(text):
        parts.append((text[end : match.start()],))
        parts.append((format_html('<span class="sql-{}">{}</span>', match.lastgroup, match.group()),))
        end = match.end()
    parts.append((text[end:],))
    return format_html_join("", "{}", parts)
